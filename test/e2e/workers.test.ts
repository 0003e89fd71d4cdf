import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolders } from '../processes/temporary-folders.ts';
import { type AsofProcess, startServe, waitFor } from './asof-process.ts';
import { type HeardUpdates, hearUpdates } from './heard-updates.ts';
import { eachWorker, isRunning, type OneWorker } from './one-worker.ts';
import { runAsof } from './run-command.ts';

const folders = temporaryFolders('workers');
const folder = folders();
const features = join(folder, 'features.ts');
const data = join(folder, 'data');
const read = 'query($id: String!) { user(id: $id) { userPurchases { purchases24h meta { status } } } }';

let asof: AsofProcess;
const start = () => startServe(features, data, { ASOF_WORKERS: '2', ASOF_DRAIN_MILLIS: '1000' });

async function push(to: Pick<OneWorker, 'execute'>, userId: string): Promise<void> {
  const query = 'mutation($input: PushInput!) { push(input: $input) { accepted } }';
  const event = { purchaseId: crypto.randomUUID(), userId, amount: '1.50', purchasedAt: new Date().toISOString() };
  const pushed = await to.execute(query, { input: { source: 'purchases', events: [event] } });
  expect(pushed).toEqual({ data: { push: { accepted: 1 } } });
}

const countOf = async (from: Pick<OneWorker, 'execute'>, id: string): Promise<number> => {
  const answer = (await from.execute(read, { id })) as { data: { user: { userPurchases: { purchases24h: number } } } };
  return answer.data.user.userPurchases.purchases24h;
};

beforeAll(async () => {
  expect(await runAsof(['init', '.'], { cwd: folder })).toMatchObject({ exitCode: 0 });
  asof = await start();
  await asof.ready(30_000);
});
afterAll(async () => {
  await asof?.stop('SIGKILL');
});

describe('two workers on embedded stores', () => {
  it('say once where they answer, and answer there as one', async () => {
    const workers = await eachWorker(asof.url, 2);
    expect(workers.map(({ worker }) => worker)).toEqual([1, 2]);
    expect(new Set([asof.pid, ...workers.map(({ pid }) => pid)]).size).toBe(3);
    expect(asof.output().match(/Asof answers at/g)).toHaveLength(1);
    await waitFor(() => (asof.output().includes('All views have their history.') ? true : undefined), 10_000);
    for (const worker of workers) {
      expect(JSON.parse(await worker.text('/healthz'))).toMatchObject({ role: 'all', worker: worker.worker });
      expect(JSON.parse(await worker.text('/readyz'))).toEqual({ status: 'ready', reasons: [], notes: [] });
    }
    for (const worker of workers) await worker[Symbol.asyncDispose]();
  });

  it('read what the other was given', async () => {
    const workers = await eachWorker(asof.url, 2);
    for (const worker of workers) await push(worker, 'ada');
    for (const worker of workers) await expect.poll(() => countOf(worker, 'ada')).toBe(2);
    const vectors = 'query { featureVectors(service: "model", keys: {id: ["ada", "bob"]}) { names values statuses } }';
    const answers = await Promise.all(workers.map(({ execute }) => execute(vectors)));
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[0]).toMatchObject({
      data: {
        featureVectors: {
          values: [
            [2, 0],
            [1.5, null],
          ],
        },
      },
    });
    // What the primary answers, through either.
    const views = '{ featureViews { nodes { name freshness { stale } } } }';
    for (const { execute } of workers) {
      await expect
        .poll(() => execute(views))
        .toMatchObject({
          data: { featureViews: { nodes: [{ name: 'user_purchases', freshness: { stale: false } }] } },
        });
    }
    for (const worker of workers) await worker[Symbol.asyncDispose]();
  });

  it('tell each subscriber of what came to either, and go on from the cursor of the other', async () => {
    const workers = await eachWorker(asof.url, 2);
    const listen = (after: string | null) => [1, 2, 3, 4].map(() => hearUpdates(asof, 'user_purchases', after));
    const subscribers = listen(null);
    const nextOf = (userId: string) => async (subscriber: HeardUpdates) => {
      for (;;) {
        const heard = await subscriber.next();
        if (heard.keys[0]![0] === userId) return heard;
      }
    };
    const all = Promise.all(subscribers.map(nextOf('first')));
    // Whoever has subscribed too late is told of the next.
    const heard = await waitFor(async () => {
      for (const worker of workers) await push(worker, 'first');
      return Promise.race([all, new Promise<undefined>((resolve) => setImmediate(resolve, undefined))]);
    }, 20_000);
    for (const subscriber of subscribers) await subscriber.close();
    for (const worker of workers) await push(worker, 'missed');
    const resumed = listen(heard[0]!.cursor);
    for (const found of await Promise.all(resumed.map(nextOf('missed')))) expect(found.lagged).toBe(false);
    for (const subscriber of resumed) await subscriber.close();
    for (const worker of workers) await worker[Symbol.asyncDispose]();
  });

  it('take up what was applied through one of them', async () => {
    const workers = await eachWorker(asof.url, 2);
    writeFileSync(features, readFileSync(features, 'utf8').replaceAll('mean_amount_24h', 'usual_amount'));
    const applied = await runAsof(['apply', 'features.ts', '--yes'], { cwd: folder, env: { ASOF_URL: asof.url } });
    expect(applied).toMatchObject({ exitCode: 0 });
    const query = '{ user(id: "ada") { userPurchases { usualAmount } } registryRevision }';
    for (const { execute } of workers) {
      await expect
        .poll(() => execute(query))
        .toEqual({
          data: { user: { userPurchases: { usualAmount: 1.5 } }, registryRevision: 2 },
        });
    }
    for (const worker of workers) await worker[Symbol.asyncDispose]();
  });

  it('give the sum of what all count, whichever is asked', async () => {
    const workers = await eachWorker(asof.url, 2);
    const counted = async ({ text }: OneWorker) =>
      Number(
        /^asof_graphql_operations_total\{operation="query",transport="http",outcome="ok"\} (\d+)$/m.exec(
          await text('/metrics'),
        )?.[1],
      );
    const before = await counted(workers[0]!);
    for (const worker of workers) for (let more = 0; more < 5; more++) await countOf(worker, 'ada');
    expect(await counted(workers[0]!)).toBe(before + 10);
    expect(await counted(workers[1]!)).toBe(before + 10);
    expect(await workers[0]!.text('/metrics')).toMatch(/^asof_worker_restarts_total 0$/m);
    // What only the primary counts.
    expect(await workers[1]!.text('/metrics')).toMatch(
      /^asof_ingest_next_offset\{topic="push.purchases",partition="0"\} /m,
    );
    for (const worker of workers) await worker[Symbol.asyncDispose]();
  });

  it('leave the folder to one primary', async () => {
    const args = ['serve', '--workers', '2'];
    const second = await runAsof(args, { env: { ASOF_DATA_DIR: data, PORT: '0' } });
    expect(second).toMatchObject({ exitCode: 75, out: '' });
    expect(second.err.trim().split('\n')).toEqual([expect.stringMatching(/is in use by process \d+/)]);
  });

  it('are started again when they are killed, while the others answer', async () => {
    const [killed, other] = (await eachWorker(asof.url, 2)) as [OneWorker, OneWorker];
    process.kill(killed.pid, 'SIGKILL');
    const notes = async () => (JSON.parse(await other.text('/readyz')) as { notes: string[] }).notes;
    let failed = 0;
    const readTwice = async () => {
      const once = () => asof.query(read, { id: 'ada' });
      await once()
        .catch(() => once())
        .catch(() => failed++);
    };
    await waitFor(async () => {
      await readTwice();
      return (await notes()).some((note) => note.includes('worker 1 is away')) ? true : undefined;
    }, 10_000);
    await waitFor(async () => {
      await readTwice();
      return (await notes()).length === 0 ? true : undefined;
    }, 20_000);
    expect(failed).toBe(0);
    const again = await eachWorker(asof.url, 2);
    expect(again.map(({ worker, pid }) => [worker, pid === killed.pid])).toEqual([
      [1, false],
      [2, false],
    ]);
    expect(asof.output()).toMatch(/"worker":1,"pid":\d+,"code":null,"signal":"SIGKILL".*a worker has ended/);
    for (const worker of again) {
      expect(await worker.text('/metrics')).toMatch(/^asof_worker_restarts_total 1$/m);
      await expect.poll(() => countOf(worker, 'ada')).toBe(2);
    }
    for (const worker of [killed, other, ...again]) await worker[Symbol.asyncDispose]();
  });

  it('answer at the same address when all have been killed at once', async () => {
    for (const { pid } of await eachWorker(asof.url, 2)) process.kill(pid, 'SIGKILL');
    await waitFor(async () => ((await eachWorker(asof.url, 2).catch(() => undefined)) ? true : undefined), 20_000);
    expect(await asof.query(read, { id: 'ada' })).toMatchObject({ user: { userPurchases: { purchases24h: 2 } } });
  });

  it('leave signals to their primary, which has them finish and ends last', async () => {
    const workers = await eachWorker(asof.url, 2);
    const pids = workers.map(({ pid }) => pid);
    for (const pid of pids) for (const signal of ['SIGINT', 'SIGTERM']) process.kill(pid, signal);
    for (const worker of workers) expect(await countOf(worker, 'ada')).toBe(2);
    for (const worker of workers) await worker[Symbol.asyncDispose]();
    const stopped = asof.stop('SIGTERM');
    const readiness = async () => {
      const answer = await fetch(`${asof.url}/readyz`);
      return { ...((await answer.json()) as object), status: answer.status };
    };
    await expect.poll(readiness, { interval: 20 }).toMatchObject({ status: 503, reasons: ['the process is stopping'] });
    expect(await asof.query(read, { id: 'ada' })).toMatchObject({ user: { userPurchases: { purchases24h: 2 } } });
    expect(await stopped).toBe(0);
    expect(pids.map(isRunning)).toEqual([false, false]);
    expect(asof.output()).not.toMatch(/could not|compose/);
  });

  it('end with their primary, however it ends, and leave the folder to the next', async () => {
    asof = await start();
    await asof.ready(30_000);
    const workers = await eachWorker(asof.url, 2);
    for (const worker of workers) expect(await countOf(worker, 'ada')).toBe(2);
    await asof.stop('SIGKILL');
    await waitFor(() => (workers.some(({ pid }) => isRunning(pid)) ? undefined : true), 10_000);
    for (const worker of workers) await worker[Symbol.asyncDispose]();
    asof = await start();
    await asof.ready(30_000);
    expect(await asof.query(read, { id: 'ada' })).toMatchObject({ user: { userPurchases: { purchases24h: 2 } } });
    const last = await eachWorker(asof.url, 2);
    for (const worker of last) await worker[Symbol.asyncDispose]();
    process.kill(asof.pid, 'SIGINT');
    await waitFor(async () => ((await fetch(`${asof.url}/readyz`)).status === 503 ? true : undefined), 1_000);
    expect(await asof.stop('SIGINT')).toBe(130);
    await waitFor(() => (last.some(({ pid }) => isRunning(pid)) ? undefined : true), 1_000);
  });
});

describe('workers that cannot be', () => {
  const serve = (args: readonly string[], env: Record<string, string> = {}) =>
    runAsof(['serve', ...args], { env: { ASOF_DATA_DIR: join(folder, 'other'), PORT: '0', ...env } });

  it('are refused for roles that have none, and in numbers that are none', async () => {
    const servers = {
      DATABASE_URL: 'postgres://127.0.0.1:1/x',
      REDIS_URL: 'redis://127.0.0.1:1',
      KAFKA_BROKERS: '127.0.0.1:1',
    };
    const ingest = await serve(['ingest', '--workers', '2'], { ...servers, OFFLINE_URL: folder });
    expect(ingest).toMatchObject({ exitCode: 2, out: '' });
    expect(ingest.err).toMatch(/a process that is ingest alone has no workers; start more processes of that role/);
    for (const count of ['0', '257', '1.5', 'many']) {
      const refused = await serve(['--workers', count]);
      expect(refused).toMatchObject({ exitCode: 2, out: '' });
      expect(refused.err).toMatch(/expected a whole number from 1 to 256, or auto/);
    }
  });

  it('say once what keeps all of them from answering, and end', async () => {
    const taken = await new Promise<Server>((resolve) => {
      const server = createServer().listen(0, '127.0.0.1', () => resolve(server));
    });
    const { port } = taken.address() as { port: number };
    const refused = await serve(['--workers', '3'], { PORT: String(port) });
    taken.close();
    expect(refused).toMatchObject({ exitCode: 75, out: '' });
    expect(refused.err.match(/is in use by another process/g)).toHaveLength(1);
    const wide = await serve([], { ASOF_WORKERS: '2', HOST: '127.0.0.2' });
    expect(wide).toMatchObject({ exitCode: 2, out: '' });
    expect(wide.err.match(/refuses to listen on 127\.0\.0\.2 without authentication/g)).toHaveLength(1);
  });
});
