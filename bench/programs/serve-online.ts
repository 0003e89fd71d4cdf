import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Redis } from 'ioredis';
import { createSystemClock } from '../../adapters/clock/system-clock.ts';
import { createLmdbOnlineStore } from '../../adapters/lmdb/online-store.ts';
import { createRedisOnlineStore } from '../../adapters/redis/online-store.ts';
import { singleServer } from '../../adapters/redis/servers.ts';
import { allAnswered } from '../../core/online/answers.ts';
import { createOnlineReader } from '../../core/online/reader.ts';
import { onlineView, present } from '../data/online.ts';
import { viewOf } from '../definitions.ts';
import { readRequest, startWatch, type Watch } from './measured.ts';

/** Answers POST {"keys": [...]} with all features of an aggregate view, a list for each key. */
export interface ServeOnlineRequest {
  /** null = LMDB. */
  readonly redisPort: number | null;
  /** Our LMDB store; with Redis, its values are copied there first. */
  readonly tiles: string;
}

const { redisPort, tiles } = readRequest<ServeOnlineRequest>();
const lmdb = createLmdbOnlineStore({ folder: tiles });
const client = redisPort === null ? null : new Redis({ port: redisPort });
const store =
  client === null
    ? lmdb
    : createRedisOnlineStore({ servers: singleServer('bench', client), clock: createSystemClock() });
let storedBytes = 0;
let keys = 0;
for await (const key of lmdb.scan('')) {
  if (key.startsWith('d:')) continue;
  const [value] = allAnswered(await lmdb.getMany([key]));
  storedBytes += value!.length;
  keys += 1;
  if (client !== null) await store.put(key, value!);
}

// A millisecond passes with each measured request, so that window ends move on; none while answers are compared.
let now = present;
let millisPerRequest = 0;
const reader = createOnlineReader({ store, clock: { readInstant: (newest) => Math.max(now, newest ?? 0) } });
const view = viewOf(onlineView);
const features = view.features.map((_, index) => index);

const server = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (text: string) => {
    body += text;
  });
  request.on('end', async () => {
    now += millisPerRequest;
    const asked = (JSON.parse(body) as { keys: string[] }).keys;
    const { readings } = await reader.read(asked.map((key) => ({ view, key: [key], features })));
    const answer = JSON.stringify({ rows: readings.map(({ values }) => values) });
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) });
    response.end(answer);
  });
});
server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ port: (server.address() as AddressInfo).port }));
});

// A line on stdin: what comes now is measured. Its end: tell what it took, and go.
let watch: Watch | null = null;
process.stdin.on('data', () => {
  millisPerRequest = 1;
  watch = startWatch();
});
process.stdin.on('end', async () => {
  if (watch === null) console.log('{}');
  else watch.print({ storedBytesPerKey: storedBytes / keys });
  server.close();
  server.closeAllConnections();
  await client?.quit();
  await lmdb[Symbol.asyncDispose]();
});
