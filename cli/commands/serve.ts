import { Argument, type Command } from 'commander';
import { isWorkerProcess } from '../../adapters/cluster/processes.ts';
import { processEnvironment } from '../env.ts';
import { type Role, roles } from '../serve/roles.ts';

interface ServeOptions {
  readonly definitions?: string;
  readonly workers?: string;
}

/** `asof serve`: everything in this process, or one part, on embedded stores or the servers that the environment names. */
export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .description('Run Asof in one process or with workers, or one part of it')
    .addArgument(new Argument('[role]', 'what this process is').choices(roles).default('all'))
    .option('--definitions <file>', 'applied at the start; batch paths are relative to its folder')
    .option(
      '--workers <n>',
      'so many processes answer at one port: 1 to 256, auto = one a core (or ASOF_WORKERS; default 1)',
    )
    .action(async (role: Role, { definitions, workers }: ServeOptions) => {
      const env = { ...processEnvironment(), ...(workers !== undefined && { ASOF_WORKERS: workers }) };
      // Only here: loading engines and gateway takes a second, which no other command has to wait, and workers need no engine.
      if (isWorkerProcess()) return (await import('../serve/workers/worker.ts')).runWorker(role, env);
      const { serve } = await import('../serve/serve.ts');
      await serve(role, definitions ?? null, env);
    });
}
