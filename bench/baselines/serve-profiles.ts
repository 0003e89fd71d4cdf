import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Redis } from 'ioredis';
import { keepRows } from './profile-rows.ts';
import { tellUsage } from './tell-usage.ts';

/*
 * The least that a user could write by hand: another job writes one finished row per customer as JSON into Redis.
 * POST {"customers": [...]} is answered in the shape of the same question in GraphQL: one MGET, JSON.parse, JSON.stringify;
 * as an object per customer, or as a column per feature.
 */
interface Request {
  readonly redisPort: number;
  readonly customers: number;
  readonly features: number;
  readonly isColumns: boolean;
}

const { redisPort, customers, features, isColumns } = JSON.parse(process.argv[2]!) as Request;
const client = new Redis({ port: redisPort });
await keepRows(client, customers, features);

const fields = Array.from({ length: features }, (_, feature) => `f${feature}`);
const names = fields.map((field) => `profile.${field}`);

function answerOf(texts: readonly (string | null)[]): object {
  const rows = texts.map((text) => JSON.parse(text!) as Record<string, number>);
  if (!isColumns) return { customers: rows.map((profile) => ({ profile })) };
  return { featureVectors: { names, values: fields.map((field) => rows.map((row) => row[field])) } };
}

const server = createServer((incoming, response) => {
  let body = '';
  incoming.setEncoding('utf8').on('data', (text: string) => {
    body += text;
  });
  incoming.on('end', async () => {
    const { customers } = JSON.parse(body) as { customers: number[] };
    const rows = await client.mget(customers.map((customer) => `profile:${customer}`));
    const answer = JSON.stringify({ data: answerOf(rows) });
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) });
    response.end(answer);
  });
});
server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ port: (server.address() as AddressInfo).port }));
});

tellUsage(() => {
  server.close();
  server.closeAllConnections();
  void client.quit();
});
