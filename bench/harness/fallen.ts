import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Case } from './benchmark.ts';

/** What a short run on a busy machine is off by. */
const tolerance = 0.75;

/** Says of each case whose ratio is worse by more than a quarter than the one that is recorded in this folder. */
export async function warnOfFallen(folder: string, name: string, cases: readonly Case[]): Promise<void> {
  const text = await readFile(join(folder, `${name}.json`), 'utf8').catch(() => null);
  if (text === null) return console.log(`WARNING ${name} has no recorded result to compare with`);
  const { cases: recorded } = JSON.parse(text) as { readonly cases: readonly Case[] };
  for (const one of cases) {
    const before = recorded.find((other) => other.name === one.name);
    if (before !== undefined && hasFallen(one, before)) {
      const [was, is] = [before.ratio.toPrecision(3), one.ratio.toPrecision(3)];
      console.log(`WARNING ${name}: ${one.name}: the ratio (${one.meaning}) was ${was} and is ${is}`);
    }
  }
}

function hasFallen({ ratio, target }: Case, before: Case): boolean {
  const isBetterAbove = target === null || 'atLeast' in target;
  return isBetterAbove ? ratio < before.ratio * tolerance : ratio > before.ratio / tolerance;
}
