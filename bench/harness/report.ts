import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Benchmark, type Case, passes, type Target } from './benchmark.ts';

const run = promisify(execFile);

/** Where the figures were taken. */
export async function describeMachine(): Promise<object> {
  const { stdout } = await run('git', ['rev-parse', '--short', 'HEAD']).catch(() => ({ stdout: 'unknown' }));
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    node: process.version,
    loadBefore: loadavg()[0],
    commit: stdout.trim(),
  };
}

/** Writes `<folder>/<name>.json`: the case with the least to spare speaks for all, which are listed below it. */
export async function writeResult(
  folder: string,
  { name, shape }: Benchmark,
  machine: object,
  cases: readonly Case[],
): Promise<void> {
  const judged = cases.filter((one) => one.target !== null);
  const tightest = judged.reduce((least, one) => (headroom(one) < headroom(least) ? one : least));
  const { runs, ours, baseline, ratio, target } = tightest;
  const result = {
    name,
    shape,
    date: new Date().toISOString(),
    machine,
    runs,
    ours,
    baseline,
    ratio,
    target,
    pass: cases.every(passes),
    cases: cases.map((one) => ({ ...one, pass: passes(one) })),
  };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${name}.json`), `${JSON.stringify(result, rounded, 2)}\n`);
}

/** How far the ratio is on the good side of its target: 1 = just there. */
function headroom({ ratio, target }: Case): number {
  if (target === null) return Number.POSITIVE_INFINITY;
  return 'atLeast' in target ? ratio / target.atLeast : target.atMost / ratio;
}

function rounded(_key: string, value: unknown): unknown {
  if (typeof value !== 'number' || Number.isInteger(value)) return value;
  return Math.abs(value) < 1e-6 ? value : Number(value.toPrecision(4));
}

export function printCases(name: string, cases: readonly Case[]): void {
  for (const one of cases) {
    const row = [
      `${name}: ${one.name}`.padEnd(36),
      `ours ${seconds(one.ours.seconds)}`,
      `baseline ${seconds(one.baseline.seconds)}`,
      `ratio ${one.ratio.toPrecision(3).padStart(7)}`,
      targetText(one.target),
      passes(one) ? '' : 'MISSED',
    ];
    console.log(row.join('  '));
  }
}

function seconds(value: number): string {
  return `${value.toFixed(value < 1 ? 4 : 2)} s`.padStart(10);
}

function targetText(target: Target | null): string {
  if (target === null) return '(told only)';
  if ('atMost' in target) return `at most ${target.atMost}`;
  return target.atLeast === Number.MIN_VALUE ? 'above 0' : `at least ${target.atLeast}`;
}
