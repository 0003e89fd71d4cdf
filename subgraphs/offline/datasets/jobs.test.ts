import { parse, subscribe } from 'graphql';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRequestContext } from '../../../runtime/context.ts';
import { clicksDefinitions, clicksView, registryOf } from '../../../test/pipelines/clicks.ts';
import { finishedDataset, orderDataset, spineRows } from '../../../test/pipelines/dataset-orders.ts';
import { type OfflineGraph, openOfflineGraph } from '../../../test/pipelines/offline-graph.ts';

let graph: OfflineGraph;

beforeEach(async () => {
  graph = await openOfflineGraph();
});
afterEach(() => graph.close());

describe('training dataset jobs', () => {
  test('tells its progress until it is finished', async () => {
    const id = await orderDataset(graph, { features: ['user_clicks'], spine: { rows: spineRows, timeColumn: 'at' } });
    const document = parse(
      `subscription { trainingDatasetProgress(id: "${id}") { cursor lagged dataset { id state rowsDone } } }`,
    );
    const events = await subscribe({ schema: graph.schema, document, contextValue: createRequestContext() });
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
      schema: graph.schema,
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
      await orderDataset(graph, { features: ['user_clicks'], spine }),
      await orderDataset(graph, { features: ['user_clicks'], spine }),
    ];
    const cancel = `mutation ($id: ID!) { cancelTrainingDataset(input: {id: $id}) { dataset { state } errors { code } } }`;
    expect((await graph.run(cancel, { id: second })).data.cancelTrainingDataset).toEqual({
      dataset: { state: 'CANCELLED' },
      errors: [],
    });
    expect(await finishedDataset(graph, first)).toMatchObject({ state: 'SUCCEEDED' });
    expect((await graph.run(cancel, { id: first })).data.cancelTrainingDataset.dataset).toEqual({ state: 'SUCCEEDED' });
    expect((await graph.run(cancel, { id: 'x' })).data.cancelTrainingDataset.errors).toEqual([
      { code: 'UNKNOWN_NAME' },
    ]);
    const { data } = await graph.run(
      `{ trainingDatasets(first: 1) { nodes { id } pageInfo { hasNextPage endCursor } } }`,
    );
    expect(data.trainingDatasets.pageInfo.hasNextPage).toBe(true);
    const next = await graph.run(
      `{ trainingDatasets(first: 1, after: "${data.trainingDatasets.pageInfo.endCursor}") { nodes { id } pageInfo { hasNextPage } } }`,
    );
    expect(next.data.trainingDatasets.pageInfo.hasNextPage).toBe(false);
    expect([data.trainingDatasets.nodes[0].id, next.data.trainingDatasets.nodes[0].id].sort()).toEqual(
      [first, second].sort(),
    );
  });

  test('what a process left unfinished, the next one builds', async () => {
    const id = await orderDataset(graph, { features: ['user_clicks'], spine: { rows: spineRows, timeColumn: 'at' } });
    await graph.stop();
    expect(await graph.ground.documents.getDocument('datasets', id)).toMatchObject({ finishedAt: null });
    await graph.startAgain();
    expect(await finishedDataset(graph, id)).toMatchObject({ state: 'SUCCEEDED', rows: 4 });
  });

  test('a view that changed while a dataset waited is a conflict, not another dataset', async () => {
    const id = await orderDataset(graph, { features: ['user_clicks'], spine: { rows: spineRows, timeColumn: 'at' } });
    await graph.stop();
    graph.world.registry = registryOf(clicksDefinitions, {
      ...clicksDefinitions,
      views: [clicksView({ grain: '1m' })],
    });
    await graph.startAgain();
    const dataset = await finishedDataset(graph, id);
    expect(dataset.state).toBe('FAILED');
    expect(dataset.error).toContain(
      '"user_clicks" changed while the dataset waited; expected version 1; got version 2',
    );
  });
});

describe('backfills', () => {
  test('are jobs, listed on their views', async () => {
    const { data } = await graph.run(
      `mutation { backfill(input: {views: ["user_clicks"]}) { job { id kind state views { name } } errors { code } } }`,
    );
    expect(data.backfill).toMatchObject({ job: { kind: 'BACKFILL', views: [{ name: 'user_clicks' }] }, errors: [] });
    const refused = await graph.run(
      `mutation { materialize(input: {views: ["nope"]}) { job { id } errors { code } } }`,
    );
    expect(refused.data.materialize).toEqual({ job: null, errors: [{ code: 'UNKNOWN_NAME' }] });
    const view = await graph.run(
      `query ($of: [_Any!]!) { _entities(representations: $of) { ... on FeatureView {
         name materializations(first: 1) { id } datasets { id } } } }`,
      { of: [{ __typename: 'FeatureView', name: 'user_clicks' }] },
    );
    expect(view.data._entities).toEqual([
      { name: 'user_clicks', materializations: [{ id: data.backfill.job.id }], datasets: [] },
    ]);
  });
});
