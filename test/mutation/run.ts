import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/*
 * Applies one flip at a time to a copy of what is committed and runs the quick tests on it, which must fail.
 *
 *   npm run test:mutation                    all flips; writes docs/semantics/mutation.md
 *   npm run test:mutation -- oracle tile-    only those of files whose path contains one of these; writes nothing
 */

/** One small fault in the code that decides values. */
interface Flip {
  /** From the repository's root. */
  readonly file: string;
  /** Occurs in the file exactly once. */
  readonly original: string;
  readonly mutated: string;
  /** The rule that it breaks. */
  readonly rule: string;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const report = join(root, 'docs/semantics/mutation.md');
const timeoutMillis = 180_000;
/** Random cases draw from this seed, so that a run can be repeated. */
const seed = 20_240_331;

function flipsIn(name: string): readonly Flip[] {
  return JSON.parse(readFileSync(new URL(`./flips/${name}.json`, import.meta.url), 'utf8')) as readonly Flip[];
}

interface Area {
  readonly title: string;
  readonly flips: readonly Flip[];
  /** Which executor `quick.ts` tests. */
  readonly executor: 'oracle' | 'online' | 'duckdb';
}

const areas: readonly Area[] = [
  { title: 'the oracle', flips: flipsIn('oracle'), executor: 'oracle' },
  { title: 'the online store and windows', flips: flipsIn('online'), executor: 'online' },
  { title: 'aggregates', flips: flipsIn('aggregates'), executor: 'online' },
  { title: 'DuckDB', flips: flipsIn('duckdb'), executor: 'duckdb' },
];

interface Outcome {
  readonly flip: Flip;
  /** Which tests noticed; null = it survived. */
  readonly killedBy: string | null;
}

async function copyRepository(): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'asof-mutation-'));
  const archive = execFileSync('git', ['archive', 'HEAD'], { cwd: root, maxBuffer: 2 ** 30 });
  execFileSync('tar', ['-x', '-C', copy], { input: archive });
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

const noticedBy: Readonly<Record<number, string>> = { 10: 'conformance cases', 11: 'random cases' };

function run(copy: string, args: readonly string[]): Promise<number | null> {
  const child = spawn(process.execPath, args, { cwd: copy, stdio: 'ignore', timeout: timeoutMillis });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', resolve);
  });
}

/** What noticed, or null where conformance and random cases pass. */
async function test(copy: string, executor: string): Promise<string | null> {
  const code = await run(copy, ['--import', 'tsx', 'test/mutation/quick.ts', executor, String(seed)]);
  return code === 0 ? null : (noticedBy[code ?? -1] ?? 'a crash or a hang');
}

/** What needs thousands of values, or a store's answer rather than a feature's, is left to the tests beside the file. */
async function testBeside(copy: string, file: string): Promise<string | null> {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const code = await run(copy, [vitest, 'run', '--passWithNoTests', '--bail', '1', dirname(file)]);
  return code === 0 ? null : 'tests beside it';
}

async function outcomeOf(copy: string, flip: Flip, executor: string): Promise<Outcome> {
  const file = join(copy, flip.file);
  const text = await readFile(file, 'utf8');
  await writeFile(
    file,
    text.replace(flip.original, () => flip.mutated),
  );
  const killedBy = (await test(copy, executor)) ?? (await testBeside(copy, flip.file));
  await writeFile(file, text);
  return { flip, killedBy };
}

/** Code moves on: a flip whose text is no longer there, or there twice, is said before anything is run. */
async function checkList(copy: string, flips: readonly Flip[]): Promise<void> {
  const problems: string[] = [];
  for (const { file, original } of flips) {
    const found = (await readFile(join(copy, file), 'utf8')).split(original).length - 1;
    if (found !== 1) problems.push(`${file}: ${JSON.stringify(original)} occurs ${found} times`);
  }
  if (problems.length > 0) throw new Error(`mend test/mutation/flips:\n${problems.join('\n')}`);
}

function page(results: readonly { readonly title: string; readonly outcomes: readonly Outcome[] }[]): string {
  const count = (outcomes: readonly Outcome[], name: string | null) =>
    outcomes.filter(({ killedBy }) => killedBy === name).length;
  const code = (text: string) =>
    `\`${text
      .trim()
      .replaceAll(/\s*\n\s*/g, ' ')
      .replaceAll('|', '\\|')
      .replaceAll('`', "'")}\``;
  const row = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  const all = results.flatMap(({ outcomes }) => outcomes);
  const survivors = all.filter(({ killedBy }) => killedBy === null);
  return [
    '# Mutation check',
    '',
    'Each line below is a small fault in the code that decides values: a bound that includes instead of excluding, a tie',
    'that goes the other way, a rule that is left out. `npm run test:mutation` puts one after the other into a copy of the',
    'committed repository and runs the conformance cases, then the random ones, then the tests beside the file; one of them',
    'must fail. It wrote this page.',
    '',
    row([
      '',
      'faults',
      'noticed by conformance cases',
      'only by random cases',
      'only by tests beside it',
      'by a crash or a hang',
      'not noticed',
    ]),
    row(['---', '---', '---', '---', '---', '---', '---']),
    ...[...results, { title: '**all**', outcomes: all }].map(({ title, outcomes }) =>
      row([
        title,
        outcomes.length,
        count(outcomes, 'conformance cases'),
        count(outcomes, 'random cases'),
        count(outcomes, 'tests beside it'),
        count(outcomes, 'a crash or a hang'),
        count(outcomes, null),
      ]),
    ),
    '',
    ...(survivors.length === 0
      ? []
      : ['## Not noticed', '', ...survivors.map(({ flip }) => `- \`${flip.file}\`: ${flip.rule}`), '']),
    ...results.flatMap(({ title, outcomes }) => [
      `## ${title[0]!.toUpperCase()}${title.slice(1)}`,
      '',
      row(['file', 'rule', 'instead of', 'it says', 'noticed by']),
      row(['---', '---', '---', '---', '---']),
      ...outcomes.map(({ flip: { file, rule, original, mutated }, killedBy }) =>
        row([basename(file), rule, code(original), mutated === '' ? '' : code(mutated), killedBy ?? '**nothing**']),
      ),
      '',
    ]),
  ].join('\n');
}

const wanted = process.argv.slice(2);
const isWanted = ({ file }: Flip) => wanted.length === 0 || wanted.some((part) => file.includes(part));
const copy = await copyRepository();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    rmSync(copy, { recursive: true, force: true });
    process.exit(1);
  });
}
try {
  await checkList(
    copy,
    areas.flatMap(({ flips }) => flips.filter(isWanted)),
  );
  const results = [];
  for (const { title, flips, executor } of areas) {
    const outcomes: Outcome[] = [];
    const chosen = flips.filter(isWanted);
    if (chosen.length > 0 && (await test(copy, executor)) !== null) {
      throw new Error(`the tests of ${title} must pass before anything is flipped`);
    }
    for (const flip of chosen) {
      const outcome = await outcomeOf(copy, flip, executor);
      outcomes.push(outcome);
      const mark = outcome.killedBy === null ? 'NOT NOTICED' : `noticed by ${outcome.killedBy}`;
      console.info(`${mark.padEnd(30)} ${flip.file}: ${flip.rule}`);
    }
    results.push({ title, outcomes });
  }
  const survivors = results.flatMap(({ outcomes }) => outcomes).filter(({ killedBy }) => killedBy === null);
  console.info(`${survivors.length} not noticed`);
  if (wanted.length === 0) await writeFile(report, page(results));
  if (survivors.length > 0) process.exitCode = 1;
} finally {
  await rm(copy, { recursive: true, force: true });
}
