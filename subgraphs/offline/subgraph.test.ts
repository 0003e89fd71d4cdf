import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execute, type GraphQLSchema, parse, subscribe } from 'graphql';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRequestContext } from '../../runtime/context.ts';
import { click, clicksDefinitions, clicksView, registryOf, start } from '../../test/pipelines/clicks.ts';
import { createGround, type Ground, openWorld, type World } from '../../test/pipelines/world.ts';
import type { TrainingDataset } from './datasets/dataset.ts';
import { createOfflineSubgraph, type OfflineSubgraph } from './subgraph.ts';

let ground: Ground;
let world: World;
let subgraph: OfflineSubgraph;
let schema: GraphQLSchema;

const registry = registryOf({
  ...clicksDefinitions,
  services: [{ name: 'model', version: 1, features: [{ view: 'user_clicks', features: ['clicks_ever'] }] }],
});

function openSubgraph(): OfflineSubgraph {
  const { documents, bus, clock } = ground;
  const { offline, materializer } = world;
  const folder = join(ground.folder, 'datasets');
  return createOfflineSubgraph({
    registry: () => world.registry,
    offline,
    documents,
    bus,
    clock,
    systemClock: clock,
    materializer,
    folder,
  });
}

beforeEach(async () => {
  ground = await createGround(start);
  world = await openWorld(ground, registry);
  await world.ingest.start();
  await world.materializer.ensureReady(registry);
  await world.push('clicks', [click(1, 'a', start, 5), click(2, 'b', start, 7)]);
  await ground.clock.advance(60_000);
  await world.push('clicks', [click(3, 'a', start + 60_000, 1)]);
  await world.applied('clicks');
  await ground.clock.advance(60_000);
  subgraph = openSubgraph();
  schema = subgraph.schemaFor(registry).schema;
});
afterEach(async () => {
  await subgraph[Symbol.asyncDispose]();
  await world.close();
  await ground.remove();
});

async function run(text: string, variables: Record<string, unknown> = {}) {
  const contextValue = createRequestContext();
  const result = await execute({ schema, document: parse(text), variableValues: variables, contextValue });
  return JSON.parse(JSON.stringify(result));
}

const create = `mutation ($input: CreateTrainingDatasetInput!) {
  createTrainingDataset(input: $input) { dataset { id state name } errors { code message path remedy } }
}`;

async function created(input: Record<string, unknown>): Promise<string> {
  const { data, errors } = await run(create, { input: { name: 'd', ...input } });
  expect(errors ?? data.createTrainingDataset.errors).toEqual([]);
  return data.createTrainingDataset.dataset.id;
}

async function finished(id: string): Promise<TrainingDataset> {
  for (;;) {
    const dataset = (await ground.documents.getDocument('datasets', id)) as TrainingDataset;
    if (dataset.finishedAt !== null) return dataset;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const at = (seconds: number): string => new Date(start + seconds * 1_000).toISOString();
const spineRows = [
  { user_id: 'a', at: at(30), label: true },
  { user_id: 'b', at: at(90), label: false },
  { user_id: null, at: at(90), label: null },
  { user_id: 'a', at: at(90), label: true },
];

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
    const { join: joinSpine } = world.offline;
    Object.assign(world.offline, {
      join: (...args: Parameters<typeof joinSpine>) => {
        joins++;
        return joinSpine(...args);
      },
    });
    const { data, errors } = await run(past, { of: [user('a'), user('b'), user('x')], time: at(119) });
    expect(errors).toBeUndefined();
    expect(joins).toBe(1);
    const view = registry.views.get('user_clicks')![0]!;
    const readAt = start + 119_000;
    const keys = [['a'], ['b'], ['x']];
    const { readings } = await world.reader.read(
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
      (await run(past, { of: [user('a')], time, ...(knownAt === undefined ? {} : { knownAt }) })).data._entities[0].asOf
        .userClicks.clicksEver;
    expect(await ever(at(0))).toBe(0);
    expect(await ever(at(1))).toBe(1);
    expect(await ever(at(62))).toBe(2);
    expect(await ever(at(62), at(30))).toBe(1);
  });

  test('refuses the future, and a maxAge on aggregates, naming them', async () => {
    const { errors } = await run(past, { of: [user('a')], time: at(500) });
    expect(errors[0].message).toContain('this instant has not come yet; expected at most 2001-06-01T00:02:00.000Z');
    const text = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on User {
      asOf(time: "${at(1)}") { userClicks(maxAge: "5m") { clicks1h } } } } }`;
    expect((await run(text, { of: [user('a')] })).errors[0].message).toContain('aggregates never expire');
    const unknown = text.replace('maxAge: "5m"', 'version: 7');
    expect((await run(unknown, { of: [user('a')] })).errors[0].message).toContain(
      'has no version 7; expected one of 1',
    );
  });

  test('waits for an instant that is due in a moment', async () => {
    const answer = run(past, { of: [user('a')], time: at(120.5) });
    while (ground.clock.sleeping < 2) await new Promise((resolve) => setImmediate(resolve));
    await ground.clock.advance(500);
    expect((await answer).data._entities[0].asOf.userClicks.clicksEver).toBe(2);
  });
});

describe('training datasets', () => {
  test('join inline rows in their order and keep every column', async () => {
    const id = await created({
      features: ['user_clicks:clicks_ever', 'user_clicks:amount_ever'],
      spine: { rows: spineRows, timeColumn: 'at' },
      withStatus: true,
    });
    const dataset = await finished(id);
    expect(dataset).toMatchObject({ state: 'SUCCEEDED', error: null, rows: 4, rowsDone: 4, rowsTotal: 4 });
    const { data } = await run(
      `{ trainingDataset(id: "${id}") { state rows features spineSql timeColumn mode
           preview(limit: 4) files { name url rows bytes sha256 } views { version view { name } } } }`,
    );
    const { preview, files, ...rest } = data.trainingDataset;
    expect(rest).toEqual({
      state: 'SUCCEEDED',
      rows: 4,
      features: ['user_clicks:clicks_ever', 'user_clicks:amount_ever'],
      spineSql: null,
      timeColumn: 'at',
      mode: 'AS_SERVED',
      views: [{ version: 1, view: { name: 'user_clicks' } }],
    });
    expect(preview).toMatchObject([
      { user_id: 'a', at: at(30), label: true, user_clicks__clicks_ever: 1, user_clicks__amount_ever: 5 },
      { user_id: 'b', at: at(90), label: false, user_clicks__clicks_ever: 1, user_clicks__amount_ever: 7 },
      { user_id: null, label: null, user_clicks__clicks_ever: null, user_clicks__clicks_ever__status: 'NOT_FOUND' },
      { user_id: 'a', user_clicks__clicks_ever: 2, user_clicks__amount_ever: 6 },
    ]);
    expect(files.map(({ name, rows }: { name: string; rows: number | null }) => [name, rows])).toEqual([
      ['data.parquet', 4],
      ['manifest.json', null],
    ]);
    expect(files[0].url).toBe(`/datasets/${id}/data.parquet`);
    const parquet = await readFile(join(ground.folder, 'datasets', id, 'data.parquet'));
    expect(files[0]).toMatchObject({
      bytes: parquet.length,
      sha256: createHash('sha256').update(parquet).digest('hex'),
    });
    const manifest = JSON.parse(await readFile(join(ground.folder, 'datasets', id, 'manifest.json'), 'utf8'));
    expect(manifest).toMatchObject({
      id,
      mode: 'AS_SERVED',
      views: [{ view: 'user_clicks', version: 1, hash: registry.views.get('user_clicks')![0]!.hash }],
      positions: { clicks: { 'clicks/0': 2 } },
      files: [{ name: 'data.parquet', sha256: files[0].sha256 }],
    });
  });

  test('join a query over the sources, between two times, through a service', async () => {
    const sql = 'SELECT "userId" AS user_id, "at" AS at, amount > 4 AS label FROM clicks ORDER BY "clickId"';
    const between = { start: at(0), end: at(60) };
    const id = await created({ service: 'model', spine: { sql, timeColumn: 'at' }, between });
    expect(await finished(id)).toMatchObject({
      state: 'SUCCEEDED',
      error: null,
      rows: 2,
      features: ['user_clicks:clicks_ever'],
    });
  });

  test('what is wrong is said as data, at once', async () => {
    const refused = async (input: Record<string, unknown>) => {
      const spine = { rows: spineRows, timeColumn: 'at' };
      const { data } = await run(create, { input: { name: 'd', features: ['user_clicks'], spine, ...input } });
      expect(data.createTrainingDataset.dataset).toBeNull();
      return data.createTrainingDataset.errors[0];
    };
    expect(await refused({ features: ['user_click:x'] })).toMatchObject({
      code: 'UNKNOWN_NAME',
      path: 'input.features.0',
      remedy: 'Did you mean "user_clicks"?',
    });
    expect(await refused({ features: ['user_clicks:clicks_evr'] })).toMatchObject({
      remedy: 'Did you mean "clicks_ever"?',
    });
    expect(await refused({ features: null, service: 'mode' })).toMatchObject({ remedy: 'Did you mean "model"?' });
    expect(await refused({ service: 'model' })).toMatchObject({ code: 'BAD_INPUT', path: 'input.service' });
    expect(await refused({ spine: { timeColumn: 'at' } })).toMatchObject({ path: 'spine' });
    expect(await refused({ spine: { rows: [{ user_id: 'a' }], timeColumn: 'at' } })).toMatchObject({
      message: expect.stringContaining('the spine has no column "at"'),
    });
    expect(await refused({ spine: { rows: [{ user_id: 'a', at: 'soon' }], timeColumn: 'at' } })).toMatchObject({
      path: 'spine.rows.0.at',
    });
    expect(await refused({ spine: { sql: 'DROP TABLE clicks', timeColumn: 'at' } })).toMatchObject({
      code: 'BAD_INPUT',
    });
    expect(await refused({ spine: { sql: 'SELECT "at" FROM clicks', timeColumn: 'at' } })).toMatchObject({
      message: expect.stringContaining('the spine has no column "user_id"'),
    });
    expect(await refused({ between: { start: at(5), end: at(5) } })).toMatchObject({ path: 'between' });
  });

  test('rows ahead of what is known fail the job, with the reason', async () => {
    const rows = [{ user_id: 'a', at: at(600) }];
    const dataset = await finished(await created({ features: ['user_clicks'], spine: { rows, timeColumn: 'at' } }));
    expect(dataset).toMatchObject({ state: 'FAILED', files: [] });
    expect(dataset.error).toContain('2001-06-01T00:02:00.000Z');
  });

  test('tells its progress until it is finished', async () => {
    const id = await created({ features: ['user_clicks'], spine: { rows: spineRows, timeColumn: 'at' } });
    const document = parse(
      `subscription { trainingDatasetProgress(id: "${id}") { cursor lagged dataset { id state rowsDone } } }`,
    );
    const events = await subscribe({ schema, document, contextValue: createRequestContext() });
    if (!(Symbol.asyncIterator in events)) throw new Error(JSON.stringify(events));
    const states: string[] = [];
    for await (const { data } of events) {
      const { dataset } = (data as { trainingDatasetProgress: { dataset: { id: string; state: string } } })
        .trainingDatasetProgress;
      expect(dataset.id).toBe(id);
      states.push(dataset.state);
    }
    expect(states.at(-1)).toBe('SUCCEEDED');
    const missing = await subscribe({
      schema,
      document: parse('subscription { trainingDatasetProgress(id: "x") { cursor } }'),
      contextValue: createRequestContext(),
    });
    expect(missing).toMatchObject({
      errors: [{ message: expect.stringContaining('there is no training dataset "x"') }],
    });
  });

  test('a queued one can be cancelled; a finished one stays', async () => {
    const spine = { rows: spineRows, timeColumn: 'at' };
    const [first, second] = [
      await created({ features: ['user_clicks'], spine }),
      await created({ features: ['user_clicks'], spine }),
    ];
    const cancel = `mutation ($id: ID!) { cancelTrainingDataset(input: {id: $id}) { dataset { state } errors { code } } }`;
    expect((await run(cancel, { id: second })).data.cancelTrainingDataset).toEqual({
      dataset: { state: 'CANCELLED' },
      errors: [],
    });
    expect(await finished(first)).toMatchObject({ state: 'SUCCEEDED' });
    expect((await run(cancel, { id: first })).data.cancelTrainingDataset.dataset).toEqual({ state: 'SUCCEEDED' });
    expect((await run(cancel, { id: 'x' })).data.cancelTrainingDataset.errors).toEqual([{ code: 'UNKNOWN_NAME' }]);
    const { data } = await run(`{ trainingDatasets(first: 1) { nodes { id } pageInfo { hasNextPage endCursor } } }`);
    expect(data.trainingDatasets.pageInfo.hasNextPage).toBe(true);
    const next = await run(
      `{ trainingDatasets(first: 1, after: "${data.trainingDatasets.pageInfo.endCursor}") { nodes { id } pageInfo { hasNextPage } } }`,
    );
    expect(next.data.trainingDatasets.pageInfo.hasNextPage).toBe(false);
    expect([data.trainingDatasets.nodes[0].id, next.data.trainingDatasets.nodes[0].id].sort()).toEqual(
      [first, second].sort(),
    );
  });

  test('what a process left unfinished, the next one builds', async () => {
    const id = await created({ features: ['user_clicks'], spine: { rows: spineRows, timeColumn: 'at' } });
    await subgraph[Symbol.asyncDispose]();
    expect(await ground.documents.getDocument('datasets', id)).toMatchObject({ finishedAt: null });
    subgraph = openSubgraph();
    await subgraph.start();
    expect(await finished(id)).toMatchObject({ state: 'SUCCEEDED', rows: 4 });
  });

  test('a view that changed while a dataset waited is a conflict, not another dataset', async () => {
    const id = await created({ features: ['user_clicks'], spine: { rows: spineRows, timeColumn: 'at' } });
    await subgraph[Symbol.asyncDispose]();
    world.registry = registryOf(clicksDefinitions, { ...clicksDefinitions, views: [clicksView({ grain: '1m' })] });
    subgraph = openSubgraph();
    await subgraph.start();
    const dataset = await finished(id);
    expect(dataset.state).toBe('FAILED');
    expect(dataset.error).toContain(
      '"user_clicks" changed while the dataset waited; expected version 1; got version 2',
    );
  });
});

describe('backfills', () => {
  test('are jobs, listed on their views', async () => {
    const { data } = await run(
      `mutation { backfill(input: {views: ["user_clicks"]}) { job { id kind state views { name } } errors { code } } }`,
    );
    expect(data.backfill).toMatchObject({ job: { kind: 'BACKFILL', views: [{ name: 'user_clicks' }] }, errors: [] });
    const refused = await run(`mutation { materialize(input: {views: ["nope"]}) { job { id } errors { code } } }`);
    expect(refused.data.materialize).toEqual({ job: null, errors: [{ code: 'UNKNOWN_NAME' }] });
    const view = await run(
      `query ($of: [_Any!]!) { _entities(representations: $of) { ... on FeatureView {
         name materializations(first: 1) { id } datasets { id } } } }`,
      { of: [{ __typename: 'FeatureView', name: 'user_clicks' }] },
    );
    expect(view.data._entities).toEqual([
      { name: 'user_clicks', materializations: [{ id: data.backfill.job.id }], datasets: [] },
    ]);
  });
});
