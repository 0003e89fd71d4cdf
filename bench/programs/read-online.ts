import { Redis } from 'ioredis';
import { createLmdbOnlineStore } from '../../adapters/lmdb/online-store.ts';
import { createRedisOnlineStore } from '../../adapters/redis/online-store.ts';
import { createOnlineReader } from '../../core/online/reader.ts';
import { airportNames, onlineView, present } from '../data/online.ts';
import { viewOf } from '../definitions.ts';
import { readRequest, startWatch } from './measured.ts';

/** Reads all features of an aggregate view for some keys at a time, as a request to the online subgraph does. */
export interface ReadOnlineRequest {
  /** null = LMDB. */
  readonly redisPort: number | null;
  /** Our LMDB store; with Redis, its values are copied there first. */
  readonly tiles: string;
  readonly airports: number;
  readonly keysPerRequest: number;
  readonly requests: number;
}

const { redisPort, tiles, airports, keysPerRequest, requests } = readRequest<ReadOnlineRequest>();
const lmdb = createLmdbOnlineStore({ folder: tiles });
const client = redisPort === null ? null : new Redis({ port: redisPort });
const store = client === null ? lmdb : createRedisOnlineStore({ client });
if (client !== null) {
  for await (const key of lmdb.scan('')) {
    const [value] = await lmdb.getMany([key]);
    if (value != null && !key.startsWith('d:')) await store.put(key, value);
  }
}

// A request each millisecond: window ends move on with the clock, as they do in life.
let now = present;
const reader = createOnlineReader({ store, clock: { readInstant: (newest) => Math.max(now, newest ?? 0) } });
const view = viewOf(onlineView);
const names = airportNames(airports);
const features = view.features.map((_, index) => index);

/** The same keys in the same order as the other side. */
function requestOf(index: number) {
  return Array.from({ length: keysPerRequest }, (_, place) => ({
    view,
    key: [names[(index * 7919 + place * 104_729) % names.length]!],
    features,
  }));
}

let answer = '';
for (let index = 0; index < 200; index++) {
  const { readings } = await reader.read(requestOf(index));
  answer = JSON.stringify(readings.map(({ values }) => values));
}
const watch = startWatch();
const startedAt = performance.now();
const millis: number[] = [];
for (let index = 0; index < requests; index++) {
  now = present + index;
  const began = performance.now();
  await reader.read(requestOf(index));
  millis.push(performance.now() - began);
}
const seconds = (performance.now() - startedAt) / 1_000;
millis.sort((a, b) => a - b);
const rank = (share: number) => millis[Math.floor(millis.length * share)]!;
watch.print({ p50Millis: rank(0.5), p99Millis: rank(0.99), requestsPerSecond: requests / seconds, answer });
if (client !== null) await client.quit();
await lmdb[Symbol.asyncDispose]();
