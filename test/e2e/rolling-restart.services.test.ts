import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSystemClock } from '../../adapters/clock/system-clock.ts';
import { openKafkaEventLog } from '../../adapters/kafka/event-log.ts';
import type { EventLog } from '../../core/ports/event-log.ts';
import { type Engines, enginesNeeded, startEngines, startLosableRedis } from '../chaos/engines.ts';
import { shopDefinitions } from '../exactly-once/definitions.ts';
import { describeWithService } from '../services/find-program.ts';
import { waitFor } from './asof-process.ts';
import { startBalancedLoad } from './balanced-load.ts';
import { createReplicas, type Replica } from './replicas.ts';

describeWithService('processes that come and go', enginesNeeded, () => {
  let folder: string;
  let engines: Engines;
  let replicas: readonly Replica[];
  let log: EventLog;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'asof-rolling-'));
    const definitions = join(folder, 'shop.json');
    writeFileSync(definitions, JSON.stringify(shopDefinitions));
    mkdirSync(join(folder, 'history'));
    engines = await startEngines(startLosableRedis(join(folder, 'redis')));
    replicas = await createReplicas(folder, definitions, engines.variables);
  }, 120_000);
  afterAll(async () => {
    await Promise.all(replicas.map((replica) => replica.process()?.stop('SIGKILL')));
    await log?.[Symbol.asyncDispose]();
    await engines?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  const of = (role: string) => replicas.filter((replica) => replica.role === role);
  /** Until all of these say that they wait for this server. */
  async function waiting(waiters: readonly Replica[], server: RegExp): Promise<void> {
    let states: readonly Awaited<ReturnType<Replica['readiness']>>[] = [];
    const look = async () => {
      states = await Promise.all(waiters.map((replica) => replica.readiness()));
      const isWaiting = (state: (typeof states)[number]) =>
        state?.status === 503 && state.reasons.some((reason) => server.test(reason));
      return states.every(isWaiting) ? true : undefined;
    };
    const told = () => waiters.map(({ name }, index) => `${name}: ${JSON.stringify(states[index])}`).join('\n');
    await waitFor(look, 90_000, undefined, told);
  }

  it('start before the servers that they need, and say what they wait for', { timeout: 240_000 }, async () => {
    const { database, redis, kafka } = engines;
    await Promise.all([database.kill(), redis.kill(), kafka.kill()]);
    const started = Promise.all(replicas.map((replica) => replica.start()));
    started.catch(() => {});
    const needy = replicas.filter(({ role }) => role !== 'gateway');
    await waiting(needy, /PostgreSQL does not answer/);
    const [online] = of('online');
    expect((await fetch(`${online!.url}/healthz`)).status).toBe(200);
    const asked = await fetch(`${online!.url}/graphql`, { method: 'POST', body: '{}' });
    expect([asked.status, await asked.json()]).toMatchObject([
      503,
      { errors: [{ extensions: { code: 'NOT_READY' } }] },
    ]);
    await database.restart();
    await waiting([...of('online'), ...of('ingest')], /Redis/);
    await redis.restart();
    await kafka.restart();
    await started;
    await Promise.all(replicas.map((replica) => replica.ready(90_000)));
  });

  it('are restarted one after the other without a request that fails', { timeout: 300_000 }, async () => {
    log = await openKafkaEventLog({ brokers: [engines.kafka.brokers], systemClock: createSystemClock() });
    const load = await startBalancedLoad(of('gateway'));
    let orders = 0;
    const order = async () => {
      const number = orders++;
      const row = { orderId: number, at: new Date().toISOString(), userId: `o${number}`, product: 'p', amount: '1.00' };
      await log.append('orders', [{ key: row.userId, payload: Buffer.from(JSON.stringify(row)) }]);
    };
    // Whoever subscribes from now on is told of what comes after.
    await waitFor(async () => {
      await order();
      await delay(200);
      return load.heard.length > 0 ? true : undefined;
    }, 30_000);
    const first = Number(load.heard[0]!.slice(1));
    for (const replica of replicas) {
      const answered = load.answered;
      expect(await replica.process().stop('SIGTERM'), `${replica.name}: ${replica.process().output()}`).toBe(0);
      await order();
      await replica.start();
      await replica.ready(60_000);
      await order();
      expect(load.answered).toBeGreaterThan(answered);
    }
    const all = Array.from({ length: orders - first }, (_, index) => `o${first + index}`);
    const missing = () => all.filter((user) => !load.heard.includes(user));
    await waitFor(
      () => (missing().length === 0 ? true : undefined),
      30_000,
      undefined,
      () => `missing ${missing()}`,
    );
    await load.stop();
    expect(load.failures).toEqual([]);
    expect(load.answered).toBeGreaterThan(500);
    expect(load.heard).not.toContain('lagged');
  });
});
