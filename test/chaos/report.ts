import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { inject } from 'vitest';
import type { ChaosSettings } from './settings.ts';

/** What one fault did, measured. */
export interface FaultResult {
  readonly number: number;
  readonly fault: string;
  /** Reads that failed, by code. */
  readonly failures: Readonly<Record<string, number>>;
  readonly good: number;
  /** The longest time without a good answer. */
  readonly longestGapMillis: number;
  /** The longest time without an update for a subscriber, and how often it was told that some were left out. */
  readonly silentMillis: number;
  readonly lagged: number;
  /** From the blow until what was hit was back. */
  readonly faultMillis: number;
  /** From then until no read failed any more. */
  readonly readsMillis: number;
  /** From then until ingest had applied what the log held. */
  readonly appliedMillis: number;
  readonly records: number;
  /** Values that differ from the oracle's, and records that history does not hold once. */
  readonly loss: number;
  readonly wrong: number;
}

const folder = '.tmp/chaos';
const file = 'docs/reliability.md';
const [begin, end] = ['<!-- produced by npm run test:chaos -->', '<!-- end -->'];

/** In place of what an earlier run had of the same fault. */
export function keepResult(result: FaultResult): void {
  mkdirSync(folder, { recursive: true });
  const kept: KeptResult = { ...result, commit: commitNow(), seed: inject('chaos').seed };
  writeFileSync(`${folder}/${result.number}.json`, `${JSON.stringify(kept, null, 2)}\n`);
}

type KeptResult = FaultResult & { readonly commit: string; readonly seed: number };

/** Puts what runs with this seed have kept into docs/reliability.md, in place of the table that is there; if asked to. */
export function writeReport({ seed, goneMillis, writesReport }: ChaosSettings): void {
  if (!writesReport) return;
  const results = readdirSync(folder)
    .map((name) => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')) as KeptResult)
    .filter((result) => result.seed === seed)
    .sort((a, b) => a.number - b.number);
  const rows = results.map((result) => `| ${cellsOf(result).join(' | ')} |`);
  const table = [
    `Seed ${seed}, "gone" for ${goneMillis / 1_000} s, ${commitsOf(results)}:`,
    '',
    '| | fault | what a client sees meanwhile | without a good answer for | a subscriber hears nothing for | reads good again after | stream caught up after | loss | wrong answers |',
    '|---|---|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
  const text = readFileSync(file, 'utf8');
  const [from, to] = [text.indexOf(begin) + begin.length, text.indexOf(end)];
  writeFileSync(file, `${text.slice(0, from)}\n\n${table}\n\n${text.slice(to)}`);
}

function cellsOf(result: FaultResult): string[] {
  const failures = Object.entries(result.failures).map(([code, count]) => `${count} × ${code}`);
  const seconds = (millis: number) => `${(millis / 1_000).toFixed(1)} s`;
  const left = result.lagged === 0 ? '' : `, then that it lagged`;
  const failed = failures.length === 0 ? 'nothing' : `${failures.join(', ')}, beside ${result.good} good reads`;
  return [
    String(result.number),
    result.fault,
    failed,
    seconds(result.longestGapMillis),
    `${seconds(result.silentMillis)}${left}`,
    seconds(result.readsMillis),
    seconds(result.appliedMillis),
    String(result.loss),
    String(result.wrong),
  ];
}

/** Which faults were struck at which commit. */
function commitsOf(results: readonly KeptResult[]): string {
  const byCommit = new Map<string, number[]>();
  for (const { commit, number } of results) byCommit.set(commit, [...(byCommit.get(commit) ?? []), number]);
  if (byCommit.size === 1) return `commit ${[...byCommit.keys()]}`;
  return [...byCommit].map(([commit, numbers]) => `commit ${commit} (${numbers.join(', ')})`).join(', ');
}

function commitNow(): string {
  return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
}
