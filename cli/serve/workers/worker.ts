import { toErrorForm } from '../../../adapters/cluster/error-form.ts';
import { asking } from '../../../adapters/cluster/link.ts';
import { linkToPrimary } from '../../../adapters/cluster/processes.ts';
import { createLogger } from '../../../runtime/logging.ts';
import { createMetrics } from '../../../runtime/metrics.ts';
import { type Readiness, startDoor } from '../asof.ts';
import type { Role } from '../roles.ts';
import { runUntilStopped } from '../run.ts';
import { defaultQuery, type Environment, readSettings } from '../settings.ts';
import { openWorker } from './opened-worker.ts';
import type { PrimaryCalls, PrimaryStreams } from './primary-calls.ts';
import type { WorkerCalls } from './worker-calls.ts';
import { createWorkerStores } from './worker-stores.ts';

/**
 * Answers at the port that all workers share, until the primary says that it is over. Signals are the primary's: a terminal
 * and a service manager send them to all processes at once.
 */
export async function runWorker(role: Role, env: Environment): Promise<void> {
  const settings = readSettings(env, role);
  const link = linkToPrimary();
  const primary = asking<PrimaryCalls, PrimaryStreams>(link);
  const metrics = createMetrics({ defaultMetrics: true });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});

  await runUntilStopped(
    async (running) => {
      const { stack, signal } = running;
      running.graceMillis = settings.graceMillis;
      const { worker, listensLast, port } = await primary.call('hello');
      const name = `${role === 'all' ? 'asof' : `asof ${role}`} worker ${worker}`;
      const logger = createLogger({ name, level: settings.logLevel });
      let readiness: Readiness = { reasons: ['it is starting'], notes: [] };
      await primary.follow('readiness', (newer) => {
        readiness = newer;
      });
      let floor = 0;
      const stores = stack.use(createWorkerStores(settings, link, { logger, metrics, floor: () => floor }));
      const door = await startDoor(
        {
          role,
          settings: { ...settings, port },
          stores,
          logger,
          metrics,
          among: {
            worker,
            listensLast,
            onListening: () => primary.call('listens'),
            readiness: () => readiness,
            metrics: { expose: () => primary.call('expose') },
          },
          async compose(shared) {
            const { now, doors } = await primary.call('begin');
            floor = now;
            return openWorker(role, shared, { link, doors, defaultQuery });
          },
        },
        signal,
      );
      stack.use(door);
      await primary.call('ready', door.url);
    },
    {
      onStop(stop) {
        const calls: WorkerCalls = { stop: async () => stop(), counts: () => metrics.counts() };
        link.offer(calls);
      },
      report: (error) => primary.call('failed', toErrorForm(error)).catch(() => {}),
    },
  );
}
