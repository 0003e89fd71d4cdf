import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { flightInputs, flightSpine, type Inputs } from '../data/inputs.ts';
import type { Benchmark, Measured } from '../harness/benchmark.ts';
import { alternate } from '../harness/measure.ts';
import { ourJoin, outputFile } from './joins.ts';

export const pitMemory: Benchmark = {
  name: 'pit-memory',
  shape: '10 M spine rows × windows over the flights with a memory limit of 1 GB, against 1 M spine rows',
  async run({ isQuick, folder, runs }) {
    const [few, many] = isQuick ? [50_000, 500_000] : [1_000_000, 10_000_000];
    const [memoryLimit, limitBytes] = isQuick ? ['128MB', 128e6] : ['1GB', 1e9];
    const inputs = await flightInputs(folder, isQuick ? 10 : 1);
    const output = await outputFile(inputs, 'ours');
    const over = (spine: string) => async () => {
      const watch = watchSpilling(inputs);
      const measured = await ourJoin(inputs, { spine, views: ['origin_delays'], memoryLimit, output });
      return { ...measured, peakSpilledBytes: await watch.stop() };
    };
    const measured = await alternate(runs, {
      few: over(await flightSpine(inputs, few)),
      many: over(await flightSpine(inputs, many)),
    });
    return [
      {
        name: 'Node’s own memory',
        runs,
        ours: measured.many,
        baseline: measured.few,
        meaning: 'peak of Node’s heap and buffers with ten times the rows / with one times',
        ratio: Number(measured.many.nodePeakBytes) / Number(measured.few.nodePeakBytes),
        target: { atMost: 1.2 },
      },
      {
        name: 'the process',
        runs,
        ours: measured.many,
        baseline: measured.few,
        meaning: 'peak of the whole process’s memory with ten times the rows / with one times',
        ratio: Number(measured.many.peakRssBytes) / Number(measured.few.peakRssBytes),
        target: { atMost: 1.2 },
      },
      {
        name: 'spilling',
        runs,
        ours: measured.many,
        baseline: { seconds: measured.many.seconds, limitBytes },
        meaning: 'most bytes spilled to disk at once / the memory limit; 0 = every slice of the spine fitted',
        ratio: Number(measured.many.peakSpilledBytes) / limitBytes,
        target: null,
      },
    ];
  },
};

/** Looks often how much lies in the store's spill folder. */
function watchSpilling({ store }: Inputs): { stop(): Promise<Measured['seconds']> } {
  const folder = join(store, '.spill');
  let peakBytes = 0;
  const look = async () => {
    let bytes = 0;
    for (const name of await readdir(folder).catch(() => [])) {
      bytes += await stat(join(folder, name)).then(
        ({ size }) => size,
        () => 0,
      );
    }
    peakBytes = Math.max(peakBytes, bytes);
  };
  let last = Promise.resolve();
  const timer = setInterval(() => {
    last = last.then(look);
  }, 100);
  return {
    async stop() {
      clearInterval(timer);
      await last;
      return peakBytes;
    },
  };
}
