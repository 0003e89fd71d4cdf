import { mkdirSync, readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { open } from 'lmdb';

/*
 * What a user without windows would do: another job computes the features and writes one finished row per key, as JSON
 * in Redis or as lmdb encodes values by itself; a request reads 100 of them.
 */
interface Request {
  readonly redisPort: number | null;
  readonly folder: string;
  /** JSON: the rows by key. */
  readonly rows: string;
  readonly keysPerRequest: number;
  readonly requests: number;
}

const request = JSON.parse(process.argv[2]!) as Request;
const rows = JSON.parse(readFileSync(request.rows, 'utf8')) as Record<string, (number | null)[]>;
const names = Object.keys(rows);

type Read = (keys: string[]) => Promise<(number | null)[][]>;

async function openLmdb(): Promise<{ read: Read; close(): Promise<void> }> {
  mkdirSync(request.folder, { recursive: true });
  const database = open<(number | null)[], string>({ path: request.folder });
  await database.transaction(() => {
    for (const name of names) database.put(name, rows[name]!);
  });
  const read: Read = async (keys) => keys.map((key) => database.get(key)!);
  return { read, close: () => database.close() };
}

async function openRedis(port: number): Promise<{ read: Read; close(): Promise<void> }> {
  const client = new Redis({ port });
  for (const name of names) await client.set(name, JSON.stringify(rows[name]));
  const read: Read = async (keys) => (await client.mget(keys)).map((text) => JSON.parse(text!) as (number | null)[]);
  const close = async () => {
    await client.quit();
  };
  return { read, close };
}

const { read, close } = request.redisPort === null ? await openLmdb() : await openRedis(request.redisPort);

/** The same keys in the same order as the other side. */
function keysOf(index: number): string[] {
  return Array.from(
    { length: request.keysPerRequest },
    (_, place) => names[(index * 7919 + place * 104_729) % names.length]!,
  );
}

let checked = '';
for (let index = 0; index < 200; index++) checked = JSON.stringify(await read(keysOf(index)));
const cpuBefore = process.cpuUsage();
const startedAt = performance.now();
const millis: number[] = [];
for (let index = 0; index < request.requests; index++) {
  const began = performance.now();
  await read(keysOf(index));
  millis.push(performance.now() - began);
}
const seconds = (performance.now() - startedAt) / 1_000;
const { user, system } = process.cpuUsage(cpuBefore);
millis.sort((a, b) => a - b);
const rank = (share: number) => millis[Math.floor(millis.length * share)]!;
process.stdout.write(
  JSON.stringify({
    seconds,
    cpuSeconds: (user + system) / 1e6,
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
    p50Millis: rank(0.5),
    p99Millis: rank(0.99),
    requestsPerSecond: request.requests / seconds,
    answer: checked,
  }),
);
await close();
