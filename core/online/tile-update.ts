import type { CompiledView } from '../definitions/compiled.ts';
import type { OnlineStore, OnlineWrite } from '../ports/online-store.ts';
import { allAnswered } from './answers.ts';
import { HourIds, hourOf } from './event-ids.ts';
import { dedupeKey } from './keys.ts';
import type { StateUpdate, StateUpdater } from './state-updater.ts';
import { applyEvents, isAhead, isLate, type KnownIds, noCounts, unappliedRecords } from './tile-apply.ts';
import { decodeTileState, encodeTileState } from './tile-codec.ts';
import { type TilePlan, tilePlanOf } from './tile-plan.ts';
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
      const missing = updates.flatMap((update) => missingHours(view, update));
      const keys = missing.flatMap(({ update, hour, chunks }) =>
        Array.from({ length: chunks }, (_, chunk) => dedupeKey(update.onlineKey, hour, chunk)),
      );
      if (keys.length === 0) return;
      const values = allAnswered(await store.getMany(keys));
      let next = 0;
      for (const { update, hour, chunks } of missing) {
        // A chunk may be absent: another writer forgot it meanwhile, and wins the race for the state too.
        const found = values.slice(next, next + chunks).filter((value) => value !== null);
        next += chunks;
        update.held.state.ids.hours.set(hour, HourIds.read(found));
      }
    },

    update(view, { onlineKey, records, held }) {
      const plan = tilePlanOf(view);
      const { tiles, ids } = held.state;
      const unapplied = unappliedRecords(tiles, records);
      const redelivered = records.length - unapplied.length;
      if (unapplied.length === 0) {
        return { value: null, companions: [], counts: { ...noCounts(), redelivered }, isChanged: false, heldBytes: 0 };
      }
      const storedChunks = new Map([...tiles.idHours].map(([hour, { chunks }]) => [hour, chunks]));
      const counts = applyEvents(plan, tiles, unapplied, ids);
      counts.redelivered += redelivered;
      const companions = [...ids.changed].flatMap((hour): OnlineWrite['companions'] => {
        const known = tiles.idHours.get(hour);
        const hourIds = ids.hours.get(hour);
        if (known === undefined || hourIds === undefined) {
          return Array.from({ length: storedChunks.get(hour) ?? 0 }, (_, chunk) => ({
            key: dedupeKey(onlineKey, hour, chunk),
            value: null,
          }));
        }
        known.chunks = hourIds.chunkCount;
        return [...hourIds.takeChunks()].map(([chunk, value]) => ({ key: dedupeKey(onlineKey, hour, chunk), value }));
      });
      ids.changed.clear();
      const value = encodeTileState(plan, tiles);
      return {
        value,
        companions,
        counts,
        isChanged: counts.accepted > 0,
        heldBytes: heldBytesOf(plan, held.state, value),
      };
    },
  };
}

/** What V8 takes for a tile, for each state in it and for what is known of an hour's ids, about. */
const bytesPerTile = 160;
const bytesPerState = 40;
const bytesPerIdHour = 256;

/** Decoded, a state takes several times its encoded bytes; these stand for what grows with sketches and lists. */
function heldBytesOf({ levels }: TilePlan, { tiles, ids }: TilesWithIds, value: Uint8Array): number {
  let bytes = value.length + tiles.idHours.size * bytesPerIdHour;
  levels.forEach(({ accumulators }, i) => {
    bytes += tiles.levels[i]!.length * (bytesPerTile + accumulators.length * bytesPerState);
  });
  for (const hourIds of ids.hours.values()) bytes += hourIds.heldBytes;
  return bytes;
}

interface MissingHour {
  readonly update: StateUpdate<TilesWithIds>;
  readonly hour: number;
  readonly chunks: number;
}

/** The hours with ids in the store that new events fall into and that are not loaded yet. */
function missingHours(view: CompiledView, update: StateUpdate<TilesWithIds>): readonly MissingHour[] {
  const plan = tilePlanOf(view);
  const { tiles, ids } = update.held.state;
  if (tiles.idHours.size === 0) return [];
  const missing = new Map<number, MissingHour>();
  for (const record of unappliedRecords(tiles, update.records)) {
    if (isLate(plan, record) || isAhead(plan, record)) continue;
    const hour = hourOf(record.eventTime);
    const known = tiles.idHours.get(hour);
    if (known !== undefined && !ids.hours.has(hour)) missing.set(hour, { update, hour, chunks: known.chunks });
  }
  return [...missing.values()];
}
