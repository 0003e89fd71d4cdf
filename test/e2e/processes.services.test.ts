import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { collectDefinitions } from '../../core/definitions/collect.ts';
import { countRows, featureView, max } from '../../core/index.ts';
import * as features from '../../examples/flights/features.ts';
import { compareWithGrpc } from '../grpc/over-grpc.ts';
import { describeWithService } from '../services/find-program.ts';
import { type AsofProcess, startFlights, waitFor } from './asof-process.ts';
import {
  type FlightsEngines,
  flightsProcesses,
  engines as needed,
  shuffled,
  startEngines,
} from './flights-processes.ts';
import { checkTokens } from './processes-with-tokens.ts';
import { checkResuming } from './resuming.ts';
import { compareRoutes, compareTypedReads, landedAtl, push, slice } from './same-reads.ts';
import { ingests, processNames, type SeparateProcesses } from './separate-processes.ts';

describeWithService('the flights example as processes of their own', needed, () => {
  let folder: string;
  let engines: FlightsEngines;
  let embedded: AsofProcess;
  let processes: SeparateProcesses;
  let gateway: AsofProcess;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'asof-processes-'));
    engines = await startEngines();
    embedded = await startFlights(join(folder, 'embedded'), slice);
    // States that the online process keeps in memory are not to be told from those of the store.
    const variables = { ...slice, ...engines.variables, ASOF_ONLINE_CACHE: '64MB' };
    processes = await flightsProcesses(folder, variables);
    for (const name of shuffled(processNames)) await processes.start(name);
    gateway = processes.of('gateway');
    await Promise.all([processes.whole(150_000), embedded.ready(60_000)]);
  }, 300_000);
  afterAll(async () => {
    await Promise.all([processes?.[Symbol.asyncDispose](), embedded?.stop('SIGKILL')]);
    await engines?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  it('runs each part in a process of its own, whichever started first', async () => {
    const said = await Promise.all(
      processNames.map(async (name) => {
        const health = await fetch(`${processes.of(name).url}/healthz`);
        return (await health.json()) as { status: string; role: string; pid: number };
      }),
    );
    expect(said.map(({ role }) => role)).toEqual(processNames.map((name) => name.replace(/-\d$/, '')));
    expect(said.map(({ pid }) => pid)).toEqual(processNames.map((name) => processes.of(name).pid));
    expect(new Set(said.map(({ pid }) => pid)).size).toBe(processNames.length);
  });

  it('gives the same typed reads as embedded, for every airport, now and in the past', () =>
    compareTypedReads(embedded, gateway));

  it('serves the same over gRPC at the gateway and at the online process', async () => {
    await compareWithGrpc(gateway);
    await compareWithGrpc({ url: processes.of('online').url, query: gateway.query });
  });

  it('gives the same 10,000 reads of routes as embedded', () => compareRoutes(embedded, gateway));

  it('divides the partitions among the two that ingest', async () => {
    const owned = await waitFor(async () => {
      const all = await Promise.all(ingests.map((name) => processes.partitions(name, 'landings')));
      return all.every((own) => own.size > 0) ? all : undefined;
    }, 30_000);
    const [first, second] = owned.map((own) => [...own.keys()]);
    expect([...first!, ...second!].sort()).toEqual([0, 1, 2]);
  });

  it('tells how fresh a view is, from ingest by way of the monitor to who asks', async () => {
    const query = '{ featureView(name: "origin_delays") { freshness { backlog stale state slaMillis } } }';
    const { featureView } = await waitFor(async () => {
      const answer = await gateway.query<{ featureView: { freshness: { backlog: number } | null } }>(query);
      return answer.featureView.freshness?.backlog === 0 ? answer : undefined;
    }, 20_000);
    expect(featureView.freshness).toEqual({ backlog: 0, stale: false, state: 'OK', slaMillis: 300_000 });
  });

  it('builds the same training dataset as embedded, and passes its file on whole and in part', async () => {
    const files = [];
    for (const process of [embedded, gateway]) {
      const id = await orderDataset(process);
      const { trainingDataset } = await waitFor(async () => {
        const answer = await process.query<{ trainingDataset: Dataset }>(
          'query($id: ID!) { trainingDataset(id: $id) { state error rows files { name url bytes sha256 } } }',
          { id },
        );
        return ['QUEUED', 'RUNNING'].includes(answer.trainingDataset.state) ? undefined : answer;
      }, 60_000);
      expect(trainingDataset).toMatchObject({ state: 'SUCCEEDED', error: null });
      expect(Number(trainingDataset.rows)).toBeGreaterThan(50);
      files.push(trainingDataset.files.find(({ name }) => name.endsWith('.parquet'))!);
    }
    const [expected, file] = files;
    expect(file!.sha256).toBe(expected!.sha256);
    const response = await fetch(`${gateway.url}${file!.url}`);
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(file!.sha256);
    const part = await fetch(`${gateway.url}${file!.url}`, { headers: { range: 'bytes=4-99' } });
    expect(part.status).toBe(206);
    expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(4, 100))).toBe(true);
  });

  it('serves a view that is applied while all run, from its history and from the stream', async () => {
    const arrivals = featureView('arrivals', {
      entity: features.airport,
      source: features.landings,
      key: { iata: 'destination' },
      features: { arrived_7d: countRows().over('7d'), longest_24h: max('distanceMiles').over('24h') },
    });
    const definitions = collectDefinitions({ arrivals });
    const query = '{ airports(iata: ["ATL", "ORD", "ZZZ"]) { arrivals { arrived7d longest24h meta { status } } } }';
    const answers = [];
    for (const process of [embedded, gateway]) {
      await process.query('mutation($definitions: JSON!) { apply(input: {definitions: $definitions}) { revision } }', {
        definitions,
      });
      await waitFor(async () => {
        const { data } = await process.execute(query);
        return JSON.stringify(data ?? 'NOT_READY').includes('NOT_READY') ? undefined : true;
      }, 60_000);
      const [atl] = (await process.query<Arrivals>(query)).airports;
      await push(process, [
        {
          ...{ flightId: 9_100_000, origin: 'ORD', destination: 'ATL', delayMinutes: 1, distanceMiles: 606 },
          landedAt: '2001-05-31T23:58:00Z',
        },
      ]);
      answers.push(
        await waitFor(async () => {
          const answer = await process.query<Arrivals>(query);
          const more = answer.airports[0]!.arrivals.arrived7d - atl!.arrivals.arrived7d;
          return more === 1 ? answer : undefined;
        }, 10_000),
      );
    }
    expect(answers[1]).toEqual(answers[0]);
  });

  it('answers what it can while a subgraph is away, and all when it is back', async () => {
    const query = '{ airport(iata: "ATL") { originDelays { landed7d view { owner } } } }';
    const before = await gateway.query(query);
    await processes.of('registry').stop('SIGTERM');
    await waitFor(async () => ((await processes.readiness('gateway')).notes.length > 0 ? true : undefined), 10_000);
    expect(await processes.readiness('gateway')).toMatchObject({ status: 200, reasons: [] });
    const { data, errors } = await gateway.execute(query);
    expect(data).toMatchObject({ airport: { originDelays: { landed7d: expect.any(Number), view: { owner: null } } } });
    expect(errors).toMatchObject([{ extensions: { code: 'UNAVAILABLE' } }]);
    await processes.start('registry');
    await processes.whole(20_000);
    expect(await gateway.query(query)).toEqual(before);
  });

  it('goes on with what it knows while PostgreSQL is away, and says so', async () => {
    const before = await landedAtl(gateway);
    await engines.database.kill();
    const knowing = ['online', 'registry', 'offline', 'monitor', ...ingests] as const;
    await waitFor(async () => {
      const all = await Promise.all(knowing.map((name) => processes.readiness(name)));
      return all.every(({ notes }) => /registry has not answered/.test(notes.join())) ? true : undefined;
    }, 30_000);
    for (const name of knowing) {
      expect(await processes.readiness(name), name).toMatchObject({ status: 200, reasons: [] });
      expect(await processes.metrics(name), name).toContain('asof_registry_away 1');
    }
    const fresh = { origin: 'ATL', destination: 'ORD', delayMinutes: 7, distanceMiles: 606 };
    await push(gateway, [{ flightId: 9_200_000, ...fresh, landedAt: '2001-05-31T23:57:00Z' }]);
    await waitFor(async () => ((await landedAtl(gateway)) === before + 1 ? true : undefined), 10_000);
    await engines.database.restart();
    await processes.whole(30_000);
    expect(await processes.metrics('online')).toContain('asof_registry_away 0');
  });

  it('leaves the partitions of an ingest that ends to the other, and divides them again', async () => {
    const before = await landedAtl(gateway);
    expect(await processes.of('ingest-1').stop('SIGTERM')).toBe(0);
    const rest = await waitFor(async () => {
      const own = await processes.partitions('ingest-2', 'landings');
      return own.size === 3 ? own : undefined;
    }, 30_000);
    expect([...rest.keys()].sort()).toEqual([0, 1, 2]);
    const landing = { origin: 'ATL', destination: 'ORD', delayMinutes: 7, distanceMiles: 606 };
    const landedAt = '2001-05-31T23:56:00Z';
    await push(
      gateway,
      Array.from({ length: 30 }, (_, index) => ({ flightId: 9_300_000 + index, ...landing, landedAt })),
    );
    await waitFor(async () => ((await landedAtl(gateway)) === before + 30 ? true : undefined), 10_000);
    await processes.start('ingest-1');
    await waitFor(
      async () => ((await processes.partitions('ingest-1', 'landings')).size > 0 ? true : undefined),
      30_000,
    );
    await processes.whole(20_000);
    expect(await landedAtl(gateway)).toBe(before + 30);
  });

  it('goes on behind a cursor when the gateway was killed, each update once, and says when it cannot', async () => {
    await checkResuming(processes, engines.variables.REDIS_URL!);
    gateway = processes.of('gateway');
  }, 120_000);

  it('asks for tokens at the gateway, which alone is answered by those behind it', async () => {
    await checkTokens(processes, folder);
  }, 120_000);

  it('ends each process cleanly on SIGTERM', async () => {
    const codes = await Promise.all(processNames.map((name) => processes.of(name).stop('SIGTERM')));
    expect(codes).toEqual(processNames.map(() => 0));
  });
});

interface Dataset {
  readonly state: string;
  readonly error: string | null;
  readonly rows: string;
  readonly files: readonly { readonly name: string; readonly url: string; readonly sha256: string }[];
}

interface Arrivals {
  readonly airports: readonly { readonly arrivals: { readonly arrived7d: number } }[];
}

async function orderDataset(process: AsofProcess): Promise<string> {
  const input = {
    name: 'a day in May',
    service: 'delay_model',
    spine: {
      sql: `SELECT "flightId", origin, destination, "distanceMiles", "landedAt" AS at FROM landings
            WHERE "landedAt" >= '2001-05-20' AND "landedAt" < '2001-05-21' ORDER BY "landedAt", "flightId"`,
      timeColumn: 'at',
    },
  };
  const { createTrainingDataset } = await process.query<{
    createTrainingDataset: { dataset: { id: string } | null; errors: readonly { message: string }[] };
  }>(
    `mutation($input: CreateTrainingDatasetInput!) {
      createTrainingDataset(input: $input) { dataset { id } errors { message } }
    }`,
    { input },
  );
  expect(createTrainingDataset.errors).toEqual([]);
  return createTrainingDataset.dataset!.id;
}
