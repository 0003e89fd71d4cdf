import { describe, expect, it } from 'vitest';
import { flights, flightsJson } from '../../test/definitions/flights.ts';
import { parseDefinitions } from '../definitions/parse.ts';
import type { RegistrySnapshot } from '../ports/registry-store.ts';
import { compileDefinitions, compileRegistry } from './compile.ts';
import { planChange } from './plan.ts';
import { applyChange } from './snapshot.ts';

const empty: RegistrySnapshot = { revision: 0, versions: [], retired: [] };

describe('compileDefinitions', () => {
  it('compiles a view with its key, types, windows and shared accumulators', () => {
    const registry = compileDefinitions(
      flights((json) => {
        const [, mean] = json.views[0]!.features;
        json.views[0]!.features.push({ ...mean!, name: 'mean_delay_24h', window: '24h', default: 1.5 });
      }),
    );
    const view = registry.views.get('origin_delays')![0]!;
    expect(view).toMatchObject({
      version: 1,
      kind: 'aggregate',
      entity: 'airport',
      key: [{ name: 'iata', type: { kind: 'string' }, column: 1 }],
      grainMillis: 1_000,
      delayMillis: 0,
      maxAgeMillis: null,
      retentionMillis: 30 * 86_400_000,
      freshnessMillis: 300_000,
      knownAt: true,
      online: true,
    });
    expect(view.features).toMatchObject([
      { name: 'landed_1h', type: { kind: 'int64' }, accumulator: 0, windowMillis: 3_600_000, defaultValue: null },
      { name: 'mean_delay_1h', type: { kind: 'float64' }, accumulator: 1 },
      { name: 'worst_delay_24h', type: { kind: 'int64' }, accumulator: 2, windowMillis: 86_400_000 },
      { name: 'mean_delay_24h', accumulator: 1, windowMillis: 86_400_000, defaultValue: 1.5 },
    ]);
    expect(view.accumulators.map(({ definition }) => definition.function)).toEqual(['countRows', 'avg', 'max']);
    expect(view.accumulators[1]!.input!.evaluate([1, 'ATL', 12])).toBe(12);
    expect(view.source).toMatchObject({ latenessMillis: 86_400_000, futureToleranceMillis: 300_000 });
  });

  it('keeps rows without a created time for the views alone that opted out of the known-at rule', () => {
    const field = { name: 'user', type: { kind: 'string' } } as const;
    const view = { entity: 'user', source: 'profiles', key: { user: 'user' } };
    const features = [{ name: 'user', kind: 'column', column: 'user' }];
    const compiled = (created: object, ...views: readonly object[]) =>
      compileDefinitions(
        parseDefinitions({
          asof: 1,
          entities: [{ name: 'user', key: [field] }],
          sources: [{ kind: 'rows', name: 'profiles', fields: [field], eventTime: 'at', ...created }],
          views: views.map((settings, index) => ({ ...view, features, name: `v${index}`, ...settings })),
        }),
      );
    const created = { createdTime: 'made' };
    const mixed = compiled(created, {}, { knownAt: false });
    const keeps = (name: string) => mixed.views.get(name)![0]!.source.keepsUncreated ?? false;
    expect([keeps('v0'), keeps('v1'), mixed.sources.get('profiles')?.keepsUncreated]).toEqual([false, true, true]);
    expect(compiled(created, {}).sources.get('profiles')?.keepsUncreated).toBeUndefined();
    expect(compiled({}, { knownAt: false }).sources.get('profiles')?.keepsUncreated).toBeUndefined();
  });

  it('compiles a service: members, join columns, request inputs', () => {
    const service = compileDefinitions(flights()).services.get('delay_model')![0]!;
    expect(service.members).toMatchObject([{ alias: 'origin_delays', joinColumns: ['iata'], features: [0, 1, 2] }]);
    expect(service.joinColumns).toEqual([{ name: 'iata', type: { kind: 'string' } }]);
    expect(service.requestInputs).toEqual([{ name: 'distanceMiles', type: { kind: 'int64' } }]);
    expect(service.onDemand[0]).toMatchObject({ features: [0], reads: [null, { feature: 2 }] });
    expect(service.onDemand[0]!.reads[1]!.member).toBe(service.members[0]);
  });

  it('gives equal meanings equal hashes, whatever is written beside them', () => {
    const hash = (change: Parameters<typeof flights>[0]) =>
      compileDefinitions(flights(change)).views.get('origin_delays')![0]!.hash;
    const same = hash(undefined);
    expect(same).toMatch(/^[0-9a-f]{64}$/);
    expect(
      hash((json) => Object.assign(json.views[0]!, { owner: 'x', freshness: '1h', tags: ['a'], grain: '1s' })),
    ).toBe(same);
    expect(hash((json) => Object.assign(json.views[0]!, { retention: '720h' }))).toBe(same);
    expect(hash((json) => Object.assign(json.views[0]!, { grain: '1m' }))).not.toBe(same);
    expect(hash((json) => Object.assign(json.sources[0]!, { eventTime: 'arrivedAt' }))).not.toBe(same);
  });
});

describe('compileRegistry', () => {
  it('compiles each version against the source it was registered with', () => {
    const first = applyChange(empty, planChange(empty, flights(), '').change);
    const decimal = { kind: 'decimal', precision: 10, scale: 2 };
    const retyped = flights((json) => {
      json.sources[0]!.fields[2]!.type = decimal;
    });
    const second = applyChange(first, planChange(first, retyped, '').change);
    const registry = compileRegistry(second);
    const versions = registry.views.get('origin_delays')!;
    expect(versions.map(({ version, features }) => [version, features[2]!.type])).toEqual([
      [1, { kind: 'int64' }],
      [2, decimal],
    ]);
    expect(versions[1]!.source).toBe(registry.sources.get('landings'));
    expect(versions[0]!.source).not.toBe(versions[1]!.source);
  });

  it('keeps a retired view servable, and a service on the version that has its features', () => {
    const first = applyChange(empty, planChange(empty, flights(), '').change);
    const next = flights((json) => {
      json.views[0]!.features.shift();
      json.services[0] = { name: 'delay_model', version: 2, features: [{ view: 'origin_delays' }] };
      json.services.push({ name: 'delay_model', version: 1, features: flightsJson().services[0]!.features });
    });
    const second = applyChange(first, planChange(first, next, '').change);
    const services = compileRegistry(second).services.get('delay_model')!;
    expect(services.map(({ version, members }) => [version, members[0]!.view.version])).toEqual([
      [1, 2],
      [2, 2],
    ]);
    const third = applyChange(second, planChange(second, parseDefinitions({ asof: 1 }), '').change);
    const registry = compileRegistry(third);
    expect([registry.views.size, registry.sources.size, registry.services.size]).toEqual([0, 0, 0]);
    expect(registry.retiredViews.get('origin_delays')!.map(({ version }) => version)).toEqual([1, 2]);
  });

  it('compiles ten times the views in about ten times the time', () => {
    const json = flightsJson();
    const features = Array.from({ length: 20 }, (_, index) => ({
      ...json.views[0]!.features[index % 3]!,
      name: `feature_${index}`,
      window: `${index + 1}h`,
    }));
    const withViews = (count: number) => {
      const views = Array.from({ length: count }, (_, index) => ({
        ...json.views[0]!,
        name: `view_${index}`,
        features,
      }));
      return parseDefinitions({ ...json, views, onDemandViews: [], services: [] });
    };
    const [few, many] = [withViews(50), withViews(500)];
    // Processor time, the best of three: what else the machine does must not decide.
    const cost = (work: () => void): number =>
      Math.min(
        ...[1, 2, 3].map(() => {
          const before = process.cpuUsage();
          work();
          return process.cpuUsage(before).user;
        }),
      );
    compileDefinitions(few);
    const perView = cost(() => compileDefinitions(few)) / 50;
    expect(cost(() => compileDefinitions(many)) / 500).toBeLessThan(4 * perView);
    const registry = compileDefinitions(many);
    expect(registry.views.size).toBe(500);
  });
});
