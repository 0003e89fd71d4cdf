import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { click, start } from '../../../test/pipelines/clicks.ts';
import { finishedDataset, orderDataset } from '../../../test/pipelines/dataset-orders.ts';
import { type OfflineGraph, openOfflineGraph } from '../../../test/pipelines/offline-graph.ts';

let graph: OfflineGraph;

beforeEach(async () => {
  graph = await openOfflineGraph();
});
afterEach(() => graph.close());

/** The query fixes the order of its rows. */
const order = {
  features: ['user_clicks'],
  mode: 'EVENT_TIME',
  spine: { sql: 'SELECT "userId" AS user_id, "at" AS at FROM clicks ORDER BY "clickId"', timeColumn: 'at' },
};

async function rebuild(id: string) {
  const { data } = await graph.run(
    `mutation ($id: ID!) { rebuildTrainingDataset(input: {id: $id}) { dataset { state } errors { code message } } }`,
    { id },
  );
  return data.rebuildTrainingDataset;
}

const dataOf = (id: string) => join(graph.ground.folder, 'datasets', id, 'data.parquet');

/** An event before all others that arrives after them. */
async function pushLateEvent(): Promise<void> {
  await graph.world.push('clicks', [click(4, 'a', start - 60_000, 100)]);
  await graph.world.applied('clicks');
}

test('a dataset is built again to the same bytes, whatever has arrived since', async () => {
  const id = await orderDataset(graph, order);
  await finishedDataset(graph, id);
  const [data, manifest] = [
    await readFile(dataOf(id)),
    await readFile(dataOf(id).replace('data.parquet', 'manifest.json')),
  ];

  await pushLateEvent();
  await rm(dataOf(id));
  expect(await rebuild(id)).toEqual({ dataset: { state: 'QUEUED' }, errors: [] });
  expect(await finishedDataset(graph, id)).toMatchObject({ state: 'SUCCEEDED', rows: 3, error: null });
  expect(await readFile(dataOf(id))).toEqual(data);
  expect(await readFile(dataOf(id).replace('data.parquet', 'manifest.json'))).toEqual(manifest);

  // Ordered anew, it has the late event: the same bytes are not there by chance.
  const anew = await orderDataset(graph, order);
  expect(await finishedDataset(graph, anew)).toMatchObject({ state: 'SUCCEEDED', rows: 4 });
});

test('what would become another dataset fails, and what was there stays', async () => {
  const id = await orderDataset(graph, order);
  const dataset = await finishedDataset(graph, id);
  const data = await readFile(dataOf(id));
  const files = dataset.files.map((file) => ({ ...file, sha256: 'e'.repeat(64) }));
  await graph.ground.documents.putDocument('datasets', id, { ...dataset, files });

  await rebuild(id);
  const failed = await finishedDataset(graph, id);
  expect(failed.state).toBe('FAILED');
  expect(failed.error).toMatch(/is another; expected sha256 eeee.*, 3 rows; got sha256 .*ORDER BY/s);
  expect(await readFile(dataOf(id))).toEqual(data);
});

test('only what was built can be built again', async () => {
  expect((await rebuild('x')).errors).toMatchObject([{ code: 'UNKNOWN_NAME' }]);
  const id = await orderDataset(graph, order);
  const dataset = await finishedDataset(graph, id);
  await graph.ground.documents.putDocument('datasets', id, { ...dataset, state: 'FAILED', files: [] });
  expect((await rebuild(id)).errors).toMatchObject([{ code: 'CONFLICT', message: expect.stringContaining(id) }]);
  const { positions: _, ...withoutPositions } = dataset;
  await graph.ground.documents.putDocument('datasets', id, withoutPositions);
  expect((await rebuild(id)).errors).toMatchObject([{ code: 'CONFLICT' }]);
});
