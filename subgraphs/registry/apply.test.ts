import { beforeEach, describe, expect, it } from 'vitest';
import type { Definitions } from '../../core/definitions/model.ts';
import type { GraphResultStream } from '../../runtime/graph.ts';
import { createRegistryWorld, definitions, type RegistryWorld } from '../../test/registry/registry-world.ts';

let world: RegistryWorld;
beforeEach(async () => {
  world = await createRegistryWorld();
});

const applied = `mutation ($input: ApplyInput!) {
  apply(input: $input) {
    revision
    changes { action kind name version reasons breaks }
    errors { code message path expected got remedy }
  }
}`;

/** The example with one view changed. */
function withView(name: string, change: object): Definitions {
  const views = definitions.views.map((view) => (view.name === name ? { ...view, ...change } : view));
  return { ...definitions, views };
}

describe('apply', () => {
  it('adds a version, says why, and keeps the old one beside it', async () => {
    const [first, ...rest] = definitions.views.find(({ name }) => name === 'origin_delays')!.features;
    const changed = withView('origin_delays', { features: [{ ...first, window: '2h' }, ...rest] });
    const dry = await world.data(applied, { input: { definitions: changed, dryRun: true } });
    expect(dry.apply).toMatchObject({ revision: 1, errors: [], changes: [{ action: 'NEW_VERSION', version: 2 }] });
    expect((await world.data(applied, { input: { definitions: changed } })).apply).toMatchObject({
      revision: 2,
      changes: [{ action: 'NEW_VERSION', kind: 'FEATURE_VIEW', name: 'origin_delays', reasons: [expect.any(String)] }],
      errors: [],
    });
    expect(
      await world.data('{ featureView(name: "origin_delays") { version versions { version } } registryRevision }'),
    ).toEqual({
      featureView: { version: 2, versions: [{ version: 1 }, { version: 2 }] },
      registryRevision: 2,
    });
    expect((await world.data(applied, { input: { definitions: changed } })).apply).toMatchObject({
      revision: 2,
      changes: [],
    });
  });

  it('leaves what it does not name, unless asked to prune; what is retired can still be looked at', async () => {
    const less = { ...definitions, views: [], onDemandViews: [], services: [] };
    expect((await world.data(applied, { input: { definitions: less } })).apply).toMatchObject({
      revision: 1,
      changes: [],
    });
    const pruned = await world.data(applied, { input: { definitions: less, prune: true } });
    expect(pruned.apply).toMatchObject({
      revision: 2,
      changes: expect.arrayContaining([expect.objectContaining({ action: 'RETIRE', name: 'haul' })]),
    });
    expect(
      await world.data(
        '{ featureViews { nodes { name } } all: featureViews(includeRetired: true) { totalCount } featureView(name: "origin_delays") { retired } }',
      ),
    ).toEqual({ featureViews: { nodes: [] }, all: { totalCount: 3 }, featureView: { retired: true } });
  });

  it('answers what is wrong as data: all problems, each with its place and remedy', async () => {
    const views = definitions.views.map((view) => ({ ...view, entity: 'airprot' }));
    const broken = { ...definitions, views };
    const result = await world.data(applied, { input: { definitions: broken } });
    expect(result.apply).toMatchObject({ revision: null, changes: [] });
    const { errors } = result.apply as { errors: { path: string; code: string; remedy: string }[] };
    expect(errors.every(({ code }) => code === 'BAD_DEFINITION')).toBe(true);
    expect(errors.map(({ path }) => path)).toEqual(
      expect.arrayContaining([expect.stringContaining('views.origin_delays')]),
    );
    expect(errors.length).toBeGreaterThan(1);
    expect(JSON.stringify(errors)).toContain('airport');
    for (const nonsense of [null, 7, 'text', [], {}, { asof: 1, views: 7 }]) {
      const refused = await world.data(applied, { input: { definitions: nonsense ?? {} } });
      expect((refused.apply as { errors: unknown[] }).errors.length).toBeGreaterThan(0);
    }
    expect(await world.data('{ registryRevision }')).toEqual({ registryRevision: 1 });
  });

  it('refuses another revision than the expected one, and plans anew when nobody expects any', async () => {
    const changed = withView('airport_facts', { owner: 'data' });
    const stale = await world.data(applied, { input: { definitions: changed, expectedRevision: 7 } });
    expect(stale.apply).toMatchObject({
      errors: [
        {
          code: 'CONFLICT',
          path: 'registry',
          expected: 'revision 7',
          got: expect.stringMatching(/^revision 1, applied by test at 20/),
        },
      ],
    });
    const others = [1, 2, 3].map((index) => withView('airport_facts', { description: `edit ${index}` }));
    const results = await Promise.all(others.map((one) => world.apply(one, { appliedBy: 'test' })));
    expect(results.map(({ revision }) => revision).sort()).toEqual([2, 3, 4]);
  });

  it('tells subscribers of each revision once it is served, also where they left off', async () => {
    const events = await world.subscribe('subscription { registryChanges { revision cursor lagged dropped } }');
    const next = async (stream: GraphResultStream) =>
      (await stream.next()).value?.data as Record<string, { cursor: string }>;
    await world.apply(withView('airport_facts', { owner: 'data' }), { appliedBy: 'test' });
    const first = await next(events);
    expect(first.registryChanges).toMatchObject({ revision: 2, lagged: false, dropped: 0 });
    expect(world.watcher.current().snapshot.revision).toBe(2);
    await events.return();
    await world.apply(withView('airport_facts', { owner: 'ops2' }), { appliedBy: 'test' });
    const resumed = await world.subscribe(
      `subscription { registryChanges(after: "${first.registryChanges?.cursor}") { revision } }`,
    );
    expect((await next(resumed)).registryChanges).toEqual({ revision: 3 });
    const parked = resumed.next();
    await resumed.return();
    expect((await parked).done).toBe(true);
  });
});
