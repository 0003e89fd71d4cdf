import { comparePlaces } from '../aggregates/event-id.ts';
import type { SourceRecord } from '../definitions/compiled.ts';
import { day, floorTo, hour } from '../time/windows.ts';
import type { Instant } from '../values/types.ts';
import { HourIds, hourOf, idText } from './event-ids.ts';
import { horizonOf, type TilePlan } from './tile-plan.ts';
import { type AppliedPartition, partitionText, type Tile, type TileState, tileAt } from './tile-state.ts';

/** What became of the records of a batch. */
export interface AppliedCounts {
  /** Counting events. */
  accepted: number;
  /** At or below the applied offset: seen before. */
  redelivered: number;
  late: number;
  future: number;
  duplicate: number;
  /** Duplicates whose first event came from another partition, against the rule that equal ids share one. */
  misplaced: number;
}

export function noCounts(): AppliedCounts {
  return { accepted: 0, redelivered: 0, late: 0, future: 0, duplicate: 0, misplaced: 0 };
}

/** The event ids of the hours a batch touches; hours with ids in the store must have been loaded. */
export interface KnownIds {
  readonly hours: Map<number, HourIds>;
  /** Hours that got new ids. */
  readonly changed: Set<number>;
}

/** The records beyond the applied offsets, in place order. */
export function unappliedRecords(state: TileState, records: readonly SourceRecord[]): readonly SourceRecord[] {
  let applied: AppliedPartition | undefined;
  let previous: SourceRecord | null = null;
  let isSorted = true;
  const unapplied = records.filter((record) => {
    if (previous === null || previous.origin !== record.origin || previous.partition !== record.partition) {
      applied = state.applied.get(partitionText(record.origin, record.partition));
    }
    if (previous !== null && isSorted && comparePlaces(previous, record) > 0) isSorted = false;
    previous = record;
    return applied === undefined || record.offset > applied.offset;
  });
  return isSorted ? unapplied : unapplied.sort(comparePlaces);
}

export function isLate({ view }: TilePlan, { eventTime, knownTime }: SourceRecord): boolean {
  return knownTime - eventTime > view.source.latenessMillis;
}

export function isAhead({ view }: TilePlan, { eventTime, knownTime }: SourceRecord): boolean {
  return eventTime - knownTime > view.source.futureToleranceMillis;
}

/**
 * Applies unapplied records in place order. First every record is judged by its own arrival, then tiles that no read
 * can need any more are dropped, and only then the counting events are added, to the tiles still kept: so a trimmed
 * tile never comes back, and the state does not depend on how the records were split into batches.
 */
export function applyEvents(
  plan: TilePlan,
  state: TileState,
  records: readonly SourceRecord[],
  ids: KnownIds,
): AppliedCounts {
  const counts = noCounts();
  const counting = judge(plan, state, records, ids, counts);
  forgetIds(plan, state, ids);
  if (state.newestArrival >= 0) {
    const horizon = horizonOf(plan, state.newestArrival);
    if (plan.lifetime !== null) moveBase(plan, plan.lifetime, state, floorTo(horizon, day));
    const keepFrom = plan.levels.map(({ keepMillis }) => horizon - keepMillis);
    trim(plan, state, keepFrom);
    addEvents(plan, state, counting, keepFrom);
  }
  counts.accepted = counting.length;
  return counts;
}

const idsPerPruning = 50_000;

function judge(
  plan: TilePlan,
  state: TileState,
  records: readonly SourceRecord[],
  ids: KnownIds,
  counts: AppliedCounts,
): SourceRecord[] {
  const counting: SourceRecord[] = [];
  let applied: AppliedPartition | undefined;
  let text = '';
  for (const record of records) {
    if (applied === undefined || applied.partition !== record.partition || applied.origin !== record.origin) {
      text = partitionText(record.origin, record.partition);
      applied = appliedPartition(state, text, record);
    }
    if (record.offset <= applied.offset) {
      counts.redelivered++;
      continue;
    }
    applied.offset = record.offset;
    if (record.knownTime > applied.arrival) applied.arrival = record.knownTime;
    if (record.knownTime > state.newestArrival) state.newestArrival = record.knownTime;
    if (isLate(plan, record)) counts.late++;
    else if (isAhead(plan, record)) counts.future++;
    else if (plan.idType === null || isNewId(plan, state, record, text, ids, counts)) {
      counting.push(record);
      if (plan.idType !== null && counting.length % idsPerPruning === 0) forgetIds(plan, state, ids);
    }
  }
  return counting;
}

function appliedPartition(state: TileState, text: string, { origin, partition }: SourceRecord): AppliedPartition {
  let applied = state.applied.get(text);
  if (applied === undefined) {
    applied = { origin, partition, offset: -1, arrival: 0 };
    state.applied.set(text, applied);
  }
  return applied;
}

function isNewId(
  plan: TilePlan,
  state: TileState,
  record: SourceRecord,
  partition: string,
  ids: KnownIds,
  counts: AppliedCounts,
): boolean {
  const idHour = hourOf(record.eventTime);
  let hourIds = ids.hours.get(idHour);
  if (hourIds === undefined) {
    hourIds = new HourIds();
    ids.hours.set(idHour, hourIds);
  }
  const id = idText(plan.idType!, record.eventId!, record.eventTime);
  const holder = hourIds.holderOf(id);
  if (holder !== null) {
    counts.duplicate++;
    if (holder !== partition) counts.misplaced++;
    return false;
  }
  hourIds.add(partition, id);
  const known = state.idHours.get(idHour);
  if (known === undefined) state.idHours.set(idHour, { partitions: new Set([partition]), chunks: 0 });
  else known.partitions.add(partition);
  ids.changed.add(idHour);
  return true;
}

/**
 * Drops the hours whose every event, were it repeated now, would be late by the newest arrival of its own partition.
 * Not by P: a consumer that reads its partitions unevenly would count a repeat twice.
 */
function forgetIds({ view }: TilePlan, state: TileState, ids: KnownIds): void {
  for (const [idHour, { partitions }] of state.idHours) {
    const newestRepeat = (idHour + 1) * hour - 1 + view.source.latenessMillis;
    let isForgotten = true;
    for (const text of partitions) if (newestRepeat >= state.applied.get(text)!.arrival) isForgotten = false;
    if (!isForgotten) continue;
    state.idHours.delete(idHour);
    ids.hours.delete(idHour);
    ids.changed.add(idHour);
  }
}

/** Whole-day tiles before the new end are added to the base before they are trimmed. */
function moveBase(plan: TilePlan, lifetime: readonly number[], state: TileState, end: Instant): void {
  if (state.base === null) {
    state.base = { end, tile: { start: 0, newest: -1, states: [] } };
    return;
  }
  const { base } = state;
  if (end <= base.end) return;
  const days = state.levels[plan.levels.length - 1]!;
  for (const tile of days) {
    if (tile.start < base.end || tile.start >= end) continue;
    base.tile.newest = Math.max(base.tile.newest, tile.newest);
    for (const accumulator of lifetime) {
      if (tile.states[accumulator] === undefined) continue;
      const kernel = plan.kernels[accumulator]!;
      const into = base.tile.states[accumulator];
      base.tile.states[accumulator] = kernel.merge(
        into === undefined ? kernel.empty() : into,
        tile.states[accumulator],
      );
    }
  }
  base.end = end;
}

function trim(plan: TilePlan, state: TileState, keepFrom: readonly Instant[]): void {
  plan.levels.forEach(({ millis }, i) => {
    const tiles = state.levels[i]!;
    let trimmed = 0;
    while (trimmed < tiles.length && tiles[trimmed]!.start + millis <= keepFrom[i]!) trimmed++;
    if (trimmed > 0) tiles.splice(0, trimmed);
  });
}

function addEvents(
  plan: TilePlan,
  state: TileState,
  counting: readonly SourceRecord[],
  keepFrom: readonly Instant[],
): void {
  const { kernels, levels } = plan;
  const items: unknown[] = new Array(kernels.length);
  const lastStarts: Instant[] = levels.map(() => -1);
  const lastTiles: (Tile | undefined)[] = levels.map(() => undefined);
  // Kept at no level: most of a long backfill, and not even its inputs are needed.
  const oldest = Math.min(...keepFrom.map((from, i) => from - levels[i]!.millis));
  const base = state.base;
  for (const record of counting) {
    const { eventTime } = record;
    const isInBase = base !== null && eventTime < base.end;
    if (eventTime <= oldest && !isInBase) continue;
    for (let i = 0; i < kernels.length; i++) items[i] = kernels[i]!.prepare(record);
    if (isInBase) addToTile(plan, base.tile, plan.lifetime!, items, eventTime);
    for (let i = 0; i < levels.length; i++) {
      const { millis, accumulators } = levels[i]!;
      const start = eventTime - (eventTime % millis);
      if (start + millis <= keepFrom[i]!) continue;
      if (lastStarts[i] !== start) {
        lastStarts[i] = start;
        lastTiles[i] = tileAt(state.levels[i]!, start, kernels.length);
      }
      addToTile(plan, lastTiles[i]!, accumulators, items, eventTime);
    }
  }
}

function addToTile(
  { kernels }: TilePlan,
  tile: Tile,
  accumulators: readonly number[],
  items: readonly unknown[],
  eventTime: Instant,
): void {
  if (eventTime > tile.newest) tile.newest = eventTime;
  for (const accumulator of accumulators) {
    const item = items[accumulator];
    if (item === undefined) continue;
    const kernel = kernels[accumulator]!;
    const state = tile.states[accumulator];
    tile.states[accumulator] = kernel.add(state === undefined ? kernel.empty() : state, item);
  }
}
