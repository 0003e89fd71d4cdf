import type { CompiledView, SourceRecord } from '../../core/definitions/compiled.ts';
import { groupByKey } from '../../core/online/group-by-key.ts';
import type { OnlineWriter } from '../../core/online/writer.ts';
import type { Instant } from '../../core/values/types.ts';

/** Feeds history to an online store as time goes by. */
export interface Replay {
  /** Applies to every view what had become known by `t` and was not applied yet. */
  applyUpTo(t: Instant): Promise<void>;
}

/** How records reach the store; none of it may change a value. */
export interface Delivery {
  /** The most records of one view that are applied at once. */
  readonly batchRecords: number;
  /** One partition after the other, as uneven consumers do, rather than in the order of arrival. */
  readonly byPartition: boolean;
  /** Every batch comes a second time, as after a crash before the commit. */
  readonly twice: boolean;
  /** Rows (state) come at once, those that are dated ahead too, as when a store is filled from files. */
  readonly rowsAhead: boolean;
}

export interface ReplayOptions extends Delivery {
  /** The writer of the next batch. */
  readonly nextWriter: () => OnlineWriter;
  /** In place order. */
  readonly histories: readonly { readonly view: CompiledView; readonly records: readonly SourceRecord[] }[];
}

export function createReplay(options: ReplayOptions): Replay {
  const { nextWriter, histories, batchRecords, byPartition, twice, rowsAhead } = options;
  const queues = histories.map(({ view, records }) => ({ view, records: inOrderOfKnowledge(view, records), next: 0 }));
  /** A row view that opted out of the known-at rule has its rows from the beginning, too. */
  const isAhead = (view: CompiledView) => view.kind === 'rows' && (rowsAhead || !view.knownAt);
  const apply = async (view: CompiledView, batch: readonly SourceRecord[]): Promise<void> => {
    await nextWriter().apply(view, groupByKey(view, batch));
  };
  return {
    async applyUpTo(t) {
      for (const queue of queues) {
        const { view, records } = queue;
        const start = queue.next;
        while (queue.next < records.length && (isAhead(view) || records[queue.next]!.knownTime <= t)) queue.next += 1;
        const known = records.slice(start, queue.next);
        if (byPartition) known.sort((a, b) => b.partition - a.partition);
        for (let first = 0; first < known.length; first += batchRecords) {
          const batch = known.slice(first, first + batchRecords);
          await apply(view, batch);
          if (twice) await apply(view, batch);
        }
      }
    },
  };
}

function inOrderOfKnowledge(view: CompiledView, records: readonly SourceRecord[]): readonly SourceRecord[] {
  if (!view.knownAt) return records;
  // A stable sort: what became known at once stays in place order.
  const inOrder = [...records].sort((a, b) => a.knownTime - b.knownTime);
  return view.kind === 'aggregate' ? asLogged(inOrder, records) : inOrder;
}

/**
 * In a log arrivals never decrease along a partition, and writers rely on it. Small files may say otherwise (rows
 * sorted by key, say): their records get the offsets that a log would have given them. Events that tie keep the order
 * of their places: one that arrived before a tie of an earlier place gets a later partition.
 */
function asLogged(inOrder: readonly SourceRecord[], inPlaceOrder: readonly SourceRecord[]): readonly SourceRecord[] {
  if (isLogged(inOrder)) return inOrder;
  const rounds = new Map<SourceRecord, number>();
  const ties = new Map<string, { round: number; knownTime: number }>();
  let most = 1;
  for (const record of inPlaceOrder) {
    const tie = JSON.stringify([record.origin, record.partition, record.eventTime]);
    const before = ties.get(tie) ?? { round: 0, knownTime: 0 };
    const round = record.knownTime < before.knownTime ? before.round + 1 : before.round;
    ties.set(tie, { round, knownTime: record.knownTime });
    rounds.set(record, round);
    most = Math.max(most, round + 1);
  }
  return inOrder.map((record, offset) => ({
    ...record,
    partition: record.partition * most + rounds.get(record)!,
    offset,
  }));
}

function isLogged(inOrder: readonly SourceRecord[]): boolean {
  const last = new Map<string, number>();
  return inOrder.every(({ origin, partition, offset }) => {
    const place = JSON.stringify([origin, partition]);
    const isNext = offset > (last.get(place) ?? -1);
    last.set(place, offset);
    return isNext;
  });
}
