import { comparePlaces } from '../aggregates/event-id.ts';
import type { AccumulatorKernel } from '../aggregates/kernel.ts';
import { StateReader, StateWriter } from '../aggregates/state-bytes.ts';
import { ByteWriter } from '../values/byte-writer.ts';
import { IntegerColumn, writeIntegerColumn } from '../values/integer-column.ts';
import type { Instant } from '../values/types.ts';
import { assemble, bodyStart, firstOfStamp, openBody, openStamp } from './stamp.ts';
import type { TileLevel, TilePlan } from './tile-plan.ts';
import { emptyTileState, partitionText, type Tile, type TileState } from './tile-state.ts';

/*
 * stamp: P, count, then per partition by place: origin, partition, applied offset, newest arrival
 * body:  origins (count, texts)
 *        newest counting event before the shortest tiles' times, + 1
 *        per level: [u32 bytes that follow] count; unless 0: whether a tile is missing between two, first start in
 *                   units of the level, then if so a column of all starts, in units behind the first;
 *                   of the shortest a column of newest − start;
 *                   per accumulator of the level: [u32 bytes that follow] a column of states
 *        base: states of the lifetime accumulators
 *        hours of event ids: count, then per hour: delta, chunks, count, indexes into the stamp's partitions
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
  states.unsigned(state.newestBefore + 1);
  plan.levels.forEach((level, i) => {
    writeLevel(states, plan, level, state.levels[i]!);
  });
  for (const accumulator of plan.lifetime) {
    const kernel = plan.kernels[accumulator]!;
    kernel.write(states, stateOr(kernel, state.base[accumulator]));
  }

  const body = new ByteWriter(states.length + 64);
  const origins = states.origins();
  body.unsigned(origins.length);
  for (const origin of origins) body.text(origin);
  body.raw(states.view());
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
  return assemble(plan.view, stamp.view(), body.view());
}

function stateOr(kernel: AccumulatorKernel, state: unknown): unknown {
  return state === undefined ? kernel.empty() : state;
}

function writeLevel(out: StateWriter, plan: TilePlan, level: TileLevel, tiles: readonly Tile[]): void {
  const levelStart = out.length;
  out.uint32(0);
  out.unsigned(tiles.length);
  if (tiles.length > 0) {
    const first = tiles[0]!.start;
    const last = tiles[tiles.length - 1]!.start;
    const hasGaps = last - first !== (tiles.length - 1) * level.millis;
    out.byte(hasGaps ? 1 : 0);
    out.unsigned(first / level.millis);
    if (hasGaps) {
      writeIntegerColumn(
        out,
        tiles.map(({ start }) => (start - first) / level.millis),
      );
    }
    if (level === plan.levels[0]) {
      writeIntegerColumn(
        out,
        tiles.map(({ start, newest }) => newest - start),
      );
    }
    for (const accumulator of level.accumulators) {
      const kernel = plan.kernels[accumulator]!;
      const columnStart = out.length;
      out.uint32(0);
      plan.columns[accumulator]!.write(
        out,
        tiles.map(({ states }) => stateOr(kernel, states[accumulator])),
      );
      out.patchUint32(columnStart, out.length - columnStart - 4);
    }
  }
  out.patchUint32(levelStart, out.length - levelStart - 4);
}

/** The starts of a level's tiles, ascending. */
export interface TileTimes {
  readonly count: number;
  /** In units of the level. */
  readonly first: number;
  /** In units behind the first; null = no tile is missing between two. */
  readonly gaps: IntegerColumn | null;
}

const startColumn = new IntegerColumn();

/** Reads the starts; the reader stands behind the number of tiles, which is not 0. Valid until the next are read. */
export function readTimes(input: StateReader, count: number): TileTimes {
  const hasGaps = input.byte() === 1;
  const first = input.unsigned();
  return { count, first, gaps: hasGaps ? startColumn.open(input, count) : null };
}

/** When a tile starts, in units of the level. */
export function startOf({ first, gaps }: TileTimes, position: number): number {
  return first + (gaps === null ? position : (gaps.at(position) as number));
}

/** P of a stored value, without decoding the rest. */
export function newestArrivalOf(value: Uint8Array): Instant {
  return firstOfStamp(value);
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

  const input = openStates(plan, value);
  state.newestBefore = input.unsigned() - 1;
  plan.levels.forEach((level, i) => {
    readLevel(input, plan, level, state.levels[i]!);
  });
  for (const accumulator of plan.lifetime) state.base[accumulator] = plan.kernels[accumulator]!.read(input);
  let hour = 0;
  for (let hours = input.unsigned(); hours > 0; hours--) {
    hour += input.unsigned();
    const chunks = input.unsigned();
    const texts = Array.from({ length: input.unsigned() }, () => partitions[input.unsigned()]!);
    state.idHours.set(hour, { partitions: new Set(texts), chunks });
  }
  return state;
}

/** A reader that stands behind the origins. */
export function openStates(plan: TilePlan, value: Uint8Array): StateReader {
  const input = openBody(plan.view, new StateReader(value, bodyStart(value)));
  const count = input.unsigned();
  if (count > 0) input.useOrigins(Array.from({ length: count }, () => input.text()));
  return input;
}

function readLevel(input: StateReader, plan: TilePlan, level: TileLevel, tiles: Tile[]): void {
  input.skip(4);
  const count = input.unsigned();
  if (count === 0) return;
  const times = readTimes(input, count);
  for (let i = 0; i < count; i++) {
    const start = startOf(times, i) * level.millis;
    tiles.push({ start, newest: start, states: new Array(plan.kernels.length) });
  }
  if (level === plan.levels[0]) {
    const newest = new IntegerColumn().open(input, count);
    for (let i = 0; i < count; i++) tiles[i]!.newest += newest.at(i) as number;
  }
  for (const accumulator of level.accumulators) {
    input.skip(4);
    const states = plan.columns[accumulator]!.read(input, count);
    for (let i = 0; i < count; i++) tiles[i]!.states[accumulator] = states[i];
  }
}
