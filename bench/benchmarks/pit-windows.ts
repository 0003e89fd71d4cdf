import type { JoinMode } from '../../core/ports/offline-store.ts';
import { firstRowsOf } from '../data/duckdb.ts';
import { flightInputs, flightSpine, type Inputs } from '../data/inputs.ts';
import type { Benchmark, Case, Measured } from '../harness/benchmark.ts';
import { alternate } from '../harness/measure.ts';
import { runProgram } from '../harness/program.ts';
import { expectSame, limits, ourJoin, outputFile } from './joins.ts';

export const pitWindows: Benchmark = {
  name: 'pit-windows',
  shape: '1 M spine rows × windows of 1 h, 24 h and 7 d over the 3 M flights, against the range join',
  async run({ isQuick, folder, runs }) {
    const inputs = await flightInputs(folder, isQuick ? 10 : 1);
    const rows = isQuick ? 100_000 : 1_000_000;
    const spine = await flightSpine(inputs, rows);
    const cases: Case[] = [];
    for (const mode of ['AS_SERVED', 'EVENT_TIME'] as const) {
      cases.push(await againstRangeJoin({ inputs, spine, rows, mode, runs, sample: isQuick ? 4_000 : 2_000 }));
    }
    cases.push(await againstShortWindow(inputs, spine, runs));
    return cases;
  },
};

interface Comparison {
  readonly inputs: Inputs;
  readonly spine: string;
  readonly rows: number;
  readonly mode: JoinMode;
  readonly runs: number;
  /** The range join runs on so many rows, and on twice as many. */
  readonly sample: number;
}

/**
 * The whole spine would take the range join hours, so it runs on two samples of the same spine: what a row costs is
 * the difference between them, and what both pay once, such as reading the file, is not multiplied.
 */
async function againstRangeJoin({ inputs, spine, rows, mode, runs, sample }: Comparison): Promise<Case> {
  const ourOutput = await outputFile(inputs, 'ours');
  const sampleOutput = await outputFile(inputs, 'baseline');
  const rangeJoin = (count: number) =>
    runProgram('baselines/pit-windows', {
      ...limits,
      spillFolder: inputs.spill,
      spine,
      rows: count,
      events: `${inputs.folder}/landings.parquet`,
      asServed: mode === 'AS_SERVED',
      output: sampleOutput,
    });
  const join = () => ourJoin(inputs, { spine, views: ['origin_delays'], mode, output: ourOutput });

  await join();
  await rangeJoin(2 * sample);
  const ourSample = await outputFile(inputs, 'ours-sample');
  await firstRowsOf(ourOutput, 2 * sample, ourSample);
  await expectSame(ourSample, sampleOutput);

  const measured = await alternate(runs, {
    ours: join,
    small: () => rangeJoin(sample),
    large: () => rangeJoin(2 * sample),
  });
  const { ours, small, large } = measured;
  const secondsPerRow = (large.seconds - small.seconds) / sample;
  const seconds = large.seconds + secondsPerRow * (rows - 2 * sample);
  const baseline: Measured = {
    seconds,
    scaledFromRows: 2 * sample,
    sampleSeconds: large.seconds,
    halfSampleSeconds: small.seconds,
    peakRssBytes: large.peakRssBytes!,
  };
  return {
    name: mode,
    runs,
    ours,
    baseline,
    meaning: 'our rows per second / those of the range join, scaled from a sample',
    ratio: seconds / ours.seconds,
    target: { atLeast: 20 },
  };
}

/** The same four aggregates over one window each. */
async function againstShortWindow(inputs: Inputs, spine: string, runs: number): Promise<Case> {
  const output = await outputFile(inputs, 'ours');
  const over = (view: string) => () => ourJoin(inputs, { spine, views: [view], output });
  const { hour, week, day } = await alternate(runs, {
    hour: over('delays_1h'),
    week: over('delays_7d'),
    day: over('delays_24h'),
  });
  return {
    name: 'window length',
    runs,
    ours: { ...week, secondsOf24h: day.seconds },
    baseline: hour,
    meaning: 'our time with a window of 7 d / with a window of 1 h',
    ratio: week.seconds / hour.seconds,
    target: { atMost: 1.2 },
  };
}
