import type { Instant } from '../values/types.ts';

/** The events of one stretch of time, as states by accumulator; undefined = nothing added. */
export interface Tile {
  /** Event time of its newest counting event. */
  newest: Instant;
  readonly states: unknown[];
}

/** How far one partition's records of this key have been applied. */
export interface AppliedPartition {
  readonly origin: string;
  readonly partition: number;
  offset: number;
  arrival: Instant;
}

/** The online state of one key of one aggregate view version. */
export interface TileState {
  /** By `partitionText`. */
  readonly applied: Map<string, AppliedPartition>;
  /** P: the maximum arrival applied; −1 before the first record. */
  newestArrival: Instant;
  /** Per level: tiles by their start. */
  readonly levels: readonly Map<Instant, Tile>[];
  /** Lifetime only: everything before `end`, a whole day; null before the first record. */
  base: { end: Instant; readonly tile: Tile } | null;
  /** The hours whose event ids are kept beside this state, each with its partitions (by `partitionText`). */
  readonly idHours: Map<number, Set<string>>;
}

export function emptyTileState(levelCount: number): TileState {
  return {
    applied: new Map(),
    newestArrival: -1,
    levels: Array.from({ length: levelCount }, () => new Map<Instant, Tile>()),
    base: null,
    idHours: new Map(),
  };
}

export function partitionText(origin: string, partition: number): string {
  return `${partition}/${origin}`;
}
