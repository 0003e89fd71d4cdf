import type { SourceRecord } from '../definitions/compiled.ts';
import type { DataClock } from '../ports/clocks.ts';
import { decodeRowState, encodeRowState } from './row-codec.ts';
import { applyRows, emptyRowState, type RowState } from './row-state.ts';
import type { StateUpdater } from './state-updater.ts';
import { noCounts } from './tile-apply.ts';

/** What V8 takes for a row state and, decoded, for each of its bytes, about. */
const bytesPerRowState = 512;
const bytesPerEncodedByte = 4;

function holds({ rows }: RowState, { origin, partition, offset }: SourceRecord): boolean {
  return rows.some((row) => row.offset === offset && row.partition === partition && row.origin === origin);
}

/** Row views: the winner and what is dated ahead of it. */
export function createRowUpdater(clock: Pick<DataClock, 'now'>): StateUpdater<RowState> {
  return {
    empty: () => emptyRowState,
    decode: decodeRowState,
    load: async () => {},
    update(view, { held, records }) {
      const before = held.state;
      held.state = applyRows(view, before, records, clock.now());
      const isChanged = held.state !== before;
      const redelivered = records.filter((record) => holds(before, record)).length;
      const counts = { ...noCounts(), accepted: records.length - redelivered, redelivered };
      const value = isChanged ? encodeRowState(view, held.state) : null;
      const heldBytes = bytesPerRowState + (value?.length ?? 0) * bytesPerEncodedByte;
      return { value, companions: [], counts, isChanged, heldBytes };
    },
  };
}
