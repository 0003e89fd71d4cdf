import { dirname, resolve } from 'node:path';
import { createLogger } from '../../runtime/logging.ts';
import { createMetrics } from '../../runtime/metrics.ts';
import { loadDefinitions } from '../definitions/load.ts';
import { processEnvironment } from '../env.ts';
import { startAsof } from './asof.ts';
import { createProgressBars } from './progress.ts';
import { runUntilSignal } from './run.ts';
import { readSettings } from './settings.ts';
import { openStores } from './stores.ts';

/**
 * Everything in this process, until a signal ends it.
 *
 * @param file definitions to apply at the start; null = what the registry holds
 */
export async function serve(file: string | null): Promise<void> {
  await runUntilSignal(async (stack) => {
    const env = processEnvironment();
    const base = readSettings(env);
    const besideFile = file !== null && env.ASOF_BATCH_DIR === undefined;
    const settings = besideFile ? { ...base, batchDir: dirname(resolve(file)) } : base;
    const logger = createLogger({ name: 'asof', level: settings.logLevel });
    const definitions = file === null ? null : await loadDefinitions(file);
    const metrics = createMetrics({ defaultMetrics: true });
    const stores = stack.use(await openStores(settings, null, { logger, metrics }));
    const bars = createProgressBars();
    stack.defer(() => bars.stop());
    const options = {
      settings,
      stores,
      logger,
      metrics,
      definitions,
      defaultQuery: '{ __typename }',
      onJob: bars.update,
    };
    const asof = stack.use(await startAsof(options));
    process.stdout.write(`Asof answers at ${asof.url}\n`);
    await asof.filled;
    bars.stop();
    process.stdout.write('All views have their history.\n');
  });
}
