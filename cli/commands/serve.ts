import type { Command } from 'commander';

/** `asof serve`: everything in this process, on embedded stores or the servers that the environment names. */
export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .description('Run Asof in one process')
    .option('--definitions <file>', 'applied at the start; batch paths are relative to its folder')
    .action(async ({ definitions }: { definitions?: string }) => {
      // Only here: loading engines and gateway takes a second, which no other command has to wait.
      const { serve } = await import('../embedded/serve.ts');
      await serve(definitions ?? null);
    });
}
