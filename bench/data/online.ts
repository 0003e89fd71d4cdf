import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createLmdbOnlineStore } from '../../adapters/lmdb/online-store.ts';
import type { CompiledView, SourceRecord } from '../../core/definitions/compiled.ts';
import { createOnlineReader } from '../../core/online/reader.ts';
import { markReady } from '../../core/online/ready.ts';
import { createOnlineWriter } from '../../core/online/writer.ts';
import type { OnlineStore } from '../../core/ports/online-store.ts';
import type { Instant, Value } from '../../core/values/types.ts';
import { viewOf } from '../definitions.ts';

/** The instant of the newest events. */
export const present = Date.parse('2001-06-01T12:34:56Z');

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

export const onlineView = 'origin_delays';

export function airportNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `A${String(index).padStart(5, '0')}`);
}

/** Online values of `airports` keys, every tile of which holds events: in a store, and as finished rows. */
export interface OnlineInputs {
  readonly folder: string;
  /** An LMDB store of ours. */
  readonly tiles: string;
  /** JSON: per key its features in order, as they are at `present`. */
  readonly rows: string;
}

export async function onlineInputs(folder: string, airports: number): Promise<OnlineInputs> {
  const target = join(folder, `online-${airports}`);
  const inputs = { folder: target, tiles: join(target, 'tiles'), rows: join(target, 'rows.json') };
  if (existsSync(inputs.rows)) return inputs;
  console.log(`Preparing ${target}`);
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  const store = createLmdbOnlineStore({ folder: inputs.tiles, durability: 'process' });
  const keys = airportNames(airports);
  await fillTiles(store, viewOf(onlineView), keys);
  const rows = await finishedRows(store, keys);
  await store[Symbol.asyncDispose]();
  await writeFile(inputs.rows, JSON.stringify(rows));
  return inputs;
}

/** Applies the events of each key, and marks the view, which reads landings, as complete. */
export async function fillTiles(
  store: OnlineStore,
  view: CompiledView,
  keys: readonly string[],
  times: readonly Instant[] = fullTimes(),
): Promise<void> {
  const writer = createOnlineWriter({ store, clock: { now: () => present } });
  let offset = 0;
  for (let start = 0; start < keys.length; start += 100) {
    const groups = keys.slice(start, start + 100).map((key, place) => ({
      key: [key],
      records: times.map((eventTime): SourceRecord => {
        offset += 1;
        const delay = ((offset * 7919 + place * 104_729) % 181) - 30;
        const values = [offset, key, delay];
        return {
          origin: 'landings',
          partition: 0,
          offset,
          eventTime,
          knownTime: eventTime,
          eventId: offset,
          deleted: false,
          values,
        };
      }),
    }));
    await writer.apply(view, groups);
  }
  await markReady(store, view);
}

/** One event in each tile of each level: in every second, ten seconds, minute, ten minutes and hour that are kept. */
function fullTimes(): readonly Instant[] {
  const times = new Set<Instant>();
  const spread = (step: number, reach: number) => {
    for (let back = step / 2; back < reach; back += step) times.add(present - Math.floor(back));
  };
  spread(1_000, 3 * minute);
  spread(10_000, 12 * minute);
  spread(minute, 3 * hour);
  spread(10 * minute, 2 * day);
  spread(hour, 8 * day);
  return [...times].sort((a, b) => a - b);
}

async function finishedRows(store: OnlineStore, keys: readonly string[]): Promise<Record<string, readonly Value[]>> {
  const view = viewOf(onlineView);
  const reader = createOnlineReader({ store, clock: { readInstant: () => present } });
  const { readings } = await reader.read(keys.map((key) => ({ view, key: [key] })));
  return Object.fromEntries(keys.map((key, index) => [key, readings[index]!.values]));
}
