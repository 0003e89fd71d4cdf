import { flightInputs, flightSpine, rowInputs, rowSpine } from '../data/inputs.ts';
import { rowSourceNames } from '../definitions.ts';
import type { Benchmark, Case } from '../harness/benchmark.ts';
import { alternate } from '../harness/measure.ts';
import { ourJoin, outputFile } from './joins.ts';

export const pitGrowth: Benchmark = {
  name: 'pit-growth',
  shape: 'ten times as many spine rows, 1 M and 10 M, with 3 row views and with windows over the flights',
  async run({ isQuick, folder, runs }) {
    const [few, many] = isQuick ? [20_000, 200_000] : [1_000_000, 10_000_000];
    const sourceRows = isQuick ? 300_000 : 3_000_000;
    const rows = await rowInputs(folder, sourceRows);
    const flights = await flightInputs(folder, isQuick ? 10 : 1);
    const compared = [
      { name: 'windows', inputs: flights, views: ['origin_delays'], spine: (n: number) => flightSpine(flights, n) },
      { name: 'rows', inputs: rows, views: rowSourceNames, spine: (n: number) => rowSpine(rows, n, sourceRows) },
    ];
    const cases: Case[] = [];
    for (const { name, inputs, views, spine } of compared) {
      const output = await outputFile(inputs, 'ours');
      const over = (path: string) => () => ourJoin(inputs, { spine: path, views, output });
      const measured = await alternate(runs, { few: over(await spine(few)), many: over(await spine(many)) });
      cases.push({
        name,
        runs,
        ours: measured.many,
        baseline: measured.few,
        meaning: 'our time per row with ten times the rows / with one times',
        ratio: measured.many.seconds / measured.few.seconds / (many / few),
        target: { atMost: 1.3 },
      });
    }
    return cases;
  },
};
