import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { temporaryFolders } from '../processes/temporary-folders.ts';
import { describeWithService } from '../services/find-program.ts';
import { type AsofProcess, startRole, waitFor } from './asof-process.ts';
import { type FlightsEngines, engines as needed, startEngines } from './flights-processes.ts';
import { type HeardUpdates, hearUpdates } from './heard-updates.ts';
import { eachWorker, isRunning, type OneWorker } from './one-worker.ts';
import { runAsof } from './run-command.ts';
import { processNames, type SeparateProcesses, separateProcesses } from './separate-processes.ts';

const folders = temporaryFolders('workers');
/** A new topic is found when the group is arranged anew. */
const patiently = { timeout: 20_000 };
const read = 'query($id: String!) { user(id: $id) { userPurchases { purchases24h } } }';

async function push(to: Pick<OneWorker, 'execute'>, userId: string): Promise<void> {
  const query = 'mutation($input: PushInput!) { push(input: $input) { accepted } }';
  const event = { purchaseId: crypto.randomUUID(), userId, amount: '1.50', purchasedAt: new Date().toISOString() };
  const pushed = await to.execute(query, { input: { source: 'purchases', events: [event] } });
  expect(pushed).toEqual({ data: { push: { accepted: 1 } } });
}

const countOf = async (from: Pick<OneWorker, 'execute'>, id: string): Promise<unknown> => {
  const answer = (await from.execute(read, { id })) as { data?: { user: { userPurchases: { purchases24h: number } } } };
  return answer.data?.user.userPurchases.purchases24h ?? answer;
};

async function nextOf(userId: string, subscriber: HeardUpdates) {
  for (;;) {
    const heard = await subscriber.next();
    if (heard.keys[0]![0] === userId) return heard;
  }
}

/** Through each worker the same: what was pushed, what was missed, what was applied. */
async function checkAsOne(asof: AsofProcess, folder: string, feature: string): Promise<void> {
  const workers = await eachWorker(asof.url, 2);
  const id = `u-${feature}`;
  for (const worker of workers) await push(worker, id);
  for (const worker of workers) await expect.poll(() => countOf(worker, id), patiently).toBe(2);

  const listen = (after: string | null) => [1, 2, 3, 4].map(() => hearUpdates(asof, 'user_purchases', after));
  const subscribers = listen(null);
  const all = Promise.all(subscribers.map((subscriber) => nextOf(`first-${feature}`, subscriber)));
  const heard = await waitFor(async () => {
    for (const worker of workers) await push(worker, `first-${feature}`);
    return Promise.race([all, new Promise<undefined>((resolve) => setImmediate(resolve, undefined))]);
  }, 20_000);
  for (const subscriber of subscribers) await subscriber.close();
  for (const worker of workers) await push(worker, `missed-${feature}`);
  const resumed = listen(heard[0]!.cursor);
  for (const subscriber of resumed) expect((await nextOf(`missed-${feature}`, subscriber)).lagged).toBe(false);
  for (const subscriber of resumed) await subscriber.close();

  const features = join(folder, 'features.ts');
  writeFileSync(features, readFileSync(features, 'utf8').replace(/\w+(: avg)/, `${feature}$1`));
  const applied = await runAsof(['apply', 'features.ts', '--yes'], { cwd: folder, env: { ASOF_URL: asof.url } });
  expect(applied).toMatchObject({ exitCode: 0 });
  const query = `{ user(id: "${id}") { userPurchases { ${feature} } } }`;
  for (const { execute } of workers) {
    await expect
      .poll(() => execute(query), patiently)
      .toEqual({ data: { user: { userPurchases: { [feature]: 1.5 } } } });
  }
  for (const worker of workers) await worker[Symbol.asyncDispose]();
}

describeWithService('workers on PostgreSQL, Redis and Kafka', needed, () => {
  let engines: FlightsEngines;
  beforeAll(async () => {
    engines = await startEngines();
  }, 120_000);
  afterAll(async () => {
    await engines?.[Symbol.asyncDispose]();
  });

  async function definitionsFolder(): Promise<string> {
    const folder = folders();
    expect(await runAsof(['init', '.'], { cwd: folder })).toMatchObject({ exitCode: 0 });
    return folder;
  }

  it('answer as one for a gateway and for an online process, and for each other', async () => {
    const folder = await definitionsFolder();
    await using processes: SeparateProcesses = await separateProcesses(folder, engines.variables, (role, data, env) => {
      const workers = role === 'gateway' || role === 'online' ? { ASOF_WORKERS: '2' } : {};
      return startRole(role, data, { ...env, ...workers }, role === 'registry' ? join(folder, 'features.ts') : null);
    });
    for (const name of processNames) await processes.start(name);
    await processes.whole(120_000);
    const [gateway, online] = [processes.of('gateway'), processes.of('online')];
    await checkAsOne(gateway, folder, 'usual');

    // The gateway asks another when one is gone.
    const behind = await eachWorker(online.url, 2);
    process.kill(behind[0]!.pid, 'SIGKILL');
    await waitFor(async () => {
      expect(await gateway.query(read, { id: 'u-usual' })).toEqual({ user: { userPurchases: { purchases24h: 2 } } });
      const [again] = await eachWorker(online.url, 2).catch(() => []);
      return again !== undefined && again.pid !== behind[0]!.pid ? true : undefined;
    }, 30_000);
    await processes.whole(30_000);
    const front = await eachWorker(gateway.url, 2);
    const pids = [...front, behind[1]!].map(({ pid }) => pid);
    expect([await gateway.stop('SIGTERM'), await online.stop('SIGTERM')]).toEqual([0, 0]);
    expect(pids.map(isRunning)).toEqual([false, false, false]);
  }, 300_000);

  it('answer as one for all of Asof in one place', async () => {
    const folder = await definitionsFolder();
    const variables = { ...engines.variables, DATABASE_URL: engines.database.database('together') };
    const asof = await startRole(
      'all',
      join(folder, 'data'),
      { ...variables, ASOF_WORKERS: '2' },
      join(folder, 'features.ts'),
    );
    try {
      await asof.ready(60_000);
      await checkAsOne(asof, folder, 'together');
    } finally {
      expect(await asof.stop('SIGTERM')).toBe(0);
    }
  }, 200_000);
});
