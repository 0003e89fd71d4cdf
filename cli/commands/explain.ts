import type { Command } from 'commander';
import { AsofError } from '../../core/errors/asof-error.ts';
import type { Explanation } from '../../core/explain/explanation.ts';
import { createOutput, type Output } from '../output.ts';
import { parseMode } from '../try/cases.ts';
import { addConnectionFlags, type ConnectionFlags, connect } from './connection.ts';
import { collectPair, namedPairs } from './pair-flags.ts';

interface ExplainFlags extends ConnectionFlags {
  readonly key: readonly string[];
  readonly request: readonly string[];
  readonly at?: string;
  readonly knownAt?: string;
  readonly mode: string;
  readonly service?: string;
  readonly featureVersion?: string;
  readonly limit: string;
  readonly all?: boolean;
  readonly definitions?: string;
  readonly rows: readonly string[];
}

/** The most that a server lists. */
const everyRecord = 100_000;

/**
 * `asof explain VIEW.FEATURE`: by a running Asof, or on small files.
 *
 * @param outputFor where results go; `json` = for scripts
 */
export function addExplainCommand(program: Command, outputFor: (json: boolean) => Output = createOutput): void {
  addConnectionFlags(program.command('explain').argument('<view.feature>'))
    .description('Why a feature has its value: what counted, what was left out, and by which rule')
    .option('--key <column=value>', 'a join column, once for each', collectPair, [])
    .option('--request <input=value>', 'a request-time input', collectPair, [])
    .option('--at <time>', 'an instant in the past; default: now')
    .option('--known-at <time>', 'with what had become known by then; default: --at')
    .option('--mode <mode>', 'AS_SERVED or EVENT_TIME', 'AS_SERVED')
    .option('--service <service>', 'as this service reads it: its aliases, join columns and maxAge')
    .option('--feature-version <number>', 'of the service, or else of the view; default: the newest')
    .option('--limit <number>', 'so many records of each outcome', '6')
    .option('--all', 'list every record')
    .option('--definitions <file>', 'without a server: definitions …')
    .option('--rows <source=file...>', '… and rows of their sources: NDJSON, CSV or Parquet', collectPair, [])
    .action(async (feature: string, flags: ExplainFlags) => {
      const output = outputFor(flags.json === true);
      const { explanation, text } =
        flags.definitions === undefined
          ? await askServer(feature, flags)
          : await askFiles(feature, flags, flags.definitions, output);
      output.out(output.json ? JSON.stringify(explanation) : text);
    });
}

interface Answer {
  readonly explanation: Explanation;
  readonly text: string;
}

async function askServer(feature: string, flags: ExplainFlags): Promise<Answer> {
  const { explain } = await connect(flags).request<{ explain: Answer }>(
    'query($input: ExplainInput!) { explain(input: $input) { explanation text } }',
    {
      input: {
        feature,
        service: flags.service ?? null,
        version: versionOf(flags),
        key: namedPairs('--key', flags.key),
        request: namedPairs('--request', flags.request),
        at: flags.at ?? null,
        knownAt: flags.knownAt ?? null,
        mode: parseMode(flags.mode, '--mode'),
        limit: limitOf(flags),
      },
    },
  );
  return explain;
}

async function askFiles(feature: string, flags: ExplainFlags, definitions: string, output: Output): Promise<Answer> {
  if (flags.at === undefined) {
    throw new AsofError('BAD_INPUT', 'is missing', {
      path: '--at',
      expected: 'an instant; small files have no present',
    });
  }
  // Only here: reading Parquet brings DuckDB, which no other command has to wait for.
  const { explainOnFiles } = await import('../try/explain.ts');
  return await explainOnFiles({
    definitions,
    rows: flags.rows,
    choice: { feature, service: flags.service, version: versionOf(flags) },
    key: namedPairs('--key', flags.key),
    request: namedPairs('--request', flags.request),
    at: flags.at,
    knownAt: flags.knownAt ?? flags.at,
    mode: parseMode(flags.mode, '--mode'),
    limit: limitOf(flags),
    warn: output.err,
  });
}

function versionOf({ featureVersion }: ExplainFlags): number | null {
  return featureVersion === undefined ? null : wholeNumber('--feature-version', featureVersion);
}

function limitOf({ limit, all }: ExplainFlags): number {
  return all === true ? everyRecord : wholeNumber('--limit', limit);
}

function wholeNumber(flag: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new AsofError('BAD_INPUT', 'not a number', { path: flag, expected: 'a whole number from 0', got: text });
}
