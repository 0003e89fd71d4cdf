import { comparePlaces } from '../aggregates/event-id.ts';
import { StateReader, StateWriter } from '../aggregates/state-bytes.ts';
import { day } from '../time/windows.ts';
import { ByteWriter } from '../values/byte-writer.ts';
import type { Instant } from '../values/types.ts';
import { assemble, bodyStart, openBody, openStamp } from './stamp.ts';
import type { TileLevel, TilePlan } from './tile-plan.ts';
import { emptyTileState, partitionText, type Tile, type TileState } from './tile-state.ts';

/*
 * stamp: P, count, then per partition by place: origin, partition, applied offset, newest arrival
 * body:  origins (count, texts)
 *        hours of event ids: count, then per hour: delta, chunks, count, indexes into the stamp's partitions
 *        base (lifetime only): whether there is one, its end in days, newest + 1, states of the lifetime accumulators
 *        per level: [u32 bytes that follow] count; unless 0: whether a tile is missing between two, first start in
 *                   units of the level, then if so the others delta-coded; newest − start as u32 each;
 *                   per accumulator of the level: [u32 bytes that follow] a column of states
 */

export function encodeTileState(plan: TilePlan, state: TileState): Uint8Array {
  const partitions = [...state.applied].sort(([, a], [, b]) => comparePlaces(a, b));
  const stamp = new ByteWriter();
  stamp.unsigned(state.newestArrival);
  stamp.unsigned(partitions.length);
  for (const [, { origin, partition, offset, arrival }] of partitions) {
    stamp.text(origin);
    stamp.unsigned(partition);
    stamp.unsigned(offset);
    stamp.unsigned(arrival);
  }

  const states = new StateWriter(1_024);
  if (plan.lifetime !== null) writeBase(states, plan, plan.lifetime, state);
  plan.levels.forEach((level, i) => {
    writeLevel(states, plan, level, state.levels[i]!);
  });

  const body = new ByteWriter(states.length + 64);
  const origins = states.origins();
  body.unsigned(origins.length);
  for (const origin of origins) body.text(origin);
  const indexes = new Map(partitions.map(([text], index) => [text, index]));
  body.unsigned(state.idHours.size);
  let previous = 0;
  for (const [hour, { partitions: texts, chunks }] of [...state.idHours].sort(([a], [b]) => a - b)) {
    body.unsigned(hour - previous);
    previous = hour;
    body.unsigned(chunks);
    body.unsigned(texts.size);
    for (const index of [...texts].map((text) => indexes.get(text)!).sort((a, b) => a - b)) body.unsigned(index);
  }
  body.raw(states.view());
  return assemble(plan.view, stamp.view(), body.view());
}

function writeBase(out: StateWriter, plan: TilePlan, lifetime: readonly number[], { base }: TileState): void {
  out.byte(base === null ? 0 : 1);
  if (base === null) return;
  out.integer(base.end / day);
  out.unsigned(base.tile.newest + 1);
  for (const accumulator of lifetime) writeState(out, plan, accumulator, base.tile);
}

function writeState(out: StateWriter, plan: TilePlan, accumulator: number, tile: Tile): void {
  const kernel = plan.kernels[accumulator]!;
  const state = tile.states[accumulator];
  kernel.write(out, state === undefined ? kernel.empty() : state);
}

function writeLevel(out: StateWriter, plan: TilePlan, level: TileLevel, tiles: readonly Tile[]): void {
  const levelStart = out.length;
  out.uint32(0);
  out.unsigned(tiles.length);
  if (tiles.length > 0) {
    writeTimes(out, level.millis, tiles);
    for (const accumulator of level.accumulators) {
      const kernel = plan.kernels[accumulator]!;
      const columnStart = out.length;
      out.uint32(0);
      const states = tiles.map(({ states }) => {
        const state = states[accumulator];
        return state === undefined ? kernel.empty() : state;
      });
      plan.columns[accumulator]!.write(out, states);
      out.patchUint32(columnStart, out.length - columnStart - 4);
    }
  }
  out.patchUint32(levelStart, out.length - levelStart - 4);
}

function writeTimes(out: StateWriter, millis: number, tiles: readonly Tile[]): void {
  const first = tiles[0]!.start / millis;
  const hasGaps = tiles[tiles.length - 1]!.start / millis - first !== tiles.length - 1;
  out.byte(hasGaps ? 1 : 0);
  out.unsigned(first);
  if (hasGaps) for (let i = 1; i < tiles.length; i++) out.unsigned((tiles[i]!.start - tiles[i - 1]!.start) / millis);
  for (const { start, newest } of tiles) out.uint32(newest - start);
}

/** The starts of a level's tiles in units of the level, ascending. */
export interface TileTimes {
  readonly first: number;
  /** null = no tile is missing between two. */
  readonly indexes: readonly number[] | null;
}

/** Reads the starts; the reader stands behind the number of tiles, which is not 0. */
export function readTimes(input: StateReader, count: number): TileTimes {
  const hasGaps = input.byte() === 1;
  const first = input.unsigned();
  if (!hasGaps) return { first, indexes: null };
  const indexes = new Array<number>(count);
  let index = first;
  indexes[0] = first;
  for (let i = 1; i < count; i++) {
    index += input.unsigned();
    indexes[i] = index;
  }
  return { first, indexes };
}

/** P of a stored value, without decoding the rest. */
export function newestArrivalOf(value: Uint8Array): Instant {
  return openStamp(value).unsigned();
}

export function decodeTileState(plan: TilePlan, value: Uint8Array): TileState {
  const state = emptyTileState(plan.levels.length);
  const stamp = openStamp(value);
  state.newestArrival = stamp.unsigned();
  const partitions: string[] = [];
  for (let count = stamp.unsigned(); count > 0; count--) {
    const applied = {
      origin: stamp.text(),
      partition: stamp.unsigned(),
      offset: stamp.unsigned(),
      arrival: stamp.unsigned(),
    };
    const text = partitionText(applied.origin, applied.partition);
    partitions.push(text);
    state.applied.set(text, applied);
  }

  const input = openStates(plan, value, (hour, chunks, indexes) => {
    state.idHours.set(hour, { partitions: new Set(indexes.map((index) => partitions[index]!)), chunks });
  });
  if (plan.lifetime !== null) readBase(input, plan, plan.lifetime, state);
  plan.levels.forEach((level, i) => {
    readLevel(input, plan, level, state.levels[i]!);
  });
  return state;
}

/** A reader that stands at the base or the first level. */
export function openStates(
  plan: TilePlan,
  value: Uint8Array,
  onIdHour?: (hour: number, chunks: number, partitions: readonly number[]) => void,
): StateReader {
  const input = openBody(plan.view, new StateReader(value, bodyStart(value)));
  const origins: string[] = [];
  for (let count = input.unsigned(); count > 0; count--) origins.push(input.text());
  input.useOrigins(origins);
  let hour = 0;
  for (let hours = input.unsigned(); hours > 0; hours--) {
    hour += input.unsigned();
    const chunks = input.unsigned();
    const indexes: number[] = [];
    for (let count = input.unsigned(); count > 0; count--) indexes.push(input.unsigned());
    onIdHour?.(hour, chunks, indexes);
  }
  return input;
}

function readBase(input: StateReader, plan: TilePlan, lifetime: readonly number[], state: TileState): void {
  if (input.byte() === 0) return;
  const end = Number(input.integer()) * day;
  const tile: Tile = { start: 0, newest: input.unsigned() - 1, states: [] };
  for (const accumulator of lifetime) tile.states[accumulator] = plan.kernels[accumulator]!.read(input);
  state.base = { end, tile };
}

function readLevel(input: StateReader, plan: TilePlan, level: TileLevel, tiles: Tile[]): void {
  input.skip(4);
  const count = input.unsigned();
  if (count === 0) return;
  const { first, indexes } = readTimes(input, count);
  for (let i = 0; i < count; i++) {
    const start = (indexes === null ? first + i : indexes[i]!) * level.millis;
    tiles.push({ start, newest: start + input.uint32(), states: new Array(plan.kernels.length) });
  }
  for (const accumulator of level.accumulators) {
    input.skip(4);
    const states = plan.columns[accumulator]!.read(input, count);
    for (let i = 0; i < count; i++) tiles[i]!.states[accumulator] = states[i];
  }
}
