import type { CompiledSource, SourceRecord } from '../../core/definitions/compiled.ts';
import { groupByKey } from '../../core/online/group-by-key.ts';
import type { OfflineStore } from '../../core/ports/offline-store.ts';

type History = Pick<OfflineStore, 'append' | 'flush' | 'durablePositions' | 'scanByKey'>;

/** An offline store of one source in memory: what is durable is everybody's, a tail its process's. */
export function createSharedHistory(): { connect(): OfflineStore } {
  const durable = new Map<string, SourceRecord[]>();
  const placeOf = ({ origin, partition }: SourceRecord): string => `${origin}/${partition}`;
  const newest = (records: readonly SourceRecord[] | undefined): number => records?.at(-1)?.offset ?? -1;
  const positions = (): Map<string, number> => new Map([...durable].map(([place, all]) => [place, newest(all)]));
  return {
    connect() {
      let tail: SourceRecord[] = [];
      const history: History = {
        async append(_source: CompiledSource, records) {
          const held = new Map<string, number>();
          for (const record of tail) held.set(placeOf(record), record.offset);
          const isNew = (record: SourceRecord): boolean =>
            record.offset > Math.max(held.get(placeOf(record)) ?? -1, newest(durable.get(placeOf(record))));
          tail.push(...records.filter(isNew));
        },
        async flush() {
          for (const record of tail) {
            const place = placeOf(record);
            const all = durable.get(place) ?? [];
            durable.set(place, all);
            if (record.offset > newest(all)) all.push(record);
          }
          tail = [];
          return positions();
        },
        durablePositions: async () => positions(),
        async *scanByKey(view, { through } = {}) {
          const records = [...durable.entries()]
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .flatMap(([place, all]) => all.filter(({ offset }) => offset <= (through?.get(place) ?? -1)));
          for (const group of groupByKey(view, records)) yield { ...group, recordCount: group.records.length };
        },
      };
      return history as OfflineStore;
    },
  };
}
