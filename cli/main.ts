#!/usr/bin/env node
import { createRequire } from 'node:module';
import { Command, CommanderError } from 'commander';
import { AsofError } from '../core/errors/asof-error.ts';
import { addDatasetCommands } from './commands/dataset.ts';
import { addDoctorCommand } from './commands/doctor.ts';
import { addExplainCommand } from './commands/explain.ts';
import { addImportCommand } from './commands/import.ts';
import { addInitCommand } from './commands/init.ts';
import { addJobCommands } from './commands/jobs.ts';
import { addPlanAndApplyCommands } from './commands/plan-apply.ts';
import { addReadCommands } from './commands/read.ts';
import { addServeCommand } from './commands/serve.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import { createOutput, printError } from './output.ts';
import { addTryCommand } from './try/command.ts';

// By this package's own name, since the built file lies deeper in it than this one.
const { version } = createRequire(import.meta.url)('asof/package.json') as { version: string };

const isForScripts = process.argv.includes('--json');

/** What commander finds wrong with the call: in its own words for people, as every other error for scripts. */
function printUsageError(text: string, write: (text: string) => void): void {
  if (!isForScripts) write(text);
  else printError(createOutput(true), new AsofError('BAD_INPUT', text.trim().replace(/^error: /, '')));
}

const program = new Command('asof')
  .version(version)
  .description('A real-time feature store whose API is a typed, federated GraphQL graph')
  .exitOverride()
  .configureOutput({ outputError: printUsageError });
addInitCommand(program);
addImportCommand(program);
addPlanAndApplyCommands(program);
addServeCommand(program);
addDoctorCommand(program);
addJobCommands(program);
addDatasetCommands(program);
addReadCommands(program);
addExplainCommand(program);
addTryCommand(program);

// A reader that has seen enough (`| head`) closes the pipe: nothing is wrong then.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? exitCodes.success : exitCodes.badInput;
  } else {
    printError(createOutput(isForScripts), error);
    process.exitCode = exitCodeOf(error);
  }
}
