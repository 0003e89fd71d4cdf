import { dirname, resolve } from 'node:path';
import { AsofError } from '../../core/errors/asof-error.ts';
import type { MaterializationJob } from '../../core/ports/materializer.ts';
import { createLogger } from '../../runtime/logging.ts';
import { createMetrics } from '../../runtime/metrics.ts';
import { loadDefinitions } from '../definitions/load.ts';
import { startAsof } from './asof.ts';
import { createProgressBars } from './progress.ts';
import { appliesDefinitions, fillsViews, type Role } from './roles.ts';
import { runUntilSignal } from './run.ts';
import { defaultQuery, type Environment, readSettings } from './settings.ts';
import { createStores } from './stores.ts';
import { startPrimary } from './workers/primary.ts';

/**
 * All of Asof, or one part of it, in this process or with workers, until a signal ends it.
 *
 * @param file definitions to apply at the start; null = what the registry holds
 */
export async function serve(role: Role, file: string | null, env: Environment): Promise<void> {
  await runUntilSignal(async (running) => {
    const { stack, signal } = running;
    const base = readSettings(env, role);
    running.graceMillis = base.graceMillis;
    if (file !== null && !appliesDefinitions(role)) throw appliesNone(role);
    const besideFile = file !== null && env.ASOF_BATCH_DIR === undefined;
    const settings = besideFile ? { ...base, batchDir: dirname(resolve(file)) } : base;
    const logger = createLogger({ name: role === 'all' ? 'asof' : `asof ${role}`, level: settings.logLevel });
    const definitions = file === null ? null : await loadDefinitions(file);
    const metrics = createMetrics({ defaultMetrics: true });
    const hasWorkers = settings.workers > 1;
    const stores = stack.use(createStores(settings, null, { logger, metrics }, { readElsewhere: hasWorkers }));
    const bars = createProgressBars();
    stack.defer(() => bars.stop());
    const options = {
      role,
      settings,
      stores,
      logger,
      metrics,
      definitions,
      defaultQuery,
      onJob: bars.update,
    };
    const asof = stack.use(hasWorkers ? startPrimary(options) : await startAsof(options, signal));
    process.stdout.write(`Asof answers at ${await asof.url}\n`);
    const jobs = await asof.filled;
    bars.stop();
    if (fillsViews(role)) process.stdout.write(`${filledText(jobs)}\n`);
  });
}

function filledText(jobs: readonly MaterializationJob[]): string {
  const failed = jobs.filter(({ state }) => state !== 'SUCCEEDED');
  if (failed.length === 0) return 'All views have their history.';
  const lines = failed.map(({ views, error }) => `  ${views.join(', ')}: ${error ?? 'cancelled'}`);
  return `These views lack history; mend it, then \`asof materialize VIEW…\`:\n${lines.join('\n')}`;
}

function appliesNone(role: Role): AsofError {
  return new AsofError('BAD_INPUT', `a process that is ${role} alone applies no definitions`, {
    path: '--definitions',
    expected: 'the role registry or all',
    got: role,
    remedy: 'Give them to `asof serve registry`, or apply them with `asof apply`.',
  });
}
