import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JoinRequest } from '../../core/ports/offline-store.ts';
import { at, type OfflineGraph, openOfflineGraph } from '../../test/pipelines/offline-graph.ts';

let graph: OfflineGraph;

beforeEach(async () => {
  graph = await openOfflineGraph();
});
afterEach(() => graph.close());

const query = `query($input: ExplainInput!) { explain(input: $input) {
  feature value type status defaulted reason view version hash at knownAt mode agrees
  served { store value status agrees } window { length start end hop } outcomes { outcome total } text explanation
} }`;

async function explained(input: object) {
  const { data, errors } = await graph.run(query, { input });
  expect(errors).toBeUndefined();
  return data.explain;
}

async function refused(input: object): Promise<string> {
  const { errors } = await graph.run(query, { input });
  return errors[0].message;
}

describe('explain', () => {
  test('accounts for a value of now, and holds both stores against it', async () => {
    const found = await explained({ feature: 'user_clicks.amount_ever', key: { user_id: 'a' } });
    expect(found).toMatchObject({
      feature: 'user_clicks.amount_ever',
      value: 6,
      type: 'int64',
      status: 'PRESENT',
      view: 'user_clicks',
      version: 1,
      at: at(120),
      knownAt: at(120),
      mode: 'AS_SERVED',
      agrees: true,
      window: { length: 'lifetime', start: null, end: at(120), hop: null },
      outcomes: [{ outcome: 'counted', total: 2 }],
    });
    expect(found.served).toEqual([
      { store: 'online', value: 6, status: 'PRESENT', agrees: true },
      { store: 'offline', value: 6, status: 'PRESENT', agrees: true },
    ]);
    const [{ events }] = found.explanation.terms;
    expect(
      events[0].records.map(({ place, id, input }: { place: string; id: number; input: number }) => [place, id, input]),
    ).toEqual([
      ['clicks/0/0', 1, 5],
      ['clicks/0/2', 3, 1],
    ]);
    expect(found.text).toContain('served   the same by online and offline');
  });

  test('asks the past, with what was known later, and by event time', async () => {
    const asked = { feature: 'user_clicks:clicks_1h', key: { user_id: 'a' } };
    const then = await explained({ ...asked, at: at(61), knownAt: at(30) });
    expect([then.value, then.outcomes]).toEqual([
      1,
      [
        { outcome: 'counted', total: 1 },
        { outcome: 'notYetKnown', total: 1 },
      ],
    ]);
    expect(then.served.map(({ store }: { store: string }) => store)).toEqual(['offline']);
    expect((await explained({ ...asked, at: at(61), knownAt: at(30), mode: 'EVENT_TIME' })).value).toBe(2);
  });

  test('explains request-time features with what they read, as a service joins it', async () => {
    const input = { feature: 'share.spent', service: 'model', key: { user_id: 'a' }, request: { budget: 4 } };
    const found = await explained(input);
    expect([found.value, found.agrees, found.served.length]).toEqual([1.5, true, 2]);
    expect(found.explanation.inputs).toMatchObject([
      { name: 'request.budget', from: 'request', value: 4 },
      { name: 'user_clicks.amount_ever', from: 'feature', explanation: { value: 6, kind: 'aggregate' } },
    ]);
    expect((await explained({ ...input, service: null })).value).toBe(1.5);
  });

  test('says so when a store answers something else', async () => {
    const { join } = graph.world.offline;
    Object.assign(graph.world.offline, {
      async *join(request: JoinRequest) {
        for await (const rows of join(request)) {
          yield rows.map((row) => ({ ...row, members: row.members.map((member) => ({ ...member, values: [41] })) }));
        }
      },
    });
    const answer = explained({ feature: 'user_clicks.amount_ever', key: { user_id: 'a' }, at: at(100) });
    // It looks again a few times: a difference may only mean that records are on their way.
    for (let wait = 0; wait < 3; wait++) {
      while (graph.ground.clock.sleeping < 2) await new Promise((resolve) => setImmediate(resolve));
      await graph.ground.clock.advance(1_000);
    }
    const found = await answer;
    expect([found.value, found.agrees, found.served]).toEqual([
      6,
      false,
      [{ store: 'offline', value: 41, status: 'PRESENT', agrees: false }],
    ]);
    expect(found.text).toContain('!! offline serves 41 PRESENT, but its records account for 6 PRESENT.');
  });

  test('names what it does not know, with the nearest that it does', async () => {
    expect(await refused({ feature: 'user_click.clicks_1h', key: {} })).toContain('Did you mean "user_clicks"?');
    expect(await refused({ feature: 'user_clicks.clicks1h', key: {} })).toContain('Did you mean "clicks_1h"?');
    expect(await refused({ feature: 'user_clicks', key: {} })).toContain('user_clicks.clicks_1h');
    expect(await refused({ feature: 'user_clicks.clicks_1h', key: { user: 'a' } })).toContain(
      'Did you mean "user_id"?',
    );
    expect(await refused({ feature: 'user_clicks.clicks_1h', key: {} })).toContain('key.user_id: is missing');
    expect(await refused({ feature: 'share.spent', key: { user_id: 'a' } })).toContain('request.budget: is missing');
    expect(await refused({ feature: 'user_clicks.clicks_1h', version: 9, key: {} })).toContain('one of 1');
    expect(await refused({ feature: 'user_clicks.clicks_1h', key: { user_id: 'a' }, at: at(500) })).toContain(
      'has not come yet',
    );
  });

  test('waits for the history to be read', async () => {
    Object.assign(graph.world.materializer, { hasHistory: async () => false });
    const message = await refused({ feature: 'user_clicks.clicks_1h', key: { user_id: 'a' } });
    expect(message).toContain('sources.clicks: files of its history are still being read');
  });
});
