import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exampleOperations } from '../../examples/flights/operations.ts';
import { compareWithGrpc } from '../grpc/over-grpc.ts';
import { type CheckedFlights, readFlights } from '../oracle/flights-check.ts';
import { type AsofProcess, startFlights, waitFor } from './asof-process.ts';
import { blocksOf } from './docs.ts';
import { delayFields, expectedDelays, flightsFile, readQuietly } from './flight-values.ts';

const sliceRows = 50_000;
const every = 3_000_000 / sliceRows;
const slice = { FLIGHTS_SLICE: String(sliceRows) };

let folder: string;
let flights: CheckedFlights;
let asof: AsofProcess;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'asof-e2e-'));
  flights = await readFlights(flightsFile, { every });
  asof = await startFlights(folder, slice);
  await asof.ready(60_000);
}, 90_000);

afterAll(async () => {
  await asof?.stop('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

describe('the flights example as a user starts it', () => {
  it('prints operations that run as printed', async () => {
    for (const { text } of exampleOperations) {
      expect(asof.output()).toContain(text);
      if (!text.startsWith('subscription')) expect((await asof.execute(text)).errors).toBeUndefined();
    }
  });

  it('serves for every airport what an independent program computes', async () => {
    const airports = await readQuietly(asof, [...flights.keys()]);
    expect(airports).toHaveLength(flights.size);
    for (const { iata, originDelays } of airports) {
      const { meta, ...values } = originDelays;
      expect(values, `${iata} at ${meta.readAt}`).toEqual(
        expectedDelays(flights, { origin: iata }, Date.parse(meta.readAt)),
      );
    }
  });

  it('returns the same by asOf(readAt), values and statuses', async () => {
    const fields = `originDelays { ${delayFields.join(' ')} meta { status cells { name status } } } airportFacts { name city }`;
    const read = `airports(iata: ["ATL", "ORD", "XXX"]) { iata ${fields} }`;
    const now = await asof.query<{ airports: object[]; at: [{ originDelays: { meta: { readAt: string } } }] }>(
      `{ ${read} at: airports(iata: ["ATL"]) { originDelays { meta { readAt } } } }`,
    );
    const time = now.at[0].originDelays.meta.readAt;
    const past = await asof.query<{ airports: { iata: string; asOf: object }[] }>(
      `query($time: DateTime!) { airports(iata: ["ATL", "ORD", "XXX"]) { iata asOf(time: $time) { ${fields} } } }`,
      { time },
    );
    expect(past.airports.map(({ iata, asOf }) => ({ iata, ...asOf }))).toEqual(now.airports);
  });

  it('joins a route, the registry and request inputs in one operation', async () => {
    const { data, errors } = await asof.execute(`{
      route(origin: "ATL", destination: "ORD") { origin destination routeDelays { landed7d view { owner tags } } }
      featureVectors(service: "delay_model", keys: [{origin: "ATL", destination: "ORD"}], request: {distanceMiles: 606}) {
        names values
      }
    }`);
    expect(errors).toBeUndefined();
    expect(data).toMatchObject({
      route: { origin: 'ATL', routeDelays: { landed7d: expect.any(Number), view: { owner: 'ops', tags: ['delay'] } } },
      featureVectors: { names: expect.arrayContaining(['origin_delays.landed_1h', 'haul.is_long']) },
    });
  });

  it('serves the same over gRPC on the same port, and says that it does', () => compareWithGrpc(asof));

  it('runs the program of docs/grpc.md', async () => {
    const [program] = blocksOf('docs/grpc.md', 'js');
    const text = program!.replaceAll('localhost:4000', new URL(asof.url).host);
    const run = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', text]);
    expect((await run).stdout).toMatch(/^ATL .*Atlanta.* \d+\nORD .*Chicago.* \d+\n$/);
  });

  it('tells a subscriber of a change, and a query then returns the same', async () => {
    const client = asof.websocket();
    const { pushed, received } = await new Promise<{
      pushed: number;
      received: { iata: string; originDelays: { landed1h: number } };
    }>((resolve, reject) => {
      let landedAt = 0;
      const query = 'subscription { airportChanged(iata: ["ZZZ"]) { iata originDelays { landed1h meta { readAt } } } }';
      client.subscribe<{ airportChanged: { iata: string; originDelays: { landed1h: number } } }>(
        { query },
        {
          next: ({ data, errors }) =>
            errors === undefined ? resolve({ pushed: landedAt, received: data!.airportChanged }) : reject(errors),
          error: reject,
          complete: () => reject(new Error('the subscription ended')),
        },
      );
      setTimeout(async () => {
        landedAt = Date.now();
        await push(asof, [
          {
            flightId: 9_000_001,
            origin: 'ZZZ',
            destination: 'ATL',
            delayMinutes: 3,
            distanceMiles: 5,
            landedAt: await dataNow(),
          },
        ]).catch(reject);
      }, 300);
    });
    expect(Date.now() - pushed).toBeLessThan(1_500);
    expect(received).toMatchObject({ iata: 'ZZZ', originDelays: { landed1h: 1 } });
    const { airport } = await asof.query<{ airport: { originDelays: { landed1h: number } } }>(
      '{ airport(iata: "ZZZ") { originDelays { landed1h } } }',
    );
    expect(airport.originDelays.landed1h).toBe(1);
    await client.dispose();
  });

  it('keeps what it cannot apply as a dead letter, with its reason, and goes on', async () => {
    const { rejected, accepted } = await push(asof, [
      { flightId: 'x', origin: 'ZZZ', destination: 'ATL', landedAt: await dataNow() },
      { flightId: 9_000_002, origin: 'ZZZ', destination: 'ATL', delayMinutes: 1, distanceMiles: 5 },
      {
        flightId: 9_000_003,
        origin: 'ZZY',
        destination: 'ATL',
        delayMinutes: 1,
        distanceMiles: 5,
        landedAt: await dataNow(),
      },
    ]);
    expect(accepted).toBe(1);
    expect(rejected.map(({ index, message }) => [index, message])).toEqual([
      [0, expect.stringMatching(/flightId.*int64/)],
      [1, expect.stringMatching(/landedAt/)],
    ]);
  });

  it('serves a definition applied while it runs within two seconds, and refuses a broken one', async () => {
    const definitions = {
      asof: 1,
      entities: [{ name: 'gate', key: [{ name: 'id', type: { kind: 'string' } }] }],
      sources: [
        {
          kind: 'rows',
          name: 'gates',
          fields: [
            { name: 'id', type: { kind: 'string' } },
            { name: 'area', type: { kind: 'int64' } },
          ],
          stream: { kind: 'push' },
        },
      ],
      views: [
        {
          name: 'gate_facts',
          entity: 'gate',
          source: 'gates',
          key: { id: 'id' },
          features: [{ kind: 'column', name: 'area', column: 'area' }],
        },
      ],
      onDemandViews: [],
      services: [],
    };
    const apply =
      'mutation($definitions: JSON!) { apply(input: {definitions: $definitions}) { revision errors { message path remedy } } }';
    const broken = structuredClone(definitions);
    broken.views[0]!.features[0]!.column = 'aera';
    const refused = await asof.query<{ apply: { errors: { message: string; path: string; remedy: string }[] } }>(
      apply,
      { definitions: broken },
    );
    expect(refused.apply.errors).toEqual([
      {
        message: expect.stringContaining('"aera"'),
        path: 'views.gate_facts.features.area.column',
        remedy: expect.stringContaining('"area"'),
      },
    ]);

    const started = Date.now();
    const applied = await asof.query<{ apply: { errors: object[] } }>(apply, { definitions });
    expect(applied.apply.errors).toEqual([]);
    await waitFor(async () => {
      const { data } = await asof.execute('{ gate(id: "A1") { gateFacts { area meta { status } } } }');
      return (data as { gate?: object } | null)?.gate === undefined ? undefined : true;
    }, 10_000);
    expect(Date.now() - started).toBeLessThan(2_000);
  });

  it.each(['README.md', 'docs/graphql.md'])('runs every operation of %s', async (page) => {
    const operations = blocksOf(page, 'graphql');
    expect(operations.length).toBeGreaterThan(1);
    for (const operation of operations.filter((text) => !text.startsWith('subscription'))) {
      const { data, errors } = await asof.execute(operation);
      expect(errors, operation).toBeUndefined();
      expect(JSON.stringify(data)).not.toMatch(/"errors":\[\{/);
    }
    for (const operation of operations.filter((text) => text.startsWith('subscription'))) {
      const client = asof.websocket();
      const refused = new Promise((resolve) => {
        client.subscribe(
          { query: operation },
          { next: ({ errors }) => resolve(errors), error: resolve, complete: () => {} },
        );
      });
      expect(
        await Promise.race([refused, new Promise((resolve) => setTimeout(resolve, 200))]),
        operation,
      ).toBeUndefined();
      await client.dispose();
    }
  });

  it('answers every request of docs/graphql.md', async () => {
    const requests = blocksOf('docs/graphql.md', 'http');
    expect(requests.length).toBeGreaterThan(0);
    for (const text of requests) {
      const [head = '', body = ''] = text.split('\n\n');
      const [first = '', ...lines] = head.split('\n');
      const [method = '', path] = first.split(' ');
      const headers = Object.fromEntries(lines.map((line) => line.split(': ') as [string, string]));
      const answer = await fetch(`${asof.url}${path}`, { method, headers, body });
      expect(answer.status, text).toBe(200);
      expect(await answer.json()).toMatchObject({ service: 'delay_model', statuses: expect.any(Array) });
    }
  });

  it.each(['README.md', 'docs/cli.md'])('runs every command of %s', (page) => {
    const commands = blocksOf(page, 'sh').flatMap((text) =>
      text.split('\n').filter((line) => /^(npx )?asof /.test(line)),
    );
    expect(commands.length).toBeGreaterThan(0);
    for (const command of commands) {
      const words = command.replace(/^(npx )?asof /, '').split(' ');
      const { status, stderr } = spawnSync(process.execPath, ['dist/cli/main.js', ...words], {
        env: { PATH: process.env.PATH, ASOF_URL: asof.url },
        encoding: 'utf8',
      });
      expect(status, `${command}\n${stderr}`).toBe(0);
    }
  });

  it('shows definitions in the README as the example has them', () => {
    const source = readFileSync('examples/flights/features.ts', 'utf8');
    for (const block of blocksOf('README.md', 'ts')) expect(source).toContain(block.trim());
  });

  it('refuses a second process on the same data, naming the first', async () => {
    await expect(startFlights(folder, slice)).rejects.toThrow(new RegExp(`ended with 75[^]*${asof.pid}`));
  });
});

async function dataNow(): Promise<string> {
  const { airport } = await asof.query<{ airport: { originDelays: { meta: { readAt: string } } } }>(
    '{ airport(iata: "ATL") { originDelays { meta { readAt } } } }',
  );
  return airport.originDelays.meta.readAt;
}

interface Pushed {
  readonly accepted: number;
  readonly rejected: readonly { readonly index: number; readonly message: string }[];
}

async function push(process: AsofProcess, events: readonly object[]): Promise<Pushed> {
  const { push: result } = await process.query<{ push: Pushed }>(
    'mutation($events: [JSON!]!) { push(input: {source: "landings", events: $events}) { accepted rejected { index message } } }',
    { events },
  );
  return result;
}
