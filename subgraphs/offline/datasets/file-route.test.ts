import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AsofError } from '../../../core/errors/asof-error.ts';
import { localPrincipal } from '../../../runtime/access/principal.ts';
import { httpStatusOf, sendJson } from '../../../runtime/http-route.ts';
import { finishedDataset, orderDataset, spineRows } from '../../../test/pipelines/dataset-orders.ts';
import { type OfflineGraph, openOfflineGraph } from '../../../test/pipelines/offline-graph.ts';
import { byteRange } from './file-route.ts';

let graph: OfflineGraph;
let base: string;
const server = createServer((request, response) => {
  const url = new URL(request.url!, 'http://localhost');
  graph.routes[0]!.handle(request, response, { url, principal: localPrincipal }).catch((error: unknown) => {
    if (!(error instanceof AsofError)) throw error;
    sendJson(response, httpStatusOf(error.code), { code: error.code });
  });
});

beforeEach(async () => {
  graph = await openOfflineGraph();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await graph.close();
});

test('serves the files of a finished dataset, whole, in ranges and as headers', async () => {
  const spine = { rows: spineRows, timeColumn: 'at' };
  const id = await orderDataset(graph, { features: ['user_clicks'], spine });
  const [file] = (await finishedDataset(graph, id)).files;
  const url = `${base}/datasets/${id}/data.parquet`;
  const whole = Buffer.from(await (await fetch(url)).arrayBuffer());
  expect(whole.length).toBe(file!.bytes);
  expect(whole.subarray(0, 4).toString()).toBe('PAR1');

  const part = await fetch(url, { headers: { range: 'bytes=-4' } });
  expect(part.status).toBe(206);
  expect(part.headers.get('content-range')).toBe(`bytes ${whole.length - 4}-${whole.length - 1}/${whole.length}`);
  expect(await part.text()).toBe('PAR1');
  expect((await fetch(url, { headers: { range: `bytes=${whole.length}-` } })).status).toBe(416);

  const head = await fetch(url, { method: 'HEAD' });
  expect(head.headers.get('content-length')).toBe(String(whole.length));
  expect(head.headers.get('etag')).toBe(`"${file!.sha256}"`);
  expect((await fetch(`${base}/datasets/${id}/manifest.json`)).headers.get('content-type')).toBe('application/json');
});

test('serves nothing else', async () => {
  const spine = { rows: spineRows, timeColumn: 'at' };
  const id = await orderDataset(graph, { features: ['user_clicks'], spine });
  await finishedDataset(graph, id);
  const places = [
    `${id}/spine.json`,
    `${id}/..%2f..%2fclicks.ndjson`,
    `${id}/%`,
    `${id}/data.parquet/more`,
    `${'0'.repeat(8)}-0000-0000-0000-000000000000/data.parquet`,
    '..%2f..%2fetc/passwd',
    id,
    '',
  ];
  for (const place of places) expect([place, (await fetch(`${base}/datasets/${place}`)).status]).toEqual([place, 404]);
});

test('understands one range of bytes', () => {
  expect(byteRange(undefined, 10)).toBeNull();
  expect(byteRange('bytes=0-3', 10)).toEqual({ start: 0, end: 3 });
  expect(byteRange('bytes=4-', 10)).toEqual({ start: 4, end: 9 });
  expect(byteRange('bytes=4-99', 10)).toEqual({ start: 4, end: 9 });
  expect(byteRange('bytes=-3', 10)).toEqual({ start: 7, end: 9 });
  expect(byteRange('bytes=-99', 10)).toEqual({ start: 0, end: 9 });
  expect(byteRange('bytes=10-', 10)).toBe('unsatisfiable');
  expect(byteRange('bytes=-0', 10)).toBe('unsatisfiable');
  for (const other of ['bytes=3-1', 'bytes=-', 'bytes=0-1,3-4', 'rows=0-1', 'bytes=a-b']) {
    expect(byteRange(other, 10)).toBeNull();
  }
});
