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
  readonly check?: boolean;
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
    .option(
      '--cases <file>',
      'many cases instead: NDJSON of {name, definitions, rows, spine, mode, expected}; prints NDJSON',
    )
    .option('--check', 'of --cases: compare the answers with what each case expects; exits with 1 where they differ')
    .option('--executor <name>', `one of ${tryExecutorNames.join(', ')}`, 'oracle')
    .option('--mode <mode>', 'AS_SERVED or EVENT_TIME; of --cases, where a case names none', 'AS_SERVED')
    .option('--json', 'print NDJSON')
    .addHelpText('after', columnsHelp)
    .action(async (flags: TryFlags) => tryAction(flags, outputFor(flags.json === true)));
}

const columnsHelp = `
Columns of rows beside the source's own:
  __arrival                when an event became known; default: its event time
  __created                when a row (state) became known; default: its declared created time, else its event time
  __deleted                true for a row (state) that is a tombstone
  __partition, __offset    the place in the log; default: 0, and the row's position in the file

Columns of spines beside join keys and request inputs:
  __time                   the instant that is asked for
  __knownAt                with what was known by then; default: __time

An int64 beyond ±(2^53-1) is printed as text, as decimals are.`;

async function tryAction(flags: TryFlags, output: Output): Promise<void> {
  const executor = parseExecutor(flags.executor);
  const mode = parseMode(flags.mode, '--mode');
  if (flags.cases !== undefined) {
    refuseBesideCases(flags);
    await tryCases(flags.cases, { executor, mode, check: flags.check === true, warn: output.err }, output);
    return;
  }
  if (flags.check === true) {
    throw new AsofError('BAD_INPUT', 'only cases say what they expect', {
      path: '--check',
      expected: '--check beside --cases',
      got: 'no --cases',
      remedy: 'Give --cases FILE, or leave --check out.',
    });
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

/**
 * NDJSON, `--json` or not. Cases that fail are printed with their error, and the exit code says that there were some, or
 * else that some differ from what they expect.
 */
async function tryCases(file: string, options: TryCasesOptions, output: Output): Promise<void> {
  const { runTryCases } = await loadRun();
  const outcomes: CaseOutcome[] = [];
  for await (const result of runTryCases(file, options)) {
    if ('rows' in result) {
      const { name, rows, differences } = result;
      output.out(JSON.stringify({ name, rows }));
      for (const difference of differences ?? []) output.err(`case ${JSON.stringify(name)}: ${difference}`);
      outcomes.push(differences !== null && differences.length > 0 ? 'different' : 'fine');
      continue;
    }
    outcomes.push('failed');
    const { code, message, details } = result.error;
    output.out(JSON.stringify({ name: result.name, error: { code, message, ...details } }));
    if (!output.json) output.err(`asof: case ${JSON.stringify(result.name)}: ${message}`);
  }
  if (outcomes.includes('failed')) process.exitCode = exitCodes.badInput;
  else if (options.check && (outcomes.length === 0 || outcomes.includes('different'))) {
    process.exitCode = exitCodes.failure;
  }
  if (options.check) output.err(summaryOf(outcomes));
}

type CaseOutcome = 'fine' | 'different' | 'failed';

function summaryOf(outcomes: readonly CaseOutcome[]): string {
  const of = (outcome: CaseOutcome) => outcomes.filter((one) => one === outcome).length;
  return `checked: ${of('fine')} as expected, ${of('different')} not, ${of('failed')} failed`;
}

function refuseBesideCases({ definitions, rows = [], spine }: TryFlags): void {
  const given = {
    '--definitions': definitions !== undefined,
    '--rows': rows.length > 0,
    '--spine': spine !== undefined,
  };
  const others = Object.entries(given).flatMap(([name, isGiven]) => (isGiven ? [name] : []));
  if (others.length === 0) return;
  throw new AsofError('BAD_INPUT', 'each case brings its own definitions, rows and spine', {
    path: '--cases',
    expected: '--cases, or --definitions, --rows and --spine',
    got: `--cases and ${others.join(', ')}`,
    remedy: 'Leave one of the two out.',
  });
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
