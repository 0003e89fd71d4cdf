import type { Command } from 'commander';
import { AsofError } from '../../core/errors/asof-error.ts';
import { nearest } from '../../core/errors/nearest.ts';
import { table } from '../../core/text/table.ts';
import { exitCodes } from '../exit-codes.ts';
import { createOutput, type Output } from '../output.ts';
import { parseMode } from './cases.ts';
import type { TryAnswer } from './evaluate.ts';
import { type TryExecutorName, tryExecutorNames } from './question.ts';
import type { TryCasesOptions } from './run.ts';

interface TryFlags {
  readonly definitions?: string;
  readonly rows?: readonly string[];
  readonly spine?: string;
  readonly cases?: string;
  readonly executor: string;
  readonly mode: string;
  readonly json?: boolean;
}

/**
 * Registers `asof try`. Its action throws an AsofError for the program to print.
 *
 * @param outputFor where results go; `json` = for scripts
 */
export function addTryCommand(program: Command, outputFor: (json: boolean) => Output = createOutput): void {
  program
    .command('try')
    .description('Evaluate definitions on small files, to learn and to test')
    .option('--definitions <file>', 'definitions: TypeScript, JavaScript or JSON')
    .option(
      '--rows <source=file...>',
      'rows of a source: NDJSON, CSV or Parquet',
      (pair, all: string[]) => [...all, pair],
      [],
    )
    .option('--spine <file>', 'what to ask: join keys, __time, request inputs; NDJSON, CSV or Parquet')
    .option('--cases <file>', 'many cases instead: NDJSON of {name, definitions, rows, spine, mode}; prints NDJSON')
    .option('--executor <name>', `one of ${tryExecutorNames.join(', ')}`, 'oracle')
    .option('--mode <mode>', 'AS_SERVED or EVENT_TIME; of --cases, where a case names none', 'AS_SERVED')
    .option('--json', 'print NDJSON')
    .action(async (flags: TryFlags) => tryAction(flags, outputFor(flags.json === true)));
}

async function tryAction(flags: TryFlags, output: Output): Promise<void> {
  const executor = parseExecutor(flags.executor);
  const mode = parseMode(flags.mode, '--mode');
  if (flags.cases !== undefined) {
    await tryCases(flags.cases, { executor, mode, warn: output.err }, output);
    return;
  }
  const { runTry } = await loadRun();
  const answers = await runTry({
    definitions: requireFlag('--definitions', flags.definitions),
    rows: flags.rows ?? [],
    spine: requireFlag('--spine', flags.spine),
    executor,
    mode,
    warn: output.err,
  });
  if (output.json) for (const answer of answers) output.out(JSON.stringify(answer));
  else output.out(answerTable(answers));
}

/** NDJSON, `--json` or not. Cases that fail are printed with their error, and the exit code says that there were some. */
async function tryCases(file: string, options: TryCasesOptions, output: Output): Promise<void> {
  const { runTryCases } = await loadRun();
  for await (const result of runTryCases(file, options)) {
    if ('rows' in result) {
      output.out(JSON.stringify(result));
      continue;
    }
    process.exitCode = exitCodes.badInput;
    const { code, message, details } = result.error;
    output.out(JSON.stringify({ name: result.name, error: { code, message, ...details } }));
    if (!output.json) output.err(`asof: case ${JSON.stringify(result.name)}: ${message}`);
  }
}

/** The executors bring DuckDB: no other command has to wait for that. */
function loadRun() {
  return import('./run.ts');
}

function parseExecutor(name: string): TryExecutorName {
  const found = tryExecutorNames.find((candidate) => candidate === name);
  if (found !== undefined) return found;
  const suggestion = nearest(name, tryExecutorNames);
  throw new AsofError('BAD_INPUT', 'there is no such executor', {
    path: '--executor',
    expected: tryExecutorNames.join(', '),
    got: name,
    ...(suggestion === null ? {} : { remedy: `Did you mean ${suggestion}?` }),
  });
}

function requireFlag(name: string, value: string | undefined): string {
  if (value !== undefined) return value;
  throw new AsofError('BAD_INPUT', 'is missing', {
    path: name,
    expected: 'a file',
    remedy: 'Give --definitions, --spine and --rows, or --cases.',
  });
}

/** One line for each cell: easier to read than columns, of which there are many. */
function answerTable(answers: readonly TryAnswer[]): string {
  const rows = answers.flatMap(({ row, keys, time, values, status }) =>
    Object.entries(values).map(([feature, value]) => [
      row,
      JSON.stringify(keys),
      time,
      feature,
      JSON.stringify(value),
      status[feature],
    ]),
  );
  return table(['row', 'keys', 'time', 'feature', 'value', 'status'], rows);
}
