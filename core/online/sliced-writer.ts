import type { CompiledView } from '../definitions/compiled.ts';
import { callsUserFunction } from '../expressions/batch.ts';
import type { SystemClock } from '../ports/clocks.ts';
import type { KeyedRecords } from '../ports/offline-store.ts';
import { noCounts } from './tile-apply.ts';
import type { AppliedBatch, OnlineWriter } from './writer.ts';

/** How many records are applied between two breaths: of a function that is cut on each of them, about a second. */
const sliceRecords = 32;

/**
 * Applies the records of views that call users' functions a few at a time, and lets the process do other work in between:
 * a function that is cut again and again makes its view late, and nothing else.
 */
export function createSlicedWriter(writer: OnlineWriter, clock: Pick<SystemClock, 'sleep'>): OnlineWriter {
  return {
    async apply(view, groups, fill) {
      if (!callsFunctions(view)) return writer.apply(view, groups, fill);
      let applied: AppliedBatch | null = null;
      for (const slice of slicesOf(groups)) {
        if (applied !== null) await clock.sleep(0);
        const one = await writer.apply(view, slice, fill);
        applied = applied === null ? one : merged(applied, one);
      }
      return applied ?? writer.apply(view, groups, fill);
    },
  };
}

function callsFunctions({ accumulators }: CompiledView): boolean {
  return accumulators.some(({ input, where, by }) =>
    [input, where, by].some((expression) => expression !== null && callsUserFunction(expression.typed)),
  );
}

/** The records of each key in their order, so that those before a slice are below it everywhere. */
function* slicesOf(groups: readonly KeyedRecords[]): Generator<readonly KeyedRecords[]> {
  let slice: KeyedRecords[] = [];
  let room = sliceRecords;
  for (const { key, records } of groups) {
    for (let from = 0; from < records.length; ) {
      const taken = records.slice(from, from + room);
      slice.push({ key, records: taken });
      from += taken.length;
      room -= taken.length;
      if (room > 0) continue;
      yield slice;
      slice = [];
      room = sliceRecords;
    }
  }
  if (slice.length > 0) yield slice;
}

function merged(a: AppliedBatch, b: AppliedBatch): AppliedBatch {
  const counts = noCounts();
  for (const name of Object.keys(counts) as (keyof typeof counts)[]) counts[name] = a.counts[name] + b.counts[name];
  return {
    keysWritten: a.keysWritten + b.keysWritten,
    keysRefused: a.keysRefused + b.keysRefused,
    changedKeys: [...a.changedKeys, ...b.changedKeys],
    newestEventTime: newer(a.newestEventTime, b.newestEventTime),
    newestKnownTime: newer(a.newestKnownTime, b.newestKnownTime),
    counts,
  };
}

function newer(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}
