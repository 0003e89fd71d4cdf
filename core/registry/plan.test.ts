import { describe, expect, it } from 'vitest';
import { flights, rowView } from '../../test/definitions/flights.ts';
import type { Definitions } from '../definitions/model.ts';
import type { RegistrySnapshot } from '../ports/registry-store.ts';
import { compileRegistry } from './compile.ts';
import { planChange } from './plan.ts';
import { applyChange } from './snapshot.ts';

const empty: RegistrySnapshot = { revision: 0, versions: [], retired: [] };
const monday = '2026-11-23T00:00:00.000Z';
const tuesday = '2026-11-24T00:00:00.000Z';

function applied(definitions: Definitions, snapshot: RegistrySnapshot = empty, now = monday): RegistrySnapshot {
  return applyChange(snapshot, planChange(snapshot, definitions, now).change);
}

function changes(snapshot: RegistrySnapshot, definitions: Definitions) {
  return planChange(snapshot, definitions, tuesday).changes.map(({ action, kind, name, version, reasons }) => {
    return `${action} ${kind} ${name} ${version}: ${reasons.join('; ')}`;
  });
}

describe('planChange', () => {
  it('adds everything to an empty registry, and then finds nothing to do', () => {
    expect(changes(empty, flights())).toEqual([
      'add entity airport 1: ',
      'add source landings 1: ',
      'add view origin_delays 1: ',
      'add onDemandView haul 1: ',
      'add service delay_model 1: ',
    ]);
    const again = planChange(applied(flights()), flights(), tuesday);
    expect(again).toMatchObject({ empty: true, changes: [] });
    expect(again.change.versions).toEqual([]);
  });

  it('says why a view gets a new version', () => {
    const changed = flights((json) => {
      const [landed, mean, worst] = json.views[0]!.features;
      mean!.window = '2h';
      mean!.default = 0;
      worst!.aggregate = { ...worst!.aggregate, where: { op: 'isNotNull', args: [{ op: 'col', name: 'origin' }] } };
      json.views[0]!.features = [landed!, mean!, worst!, { ...landed!, name: 'landed_24h', window: '24h' }];
      json.views[0]!.retention = '60d';
    });
    expect(changes(applied(flights()), changed)).toEqual([
      'newVersion view origin_delays 2: ' +
        'window of mean_delay_1h changed from 1h to 2h; default of mean_delay_1h changed from none to 0; ' +
        'worst_delay_24h changed from max(delayMinutes) to max(delayMinutes) where isNotNull(origin); ' +
        'feature landed_24h was added; retention changed from 30d to 60d',
    ]);
  });

  it('says which expression of a derived feature changed, and notices the columns that it reads', () => {
    const derived = (op: 'div' | 'sub', type = 'string') =>
      flights((json) => {
        const features = ['landed_1h', 'worst_delay_24h'].map((feature) => ({ op: 'feature', feature }));
        json.views[0]!.features.push({ name: 'd', kind: 'derived', expression: { op, args: features } } as never);
        const expression = { op: 'isNull', args: [{ op: 'col', name: 'city' }] };
        rowView(json, { features: [{ name: 'is_unknown', kind: 'derived', expression }] });
        json.sources[1]!.fields[1]!.type = { kind: type };
      });
    const before = applied(derived('div'));
    expect(changes(before, derived('sub'))).toEqual([
      'newVersion view origin_delays 2: ' +
        'd changed from feature.landed_1h / feature.worst_delay_24h to feature.landed_1h - feature.worst_delay_24h',
    ]);
    expect(changes(before, derived('div', 'int64'))).toEqual([
      'newVersion source profiles 2: type of city changed from string to int64',
      'newVersion view profile 2: source profiles: type of city changed from string to int64',
    ]);
  });

  it('updates what changes no value in place', () => {
    const before = applied(flights());
    const changed = flights((json) => {
      json.views[0]!.owner = 'data';
      json.views[0]!.freshness = '10m';
      json.sources[0]!.stream = { kind: 'kafka', topic: 'landings-2' };
    });
    expect(changes(before, changed)).toEqual([
      'update source landings 1: stream changed from {"kind":"kafka","topic":"landings"} to ' +
        '{"kind":"kafka","topic":"landings-2"}',
      'update view origin_delays 1: freshness changed from 5m to 10m; owner changed from ops to data',
    ]);
    const view = planChange(before, changed, tuesday).change.versions.find(({ kind }) => kind === 'view')!;
    expect([view.version, view.createdAt, view.updatedAt]).toEqual([1, monday, tuesday]);
  });

  it('gives the views of a changed source new versions, but not for a column they do not read', () => {
    const late = flights((json) => {
      json.sources[0]!.lateness = '2d';
    });
    expect(changes(applied(flights()), late)).toEqual([
      'newVersion source landings 2: lateness changed from 1d to 2d',
      'newVersion view origin_delays 2: source landings: lateness changed from 1d to 2d',
    ]);
    const wider = flights((json) => {
      json.sources[0]!.fields.push({ name: 'distanceMiles', type: { kind: 'int64' } });
    });
    expect(changes(applied(flights()), wider)).toEqual(['newVersion source landings 2: field distanceMiles was added']);
  });

  it('retires what is left out and restores what comes back', () => {
    const without = flights((json) => {
      json.services = [];
    });
    const before = applied(flights());
    const plan = planChange(before, without, tuesday);
    expect(plan.changes).toEqual([
      expect.objectContaining({
        action: 'retire',
        kind: 'service',
        name: 'delay_model',
        breaks: ['clients that read service delay_model find it retired'],
      }),
    ]);
    const retired = applyChange(before, plan.change);
    expect(compileRegistry(retired).services.has('delay_model')).toBe(false);
    expect(planChange(retired, without, tuesday).empty).toBe(true);
    expect(changes(retired, flights())).toEqual(['restore service delay_model 1: it is defined again']);
    expect(compileRegistry(applied(flights(), retired)).services.has('delay_model')).toBe(true);
  });

  it('names the services that a removed or retyped feature breaks, unless they pin the version', () => {
    const narrower = flights((json) => {
      const [landed, mean, worst] = json.views[0]!.features;
      json.views[0]!.features = [landed!, { ...mean!, aggregate: { function: 'countRows' } }, worst!];
      json.views[0]!.features.shift();
    });
    const plan = planChange(applied(flights()), narrower, tuesday);
    expect(plan.changes.find(({ kind }) => kind === 'view')?.breaks).toEqual([
      'service delay_model reads landed_1h, which is removed',
      'service delay_model reads mean_delay_1h, which changes its type from float64 to int64',
    ]);
    const pin = (definitions: Definitions): Definitions => ({
      ...definitions,
      services: [{ name: 'pinned', version: 1, features: [{ view: 'origin_delays', version: 1 }] }],
    });
    const pinned = planChange(applied(pin(flights())), pin(narrower), tuesday);
    expect(pinned.changes.flatMap(({ breaks }) => breaks)).toEqual([]);
  });

  it('lets a registered service go on reading the version that has what a newer one lost', () => {
    const before = applied(flights());
    const narrower = flights((json) => {
      json.views[0]!.features.pop();
      json.onDemandViews = [];
      json.services = [];
    });
    const both = { ...flights(), views: narrower.views };
    const plan = planChange(before, both, tuesday);
    expect(plan.changes).toMatchObject([
      {
        action: 'newVersion',
        name: 'origin_delays',
        reasons: ['feature worst_delay_24h was removed'],
        breaks: ['service delay_model reads worst_delay_24h, which is removed'],
      },
    ]);
    const service = compileRegistry(applyChange(before, plan.change)).services.get('delay_model')![0]!;
    expect(service.members[0]!.view.version).toBe(2);
    expect(service.onDemand[0]!.reads[1]!.member.view.version).toBe(1);
    expect(() => planChange(empty, both, tuesday)).toThrow(/no feature "origin_delays.worst_delay_24h"/);
  });

  it('refuses a service that changed under its version, and an unknown pinned version', () => {
    const changed = flights((json) => {
      json.services[0]!.features.pop();
    });
    expect(() => planChange(applied(flights()), changed, tuesday)).toThrow(
      /services\.delay_model\.version: version 1 is registered .* set version: 2/,
    );
    const next = { ...changed, services: [{ ...changed.services[0]!, version: 2 }] };
    expect(changes(applied(flights()), next)).toEqual(['newVersion service delay_model 2: member haul was removed']);
    const pinned = flights((json) => {
      json.services[0]!.features[0] = { view: 'origin_delays', version: 7 };
    });
    expect(() => planChange(empty, pinned, tuesday)).toThrow(/no version of origin_delays "7"/);
  });

  it('refuses names that collide in GraphQL', () => {
    const twice = flights((json) => {
      json.entities.push({ ...json.entities[0]!, name: 'origin_delays' });
    });
    expect(() => planChange(empty, twice, monday)).toThrow(/GraphQL name "OriginDelays" is taken/);
  });
});
