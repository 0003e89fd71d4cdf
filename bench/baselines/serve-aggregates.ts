import { mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Redis } from 'ioredis';
import { open } from 'lmdb';
import { tellUsage } from './tell-usage.ts';

/*
 * What a user without windows would do: another job computes the features and writes one finished row per key, as JSON
 * in Redis or as lmdb encodes values by itself. POST {"keys": [...]} is answered with a row for each key: one MGET,
 * JSON.parse, JSON.stringify.
 */
interface Request {
  readonly redisPort: number | null;
  readonly folder: string;
  /** JSON: the rows by key. */
  readonly rows: string;
}

type Row = (number | null)[];

const request = JSON.parse(process.argv[2]!) as Request;
const rows = JSON.parse(readFileSync(request.rows, 'utf8')) as Record<string, Row>;
const names = Object.keys(rows);

interface Rows {
  read(keys: string[]): Promise<Row[]>;
  close(): Promise<unknown>;
}

async function openLmdb(): Promise<Rows> {
  mkdirSync(request.folder, { recursive: true });
  const database = open<Row, string>({ path: request.folder });
  await database.transaction(() => {
    for (const name of names) database.put(name, rows[name]!);
  });
  return { read: async (keys) => keys.map((key) => database.get(key)!), close: () => database.close() };
}

async function openRedis(port: number): Promise<Rows> {
  const client = new Redis({ port });
  for (const name of names) await client.set(name, JSON.stringify(rows[name]));
  return {
    read: async (keys) => (await client.mget(keys)).map((text) => JSON.parse(text!) as Row),
    close: () => client.quit(),
  };
}

const { read, close } = request.redisPort === null ? await openLmdb() : await openRedis(request.redisPort);

const server = createServer((incoming, response) => {
  let body = '';
  incoming.setEncoding('utf8').on('data', (text: string) => {
    body += text;
  });
  incoming.on('end', async () => {
    const { keys } = JSON.parse(body) as { keys: string[] };
    const answer = JSON.stringify({ rows: await read(keys) });
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) });
    response.end(answer);
  });
});
server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ port: (server.address() as AddressInfo).port }));
});

tellUsage(
  () => {
    server.close();
    server.closeAllConnections();
    void close();
  },
  () => {
    const storedBytes = names.reduce((sum, name) => sum + JSON.stringify(rows[name]).length, 0);
    return { storedBytesPerKey: storedBytes / names.length };
  },
);
