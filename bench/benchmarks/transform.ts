import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cities, orders } from '../data/orders.ts';
import type { Benchmark, Measured } from '../harness/benchmark.ts';
import { alternate } from '../harness/measure.ts';
import { runProgram } from '../harness/program.ts';
import type { TransformRequest } from '../programs/transform.ts';
import { expectSame } from './joins.ts';

/** One core is what is asked about. */
const limits = { memoryLimit: '4GB', threads: 1 } as const;

/** Arithmetic, an encoding, text, a logarithm and a part of the local date: the last two run as functions. */
const five = ['net', 'size', 'shop', 'log_price', 'weekend'] as const;
const inSql = ['net', 'revenue', 'items', 'size', 'place', 'shop', 'hour'] as const;
const ten = [...inSql, 'log_price', 'weekend', 'pair'] as const;

export const transform: Benchmark = {
  name: 'transform',
  shape: 'expressions in 1 M rows on one core, from table to table, against a loop and against SQL by hand',
  async run({ isQuick, folder, runs }) {
    const rows = isQuick ? 100_000 : 1_000_000;
    const input = await orders(folder, rows);
    const answers = join(folder, 'orders', 'answers');
    await mkdir(answers, { recursive: true });
    const compared = async (features: readonly string[], program: string) => {
      const [output, baselineOutput] = [join(answers, 'ours.parquet'), join(answers, 'baseline.parquet')];
      const sides = {
        ours: () => runProgram('programs/transform', { ...limits, input, output, features } satisfies TransformRequest),
        baseline: () =>
          runProgram(program, { ...limits, input, output: baselineOutput, features, cities, spillFolder: answers }),
      };
      await Promise.all([sides.ours(), sides.baseline()]);
      await expectSame(output, baselineOutput);
      return alternate(runs, sides);
    };
    const byFive = await compared(five, 'baselines/transform-loop');
    const byTen = await compared(ten, 'baselines/transform-loop');
    const sql = await compared(inSql, 'baselines/transform-sql');
    const perSecond = ({ cpuSeconds }: Measured) => rows / Number(cpuSeconds);
    return [
      {
        name: 'five, per second of one core',
        runs,
        ...byFive,
        meaning: 'our rows per second of processor time / 1,000,000',
        ratio: perSecond(byFive.ours) / 1_000_000,
        target: { atLeast: 1 },
      },
      {
        name: 'ten',
        runs,
        ...byTen,
        meaning: 'our rows per second / those of a loop in Node',
        ratio: byTen.baseline.seconds / byTen.ours.seconds,
        target: { atLeast: 1 },
      },
      {
        name: 'seven of them, in SQL',
        runs,
        ...sql,
        meaning: 'our rows per second / those of SQL written by hand',
        ratio: sql.baseline.seconds / sql.ours.seconds,
        target: null,
      },
    ];
  },
};
