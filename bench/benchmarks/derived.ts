import type { Benchmark, Case, Measured } from '../harness/benchmark.ts';
import { alternate } from '../harness/measure.ts';
import { runProgram } from '../harness/program.ts';

/** What ten computed features may add to a request. */
const allowedMicros = 10;

export const derived: Benchmark = {
  name: 'derived',
  shape: 'an entity × 12 windowed features and 10 computed from them, against the same without those',
  async run({ isQuick, runs }) {
    const requests = isQuick ? 20_000 : 100_000;
    const cases: Case[] = [];
    for (const computed of ['derived', 'request'] as const) {
      const measured = await alternate(runs, {
        ours: () => runProgram('programs/read-derived', { computed, requests }),
        baseline: () => runProgram('programs/read-derived', { computed: 'none', requests }),
      });
      if (measured.ours.answer !== measured.baseline.answer) throw new Error(`the answers of ${computed} differ`);
      // Neither side waits for anything: its CPU time is what it takes on a core of its own.
      const cpuSeconds = ({ cpuSeconds: taken }: Measured) => Number(taken);
      const addedMicros = ((cpuSeconds(measured.ours) - cpuSeconds(measured.baseline)) / requests) * 1e6;
      const told = ({ answer: _, ...figures }: Measured): Measured => figures as Measured;
      cases.push({
        name: computed,
        runs,
        ours: { ...told(measured.ours), addedMicrosPerRequest: addedMicros },
        baseline: told(measured.baseline),
        meaning: `CPU time that ten computed features add to a request / ${allowedMicros} µs`,
        // Below zero is noise.
        ratio: Math.max(0, addedMicros) / allowedMicros,
        target: { atMost: 1 },
      });
    }
    return cases;
  },
};
