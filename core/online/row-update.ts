import type { DataClock } from '../ports/clocks.ts';
import { decodeRowState, encodeRowState } from './row-codec.ts';
import { applyRows, emptyRowState, type RowState } from './row-state.ts';
import type { StateUpdater } from './state-updater.ts';
import { noCounts } from './tile-apply.ts';
import { readSlackMillis } from './tile-plan.ts';

/** What V8 takes for a row state and, decoded, for each of its bytes, about. */
const bytesPerRowState = 512;
const bytesPerEncodedByte = 4;

/** Row views: the winner and what is dated ahead of it. */
export function createRowUpdater(clock: Pick<DataClock, 'now'>): StateUpdater<RowState> {
  return {
    empty: () => emptyRowState,
    decode: decodeRowState,
    load: async () => {},
    update(view, { held, records }) {
      const before = held.state;
      held.state = applyRows(view, before, records, clock.now() - readSlackMillis);
      const isChanged = held.state !== before;
      const counts = { ...noCounts(), accepted: records.length };
      const value = isChanged ? encodeRowState(view, held.state) : null;
      const heldBytes = bytesPerRowState + (value?.length ?? 0) * bytesPerEncodedByte;
      return { value, companions: [], counts, isChanged, heldBytes };
    },
  };
}
