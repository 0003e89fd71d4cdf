import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { createLogger } from '../../runtime/logging.ts';
import { loadDefinitions } from '../definitions/load.ts';
import { startAsof } from '../embedded/asof.ts';
import { createProgressBars } from '../embedded/progress.ts';
import { runUntilSignal } from '../embedded/run.ts';
import { readSettings } from '../embedded/settings.ts';
import { openStores } from '../embedded/stores.ts';
import { processEnvironment } from '../env.ts';

/** `asof serve`: everything in this process, on embedded stores or the servers that the environment names. */
export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .description('Run Asof in one process')
    .option('--definitions <file>', 'applied at the start; batch paths are relative to its folder')
    .action(async ({ definitions: file }: { definitions?: string }) => {
      await runUntilSignal(async (stack) => {
        const env = processEnvironment();
        const base = readSettings(env);
        const besideFile = file !== undefined && env.ASOF_BATCH_DIR === undefined;
        const settings = besideFile ? { ...base, batchDir: dirname(resolve(file)) } : base;
        const logger = createLogger({ name: 'asof', level: settings.logLevel });
        const definitions = file === undefined ? null : await loadDefinitions(file);
        const stores = stack.use(await openStores(settings, null, logger));
        const bars = createProgressBars();
        stack.defer(() => bars.stop());
        const options = { settings, stores, logger, definitions, defaultQuery: '{ __typename }', onJob: bars.update };
        const asof = stack.use(await startAsof(options));
        process.stdout.write(`Asof answers at ${asof.url}\n`);
        await asof.filled;
        bars.stop();
        process.stdout.write('All views have their history.\n');
      });
    });
}
