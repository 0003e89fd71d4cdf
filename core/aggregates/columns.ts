import { IntegerColumn, writeIntegerColumn } from '../values/integer-column.ts';
import type { Integer } from '../values/integers.ts';
import { addIntegers } from '../values/integers.ts';
import type { AccumulatorKernel, ColumnCodec } from './kernel.ts';

/** How a kernel's states are stored: its own way, or one after the other. */
export function columnsOf(kernel: AccumulatorKernel): ColumnCodec<unknown> {
  return kernel.columns ?? sequentialColumns(kernel);
}

/** Each state once, however many ranges take it; those that none takes are passed over. */
function sequentialColumns(kernel: AccumulatorKernel): ColumnCodec<unknown> {
  return {
    write(out, states) {
      for (const state of states) kernel.write(out, state);
    },
    read: (input, count) => Array.from({ length: count }, () => kernel.read(input)),
    merge(input, _count, ranges, targets, states) {
      const last = targets.reduce((greatest, { range }) => Math.max(greatest, ranges.to[range]!), 0);
      for (let i = 0; i < last; i++) {
        let state: unknown;
        let isRead = false;
        for (const { target, range } of targets) {
          if (i < ranges.from[range]! || i >= ranges.to[range]!) continue;
          if (!isRead) {
            state = kernel.read(input);
            isRead = true;
          }
          states[target] = kernel.merge(states[target], state);
        }
        if (!isRead) kernel.skip(input);
      }
    },
  };
}

/** Counts. */
export const countColumns: ColumnCodec<number> = {
  write: writeIntegerColumn,
  read(input, count) {
    const column = new IntegerColumn(input, count);
    return Array.from({ length: count }, (_, i) => column.at(i) as number);
  },
  merge(input, count, { from, to }, targets, states) {
    const column = new IntegerColumn(input, count);
    for (const { target, range } of targets) {
      states[target] = (states[target] as number) + (column.sum(from[range]!, to[range]!) as number);
    }
  },
};

interface ExactSum {
  n: number;
  s: Integer;
}

/** Counts, then exact sums. */
export const sumColumns: ColumnCodec<ExactSum> = {
  write(out, states) {
    writeIntegerColumn(
      out,
      states.map(({ n }) => n),
    );
    writeIntegerColumn(
      out,
      states.map(({ s }) => s),
    );
  },
  read(input, count) {
    const counts = new IntegerColumn(input, count);
    const sums = new IntegerColumn(input, count);
    return Array.from({ length: count }, (_, i) => ({ n: counts.at(i) as number, s: sums.at(i) }));
  },
  merge(input, count, { from, to }, targets, states) {
    const counts = new IntegerColumn(input, count);
    const sums = new IntegerColumn(input, count);
    for (const { target, range } of targets) {
      const into = states[target] as ExactSum;
      into.n += counts.sum(from[range]!, to[range]!) as number;
      into.s = addIntegers(into.s, sums.sum(from[range]!, to[range]!));
    }
  },
};

/** Which are there, a byte each (or one 0 for all), then the exact integers, 0 for those that are not. */
export function extremeColumns(isBetter: (a: Integer, b: Integer) => boolean): ColumnCodec<Integer | null> {
  return {
    write(out, states) {
      const hasNulls = states.includes(null);
      out.byte(hasNulls ? 1 : 0);
      if (hasNulls) for (const state of states) out.byte(state === null ? 0 : 1);
      writeIntegerColumn(
        out,
        states.map((state) => state ?? 0),
      );
    },
    read(input, count) {
      const isThere = input.byte() === 1 ? input.raw(count) : null;
      const column = new IntegerColumn(input, count);
      return Array.from({ length: count }, (_, i) => (isThere !== null && isThere[i] === 0 ? null : column.at(i)));
    },
    merge(input, count, { from, to }, targets, states) {
      const isThere = input.byte() === 1 ? input.raw(count) : null;
      const column = new IntegerColumn(input, count);
      for (const { target, range } of targets) {
        let best = states[target] as Integer | null;
        for (let i = from[range]!; i < to[range]!; i++) {
          if (isThere !== null && isThere[i] === 0) continue;
          const x = column.at(i);
          if (best === null || isBetter(x, best)) best = x;
        }
        states[target] = best;
      }
    },
  };
}
