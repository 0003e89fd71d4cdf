import { rowInputs, rowSpine } from '../data/inputs.ts';
import { rowSourceNames } from '../definitions.ts';
import type { Benchmark } from '../harness/benchmark.ts';
import { alternate } from '../harness/measure.ts';
import { runProgram } from '../harness/program.ts';
import { expectSame, limits, ourJoin, outputFile } from './joins.ts';

export const pitRows: Benchmark = {
  name: 'pit-rows',
  shape: '1 M spine rows × 3 row views of 3 M rows each, against ASOF joins written by hand',
  async run({ isQuick, folder, runs }) {
    const sourceRows = isQuick ? 300_000 : 3_000_000;
    const inputs = await rowInputs(folder, sourceRows);
    const spine = await rowSpine(inputs, isQuick ? 100_000 : 1_000_000, sourceRows);
    const [ourOutput, baselineOutput] = [await outputFile(inputs, 'ours'), await outputFile(inputs, 'baseline')];
    const sources = rowSourceNames.map((name) => ({ name, file: `${inputs.folder}/${name}.parquet` }));
    const sides = {
      ours: () => ourJoin(inputs, { spine, views: rowSourceNames, output: ourOutput }),
      baseline: () =>
        runProgram('baselines/pit-rows', {
          ...limits,
          spillFolder: inputs.spill,
          spine,
          sources,
          output: baselineOutput,
        }),
    };
    await Promise.all([sides.ours(), sides.baseline()]);
    await expectSame(ourOutput, baselineOutput);
    const { ours, baseline } = await alternate(runs, sides);
    return [
      {
        name: 'rows per second',
        runs,
        ours,
        baseline,
        meaning: 'our rows per second / those of the hand-written statement',
        ratio: baseline.seconds / ours.seconds,
        target: { atLeast: 0.8 },
      },
    ];
  },
};
