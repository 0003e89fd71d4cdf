import { Argument, type Command } from 'commander';
import { type Role, roles } from '../serve/roles.ts';

/** `asof serve`: everything in this process, or one part, on embedded stores or the servers that the environment names. */
export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .description('Run Asof in one process, or one part of it')
    .addArgument(new Argument('[role]', 'what this process is').choices(roles).default('all'))
    .option('--definitions <file>', 'applied at the start; batch paths are relative to its folder')
    .action(async (role: Role, { definitions }: { definitions?: string }) => {
      // Only here: loading engines and gateway takes a second, which no other command has to wait.
      const { serve } = await import('../serve/serve.ts');
      await serve(role, definitions ?? null);
    });
}
