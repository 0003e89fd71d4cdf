import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Redis } from 'ioredis';

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
for (let customer = 0; customer < customers; customer++) {
  const row = Array.from({ length: features }, (_, feature) => [
    `f${feature}`,
    ((customer * 7_919 + feature * 104_729) % 9_999) + 1,
  ]);
  await client.set(`profile:${customer}`, JSON.stringify(Object.fromEntries(row)));
}

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

// A line on stdin: what comes now is measured. Its end: tell what it took, and go.
let cpuBefore = process.cpuUsage();
process.stdin.on('data', () => {
  globalThis.gc?.();
  cpuBefore = process.cpuUsage();
});
process.stdin.on('end', async () => {
  const { user, system } = process.cpuUsage(cpuBefore);
  const peakRssBytes = process.resourceUsage().maxRSS * 1024;
  console.log(JSON.stringify({ cpuSeconds: (user + system) / 1e6, peakRssBytes }));
  server.close();
  server.closeAllConnections();
  await client.quit();
});
