import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
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
const timeoutMillis = 240_000;
/** Random cases draw from this seed, so that a run can be repeated. */
const seed = 20_240_331;

type Tests = { readonly name: string; readonly files: readonly string[]; readonly pattern?: string };

const conformance = (executor: string): Tests => ({
  name: 'conformance',
  files: ['test/conformance/conformance.test.ts', 'test/issues'],
  pattern: executor,
});

function flipsIn(name: string): readonly Flip[] {
  return JSON.parse(readFileSync(new URL(`./flips/${name}.json`, import.meta.url), 'utf8')) as readonly Flip[];
}

/** What must notice the flips of a folder: the hand-written cases first, then random ones. */
const areas: readonly { readonly title: string; readonly flips: readonly Flip[]; readonly tests: readonly Tests[] }[] =
  [
    { title: 'oracle', flips: flipsIn('oracle'), tests: [conformance('^oracle ')] },
    {
      title: 'online store and windows',
      flips: flipsIn('online'),
      tests: [
        conformance('^online '),
        { name: 'random cases', files: ['test/property/online.test.ts', 'core/online'] },
      ],
    },
    {
      title: 'aggregates',
      flips: flipsIn('aggregates'),
      tests: [
        conformance('^online '),
        { name: 'random cases', files: ['test/property/online.test.ts', 'core/aggregates'] },
      ],
    },
    {
      title: 'DuckDB',
      flips: flipsIn('duckdb'),
      tests: [
        conformance('^duckdb'),
        { name: 'random cases', files: ['test/property/duckdb.test.ts', 'adapters/duckdb/join'] },
      ],
    },
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

/** True when the tests pass. A run that takes too long has failed. */
function pass(copy: string, { files, pattern }: Tests): Promise<boolean> {
  const filter = pattern === undefined ? [] : ['-t', pattern];
  const settings = ['--config', 'test/mutation/vitest.config.ts', '--bail', '1', '--reporter', 'dot'];
  const args = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...settings, ...filter, ...files];
  const child = spawn(process.execPath, args, {
    cwd: copy,
    stdio: 'ignore',
    timeout: timeoutMillis,
    env: { ...process.env, ASOF_SEED: String(seed) },
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code === 0));
  });
}

async function outcomeOf(copy: string, flip: Flip, tests: readonly Tests[]): Promise<Outcome> {
  const file = join(copy, flip.file);
  const text = await readFile(file, 'utf8');
  await writeFile(
    file,
    text.replace(flip.original, () => flip.mutated),
  );
  try {
    for (const group of tests) if (!(await pass(copy, group))) return { flip, killedBy: group.name };
    return { flip, killedBy: null };
  } finally {
    await writeFile(file, text);
  }
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
    'committed repository and runs the conformance cases, then the random ones; some test must fail. It wrote this page.',
    '',
    row(['', 'faults', 'noticed by conformance cases', 'only by random cases', 'not noticed']),
    row(['---', '---', '---', '---', '---']),
    ...[...results, { title: '**all**', outcomes: all }].map(({ title, outcomes }) =>
      row([
        title,
        outcomes.length,
        count(outcomes, 'conformance'),
        count(outcomes, 'random cases'),
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
try {
  await checkList(
    copy,
    areas.flatMap(({ flips }) => flips.filter(isWanted)),
  );
  const results = [];
  for (const { title, flips, tests } of areas) {
    const outcomes: Outcome[] = [];
    const chosen = flips.filter(isWanted);
    if (chosen.length > 0) {
      for (const group of tests) {
        if (!(await pass(copy, group))) throw new Error(`${title}: ${group.name} must pass before anything is flipped`);
      }
    }
    for (const flip of chosen) {
      const outcome = await outcomeOf(copy, flip, tests);
      outcomes.push(outcome);
      const mark = outcome.killedBy === null ? 'SURVIVED' : `killed by ${outcome.killedBy}`;
      console.info(`${mark.padEnd(24)} ${flip.file}: ${flip.rule}`);
    }
    results.push({ title, outcomes });
  }
  const survivors = results.flatMap(({ outcomes }) => outcomes).filter(({ killedBy }) => killedBy === null);
  console.info(`${survivors.length} survived`);
  if (wanted.length === 0) await writeFile(report, page(results));
  if (survivors.length > 0) process.exitCode = 1;
} finally {
  await rm(copy, { recursive: true, force: true });
}
