import type { OnlineStore, OnlineWrite } from '../ports/online-store.ts';
import { decodeHourIds, encodeHourIds, hourOf } from './event-ids.ts';
import { dedupeKey } from './keys.ts';
import type { StateUpdate, StateUpdater } from './state-updater.ts';
import { applyEvents, isAhead, isLate, type KnownIds, noCounts, unappliedRecords } from './tile-apply.ts';
import { decodeTileState, encodeTileState } from './tile-codec.ts';
import { tilePlanOf } from './tile-plan.ts';
import { emptyTileState, type TileState } from './tile-state.ts';

/** Tiles, and the event ids of the hours that were needed since the state was read. */
export interface TilesWithIds {
  readonly tiles: TileState;
  readonly ids: KnownIds;
}

/** Aggregate views: tiles, and beside them the event ids for dedupe. */
export function createTileUpdater(store: OnlineStore): StateUpdater<TilesWithIds> {
  const withIds = (tiles: TileState): TilesWithIds => ({ tiles, ids: { hours: new Map(), changed: new Set() } });
  return {
    empty: (view) => withIds(emptyTileState(tilePlanOf(view).levels.length)),
    decode: (view, value) => withIds(decodeTileState(tilePlanOf(view), value)),

    async load(view, updates) {
      if (tilePlanOf(view).idType === null) return;
      const missing = updates.flatMap((update) => missingHours(view, update).map((hour) => ({ update, hour })));
      if (missing.length === 0) return;
      const values = await store.getMany(missing.map(({ update, hour }) => dedupeKey(view, update.key, hour)));
      missing.forEach(({ update, hour }, i) => {
        const value = values[i] ?? null;
        // Absent although the state lists it: another writer forgot it meanwhile, and wins the race for the state too.
        update.held.state.ids.hours.set(hour, value === null ? new Map() : decodeHourIds(value));
      });
    },

    update(view, { key, records, held }) {
      const plan = tilePlanOf(view);
      const { tiles, ids } = held.state;
      const unapplied = unappliedRecords(tiles, records);
      const redelivered = records.length - unapplied.length;
      if (unapplied.length === 0) {
        return { value: null, companions: [], counts: { ...noCounts(), redelivered }, isChanged: false, heldBytes: 0 };
      }
      const storedHours = held.stamp === null ? new Set<number>() : new Set(tiles.idHours.keys());
      const counts = applyEvents(plan, tiles, unapplied, ids);
      counts.redelivered += redelivered;
      const companions: OnlineWrite['companions'][number][] = [];
      for (const hour of ids.changed) {
        const hourKey = dedupeKey(view, key, hour);
        if (tiles.idHours.has(hour)) companions.push({ key: hourKey, value: encodeHourIds(ids.hours.get(hour)!) });
        else if (storedHours.has(hour)) companions.push({ key: hourKey, value: null });
      }
      ids.changed.clear();
      const value = encodeTileState(plan, tiles);
      const heldBytes = value.length + bytesOfIds(ids);
      return { value, companions, counts, isChanged: counts.accepted > 0, heldBytes };
    },
  };
}

const bytesPerId = 16;

function bytesOfIds({ hours }: KnownIds): number {
  let count = 0;
  for (const partitions of hours.values()) for (const texts of partitions.values()) count += texts.size;
  return count * bytesPerId;
}

/** The hours with ids in the store that new events fall into and that are not loaded yet. */
function missingHours(
  view: Parameters<typeof tilePlanOf>[0],
  { held, records }: StateUpdate<TilesWithIds>,
): readonly number[] {
  const plan = tilePlanOf(view);
  const { tiles, ids } = held.state;
  if (tiles.idHours.size === 0) return [];
  const hours = new Set<number>();
  for (const record of unappliedRecords(tiles, records)) {
    if (isLate(plan, record) || isAhead(plan, record)) continue;
    const hour = hourOf(record.eventTime);
    if (tiles.idHours.has(hour) && !ids.hours.has(hour)) hours.add(hour);
  }
  return [...hours];
}
