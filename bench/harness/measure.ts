import type { Measured } from './benchmark.ts';

/** Runs the sides in turn, `runs` times each after one uncounted round, so that what disturbs one disturbs the other. */
export async function alternate<Side extends string>(
  runs: number,
  sides: Readonly<Record<Side, () => Promise<Measured>>>,
): Promise<Record<Side, Measured>> {
  const names = Object.keys(sides) as Side[];
  const measured = new Map<Side, Measured[]>(names.map((name) => [name, []]));
  for (let run = -1; run < runs; run++) {
    for (const name of names) {
      const result = await sides[name]();
      if (run >= 0) measured.get(name)!.push(result);
    }
  }
  return Object.fromEntries(names.map((name) => [name, summary(measured.get(name)!)])) as Record<Side, Measured>;
}

/** The run with the median time, its other figures being its own; and the fastest and the slowest beside it. */
function summary(results: readonly Measured[]): Measured {
  const seconds = results.map((result) => result.seconds);
  return { ...median(results), fastestSeconds: Math.min(...seconds), slowestSeconds: Math.max(...seconds) };
}

/** The run with the median time. */
export function median(results: readonly Measured[]): Measured {
  const sorted = [...results].sort((a, b) => a.seconds - b.seconds);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  if (middle === undefined) throw new Error('nothing was measured');
  return middle;
}
