import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { clicksDefinitions, clicksView, registryOf, start } from '../../test/pipelines/clicks.ts';
import { at, clicksRegistry, type OfflineGraph, openOfflineGraph } from '../../test/pipelines/offline-graph.ts';

let graph: OfflineGraph;

beforeEach(async () => {
  graph = await openOfflineGraph();
});
afterEach(() => graph.close());

describe('asOf', () => {
  const past = `query ($of: [_Any!]!, $time: DateTime!, $knownAt: DateTime) {
    _entities(representations: $of) {
      ... on User {
        userId
        asOf(time: $time, knownAt: $knownAt) {
          userId
          userClicks {
            clicks1h clicksEver amountEver
            meta { status eventTime ageMillis readAt version fresh cells { name status defaulted } }
            view { name }
          }
        }
      }
    }
  }`;
  const user = (userId: string | null) => ({ __typename: 'User', userId });

  test('returns what a read returned then, with one join for all', async () => {
    let joins = 0;
    const { join: joinSpine } = graph.world.offline;
    Object.assign(graph.world.offline, {
      join: (...args: Parameters<typeof joinSpine>) => {
        joins++;
        return joinSpine(...args);
      },
    });
    const { data, errors } = await graph.run(past, { of: [user('a'), user('b'), user('x')], time: at(119) });
    expect(errors).toBeUndefined();
    expect(joins).toBe(1);
    const view = clicksRegistry.views.get('user_clicks')![0]!;
    const readAt = start + 119_000;
    const keys = [['a'], ['b'], ['x']];
    const { readings } = await graph.world.reader.read(
      keys.map((key) => ({ view, key })),
      readAt,
    );
    for (const [index, reading] of readings.entries()) {
      const { userClicks, userId } = data._entities[index].asOf;
      expect(userId).toBe(keys[index]![0]);
      expect([userClicks.clicks1h, userClicks.clicksEver, userClicks.amountEver]).toEqual(reading.values);
      expect(userClicks.view).toEqual({ name: 'user_clicks' });
      const { cells, ...meta } = userClicks.meta;
      expect(meta).toEqual({
        status: reading.status,
        eventTime: reading.eventTime === null ? null : new Date(reading.eventTime).toISOString(),
        ageMillis: reading.eventTime === null ? null : readAt - reading.eventTime,
        readAt: at(119),
        version: 1,
        fresh: null,
      });
      expect(cells.map((cell: { status: string }) => cell.status)).toEqual(reading.statuses);
    }
    expect(
      data._entities.map(
        (entity: { asOf: { userClicks: { clicksEver: number } } }) => entity.asOf.userClicks.clicksEver,
      ),
    ).toEqual([2, 1, 0]);
  });

  test('looks back in time, and to what was known then', async () => {
    const ever = async (time: string, knownAt?: string) =>
      (await graph.run(past, { of: [user('a')], time, ...(knownAt === undefined ? {} : { knownAt }) })).data
        ._entities[0].asOf.userClicks.clicksEver;
    expect(await ever(at(0))).toBe(0);
    expect(await ever(at(1))).toBe(1);
    expect(await ever(at(62))).toBe(2);
    expect(await ever(at(62), at(30))).toBe(1);
  });

  test('refuses the future, and a maxAge on aggregates, naming them', async () => {
    const { errors } = await graph.run(past, { of: [user('a')], time: at(500) });
    expect(errors[0].message).toContain('this instant has not come yet; expected at most 2001-06-01T00:02:00.000Z');
    const text = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on User {
      asOf(time: "${at(1)}") { userClicks(maxAge: "5m") { clicks1h } } } } }`;
    expect((await graph.run(text, { of: [user('a')] })).errors[0].message).toContain('aggregates never expire');
    const unknown = text.replace('maxAge: "5m"', 'version: 7');
    expect((await graph.run(unknown, { of: [user('a')] })).errors[0].message).toContain(
      'has no version 7; expected one of 1',
    );
  });

  test('says NOT_READY, and makes no dataset, while files of the history are still unread', async () => {
    Object.assign(graph.world.materializer, { hasHistory: async () => false });
    const { data, errors } = await graph.run(past, { of: [user('a'), user('b')], time: at(119) });
    expect(errors).toBeUndefined();
    for (const { asOf } of data._entities) {
      const { meta, ...values } = asOf.userClicks;
      expect(values).toMatchObject({ clicks1h: null, clicksEver: null, amountEver: null });
      expect([meta.status, meta.eventTime, meta.readAt]).toEqual(['NOT_READY', null, at(119)]);
      expect(meta.cells).toContainEqual({ name: 'clicks_1h', status: 'NOT_READY', defaulted: false });
    }
    const made = await graph.run(`mutation { createTrainingDataset(input: {
      name: "d", service: "model", serviceVersion: 2, spine: { rows: [{ user_id: "a", at: "${at(60)}", budget: 1 }], timeColumn: "at" }
    }) { dataset { id } errors { code path } } }`);
    expect(made.data.createTrainingDataset).toEqual({
      dataset: null,
      errors: [{ code: 'NOT_READY', path: 'sources.clicks' }],
    });
  });

  test('names a feature that the version asked for does not have, as the online store does', async () => {
    const before = { ...clicksDefinitions, views: [clicksView({ features: clicksView({}).features.slice(0, 2) })] };
    const text = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on User {
      asOf(time: "${at(119)}") { userClicks(version: 1) { clicksEver amountEver } } } } }`;
    const { data, errors } = await graph.runOn(registryOf(before, clicksDefinitions), text, { of: [user('a')] });
    expect(data._entities[0].asOf.userClicks).toEqual({ clicksEver: 2, amountEver: null });
    expect(errors[0].message).toContain('views.user_clicks.features.amount_ever: version 1');
  });

  test('waits for an instant that is due in a moment', async () => {
    const answer = graph.run(past, { of: [user('a')], time: at(120.5) });
    while (graph.ground.clock.sleeping < 2) await new Promise((resolve) => setImmediate(resolve));
    await graph.ground.clock.advance(500);
    expect((await answer).data._entities[0].asOf.userClicks.clicksEver).toBe(2);
  });
});
