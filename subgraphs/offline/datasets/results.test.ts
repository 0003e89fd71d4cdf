import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { finishedDataset, orderDataset, refusedOrder, spineRows } from '../../../test/pipelines/dataset-orders.ts';
import { at, clicksRegistry, type OfflineGraph, openOfflineGraph } from '../../../test/pipelines/offline-graph.ts';

let graph: OfflineGraph;

beforeEach(async () => {
  graph = await openOfflineGraph();
});
afterEach(() => graph.close());

describe('training datasets', () => {
  test('join inline rows in their order and keep every column', async () => {
    const id = await orderDataset(graph, {
      features: ['user_clicks:clicks_ever', 'user_clicks:amount_ever'],
      spine: { rows: spineRows, timeColumn: 'at' },
      withStatus: true,
    });
    const dataset = await finishedDataset(graph, id);
    expect(dataset).toMatchObject({ state: 'SUCCEEDED', error: null, rows: 4, rowsDone: 4, rowsTotal: 4 });
    const { data } = await graph.run(
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
    const parquet = await readFile(join(graph.ground.folder, 'datasets', id, 'data.parquet'));
    expect(files[0]).toMatchObject({
      bytes: parquet.length,
      sha256: createHash('sha256').update(parquet).digest('hex'),
    });
    const manifest = JSON.parse(await readFile(join(graph.ground.folder, 'datasets', id, 'manifest.json'), 'utf8'));
    expect(manifest).toMatchObject({
      id,
      mode: 'AS_SERVED',
      views: [{ view: 'user_clicks', version: 1, hash: clicksRegistry.views.get('user_clicks')![0]!.hash }],
      positions: { clicks: { 'clicks/0': 2 } },
      files: [{ name: 'data.parquet', sha256: files[0].sha256 }],
    });
  });

  test('join a query over the sources, between two times, through a service', async () => {
    const sql = 'SELECT "userId" AS user_id, "at" AS at, amount > 4 AS label FROM clicks ORDER BY "clickId"';
    const between = { start: at(0), end: at(60) };
    const id = await orderDataset(graph, {
      service: 'model',
      serviceVersion: 1,
      spine: { sql, timeColumn: 'at' },
      between,
    });
    expect(await finishedDataset(graph, id)).toMatchObject({
      state: 'SUCCEEDED',
      error: null,
      rows: 2,
      features: ['user_clicks:clicks_ever'],
    });
  });

  test('compute the request-time features of a service from columns of the spine', async () => {
    const rows = [
      { user_id: 'a', at: at(90), budget: 12 },
      { user_id: 'x', at: at(90), budget: 12 },
      { user_id: 'a', at: at(30), budget: null },
    ];
    const id = await orderDataset(graph, { service: 'model', spine: { rows, timeColumn: 'at' }, withStatus: true });
    expect(await finishedDataset(graph, id)).toMatchObject({
      error: null,
      features: ['user_clicks:clicks_ever', 'share:spent'],
    });
    const { data } = await graph.run(`{ trainingDataset(id: "${id}") { preview } }`);
    expect(data.trainingDataset.preview).toMatchObject([
      { budget: 12, user_clicks__clicks_ever: 2, share__spent: 0.5, share__spent__status: 'PRESENT' },
      { user_clicks__clicks_ever: 0, share__spent: null, share__spent__status: 'NULL' },
      { budget: null, user_clicks__clicks_ever: 1, share__spent: null },
    ]);
    expect(data.trainingDataset.preview[0]).not.toHaveProperty('user_clicks__amount_ever');
    const spine = { rows: [{ user_id: 'a', at: at(90) }], timeColumn: 'at' };
    const missing = expect.stringMatching(/request input "budget" of share of model version \d is missing; expected/);
    expect(await refusedOrder(graph, { service: 'model', spine })).toMatchObject({ message: missing });
    const sql = 'SELECT "userId" AS user_id, "at" AS at FROM clicks';
    expect(await refusedOrder(graph, { service: 'model', spine: { sql, timeColumn: 'at' } })).toMatchObject({
      message: missing,
      path: 'spine.sql',
    });
    const illTyped = { rows: [{ user_id: 'a', at: at(90), budget: 'much' }], timeColumn: 'at' };
    expect(await refusedOrder(graph, { service: 'model', spine: illTyped })).toMatchObject({
      path: 'spine.rows.0.budget',
      message: expect.stringMatching(
        /request input "budget" of share of model version \d is not of its type.*got "much"/,
      ),
    });
    const texts = { sql: `SELECT 'a' AS user_id, "at" AS at, 'much' AS budget FROM clicks`, timeColumn: 'at' };
    const failed = await finishedDataset(graph, await orderDataset(graph, { service: 'model', spine: texts }));
    expect(JSON.stringify(failed.error)).toMatch(/request input .*budget.* of share of model version \d is not of its/);
  });

  test('what is wrong is said as data, at once', async () => {
    const refused = (input: Record<string, unknown>) =>
      refusedOrder(graph, { features: ['user_clicks'], spine: { rows: spineRows, timeColumn: 'at' }, ...input });
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
    const dataset = await finishedDataset(
      graph,
      await orderDataset(graph, { features: ['user_clicks'], spine: { rows, timeColumn: 'at' } }),
    );
    expect(dataset).toMatchObject({ state: 'FAILED', files: [] });
    expect(dataset.error).toContain('2001-06-01T00:02:00.000Z');
  });
});
