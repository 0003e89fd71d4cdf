import { comparePlaces } from '../aggregates/event-id.ts';
import type { SourceRecord } from '../definitions/compiled.ts';
import { floorTo, hour } from '../time/windows.ts';
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
 * can need any more join longer ones, and only then the counting events are added, each to the shortest tile still
 * kept: so a tile never comes back, and the state does not depend on how the records were split into batches.
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
    const keepFrom = plan.levels.map(({ keepMillis }) => horizon - keepMillis);
    rollUp(plan, state, keepFrom);
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

/** Tiles that are kept no longer join the next longer ones; those of the longest join the base, or are dropped. */
function rollUp(plan: TilePlan, state: TileState, keepFrom: readonly Instant[]): void {
  const { levels, kernels, lifetime } = plan;
  for (let i = 0; i < levels.length; i++) {
    const tiles = state.levels[i]!;
    const next = levels[i + 1];
    let rolled = 0;
    while (rolled < tiles.length && tiles[rolled]!.start + levels[i]!.millis <= keepFrom[i]!) {
      const { start, newest, states } = tiles[rolled++]!;
      if (i === 0) state.newestBefore = Math.max(state.newestBefore, newest);
      if (next !== undefined) {
        const into = tileAt(state.levels[i + 1]!, floorTo(start, next.millis), kernels.length);
        mergeStates(plan, next.accumulators, into.states, states);
      }
      mergeStates(plan, next?.inBase ?? lifetime, state.base, states);
    }
    if (rolled > 0) tiles.splice(0, rolled);
  }
}

function mergeStates({ kernels }: TilePlan, accumulators: readonly number[], into: unknown[], from: unknown[]): void {
  for (const accumulator of accumulators) {
    if (from[accumulator] === undefined) continue;
    const kernel = kernels[accumulator]!;
    const state = into[accumulator];
    into[accumulator] = kernel.merge(state === undefined ? kernel.empty() : state, from[accumulator]);
  }
}

function addEvents(
  plan: TilePlan,
  state: TileState,
  counting: readonly SourceRecord[],
  keepFrom: readonly Instant[],
): void {
  const { kernels, levels, lifetime } = plan;
  const items: unknown[] = new Array(kernels.length);
  const lastTiles: (Tile | undefined)[] = levels.map(() => undefined);
  for (const record of counting) {
    const { eventTime } = record;
    let i = 0;
    let start = 0;
    for (; i < levels.length; i++) {
      const { millis } = levels[i]!;
      start = eventTime - (eventTime % millis);
      if (start + millis > keepFrom[i]!) break;
    }
    if (i > 0 && eventTime > state.newestBefore) state.newestBefore = eventTime;
    const level = levels[i];
    // In no tile and no base: most of a long backfill, and not even its inputs are needed.
    if (level === undefined && lifetime.length === 0) continue;
    for (let k = 0; k < kernels.length; k++) items[k] = kernels[k]!.prepare(record);
    addStates(plan, level?.inBase ?? lifetime, state.base, items);
    if (level === undefined) continue;
    let tile = lastTiles[i];
    if (tile?.start !== start) {
      tile = tileAt(state.levels[i]!, start, kernels.length);
      lastTiles[i] = tile;
    }
    if (eventTime > tile.newest) tile.newest = eventTime;
    addStates(plan, level.accumulators, tile.states, items);
  }
}

function addStates(
  { kernels }: TilePlan,
  accumulators: readonly number[],
  into: unknown[],
  items: readonly unknown[],
): void {
  for (const accumulator of accumulators) {
    const item = items[accumulator];
    if (item === undefined) continue;
    const kernel = kernels[accumulator]!;
    const state = into[accumulator];
    into[accumulator] = kernel.add(state === undefined ? kernel.empty() : state, item);
  }
}
