import type { CompiledView, SourceRecord } from '../../core/definitions/compiled.ts';
import { groupByKey } from '../../core/online/group-by-key.ts';
import type { OnlineWriter } from '../../core/online/writer.ts';
import type { Instant } from '../../core/values/types.ts';

/** Feeds history to an online store as time goes by. */
export interface Replay {
  /** Applies to every view what had become known by `t` and was not applied yet. */
  applyUpTo(t: Instant): Promise<void>;
}

export interface ReplayOptions {
  /** Take turns from batch to batch. */
  readonly writers: readonly OnlineWriter[];
  /** In place order. */
  readonly histories: readonly { readonly view: CompiledView; readonly records: readonly SourceRecord[] }[];
  readonly batchRecords: number;
}

export function createReplay({ writers, histories, batchRecords }: ReplayOptions): Replay {
  const waiting = histories.map(({ view, records }) => ({ view, records: inOrderOfKnowledge(view, records), next: 0 }));
  let turn = 0;
  return {
    async applyUpTo(t) {
      for (const queue of waiting) {
        const { view, records } = queue;
        for (;;) {
          const batch: SourceRecord[] = [];
          while (batch.length < batchRecords) {
            const record = records[queue.next];
            if (record === undefined || appliedFrom(view, record) > t) break;
            batch.push(record);
            queue.next += 1;
          }
          if (batch.length === 0) break;
          const writer = writers[turn++ % writers.length]!;
          await writer.apply(view, groupByKey(view, batch));
        }
      }
    },
  };
}

/** A row view that opted out of the known-at rule has its rows from the beginning. */
function appliedFrom(view: CompiledView, record: SourceRecord): Instant {
  return view.knownAt ? record.knownTime : 0;
}

function inOrderOfKnowledge(view: CompiledView, records: readonly SourceRecord[]): readonly SourceRecord[] {
  if (!view.knownAt) return records;
  // A stable sort: what became known at once stays in place order.
  const inOrder = [...records].sort((a, b) => a.knownTime - b.knownTime);
  return view.kind === 'aggregate' ? asLogged(inOrder) : inOrder;
}

/**
 * In a log arrivals never decrease along a partition, and writers rely on it. Small files may say otherwise (rows
 * sorted by key, say): their records get the offsets that a log would have given them.
 */
function asLogged(inOrder: readonly SourceRecord[]): readonly SourceRecord[] {
  const last = new Map<string, number>();
  const isLogged = inOrder.every(({ origin, partition, offset }) => {
    const place = JSON.stringify([origin, partition]);
    const isNext = offset > (last.get(place) ?? -1);
    last.set(place, offset);
    return isNext;
  });
  return isLogged ? inOrder : inOrder.map((record, offset) => ({ ...record, offset }));
}
