import { IntegerColumn, writeIntegerColumn } from '../values/integer-column.ts';
import type { Integer } from '../values/integers.ts';
import { addIntegers } from '../values/integers.ts';
import type { AccumulatorKernel, ColumnCodec } from './kernel.ts';
import type { StateReader } from './state-bytes.ts';

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
export function countColumns(): ColumnCodec<number> {
  const counts = new IntegerColumn();
  return {
    write: writeIntegerColumn,
    read(input, count) {
      counts.open(input, count);
      return Array.from({ length: count }, (_, i) => counts.at(i) as number);
    },
    merge(input, count, { from, to }, targets, states) {
      counts.open(input, count);
      for (const { target, range } of targets) {
        if (from[range] === to[range]) continue;
        states[target] = (states[target] as number) + (counts.sum(from[range]!, to[range]!) as number);
      }
    },
  };
}

interface ExactSum {
  n: number;
  s: Integer;
}

/** Counts, then exact sums. */
export function sumColumns(): ColumnCodec<ExactSum> {
  const counts = new IntegerColumn();
  const sums = new IntegerColumn();
  return {
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
      counts.open(input, count);
      sums.open(input, count);
      return Array.from({ length: count }, (_, i) => ({ n: counts.at(i) as number, s: sums.at(i) }));
    },
    merge(input, count, { from, to }, targets, states) {
      counts.open(input, count);
      sums.open(input, count);
      for (const { target, range } of targets) {
        if (from[range] === to[range]) continue;
        const into = states[target] as ExactSum;
        into.n += counts.sum(from[range]!, to[range]!) as number;
        into.s = addIntegers(into.s, sums.sum(from[range]!, to[range]!));
      }
    },
  };
}

/**
 * Where the best stands, as its position + 1, and 0 where no tile has any; then the exact integers. A tile that has
 * none holds what any of them is better than, which stands before them if there is such a tile.
 */
export function extremeColumns(name: 'min' | 'max'): ColumnCodec<Integer | null> {
  const isBetter = name === 'min' ? (a: Integer, b: Integer) => a < b : (a: Integer, b: Integer) => a > b;
  const column = new IntegerColumn();
  /** What stands for no value; null = nothing does. */
  const open = (input: StateReader, count: number): Integer | null => {
    const none = input.byte() === 1 ? input.integer() : null;
    column.open(input, count);
    return none;
  };
  return {
    write(out, states) {
      let best: Integer | null = null;
      let worst: Integer | null = null;
      for (const x of states) {
        if (x === null) continue;
        if (best === null || isBetter(x, best)) best = x;
        if (worst === null || isBetter(worst, x)) worst = x;
      }
      out.unsigned(best === null ? 0 : states.indexOf(best) + 1);
      const hasNone = states.includes(null);
      const none = worst === null ? 0 : addIntegers(worst, name === 'min' ? 1 : -1);
      out.byte(hasNone ? 1 : 0);
      if (hasNone) out.integer(none);
      writeIntegerColumn(
        out,
        states.map((state) => state ?? none),
      );
    },
    read(input, count) {
      input.unsigned();
      const none = open(input, count);
      return Array.from({ length: count }, (_, i) => {
        const x = column.at(i);
        return x === none ? null : x;
      });
    },
    merge(input, count, { from, to }, targets, states) {
      const best = input.unsigned() - 1;
      if (best < 0) return;
      const none = open(input, count);
      for (const { target, range } of targets) {
        if (from[range] === to[range]) continue;
        const isBestWithin = best >= from[range]! && best < to[range]!;
        const last = isBestWithin ? best + 1 : to[range]!;
        let state = states[target] as Integer | null;
        for (let i = isBestWithin ? best : from[range]!; i < last; i++) {
          const x = column.at(i);
          if (x !== none && (state === null || isBetter(x, state))) state = x;
        }
        states[target] = state;
      }
    },
  };
}
