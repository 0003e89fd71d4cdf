import type { Instant } from '../values/types.ts';

/** The events of one stretch of time, as states by accumulator; undefined = nothing added. */
export interface Tile {
  readonly start: Instant;
  /** Event time of its newest counting event; told, and stored, of the shortest tiles only. */
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

/** What is known of one hour's event ids without reading them. */
export interface IdHour {
  /** By `partitionText`. */
  readonly partitions: Set<string>;
  /** Under how many keys they are stored. */
  chunks: number;
}

/** The online state of one key of one aggregate view version. */
export interface TileState {
  /** By `partitionText`. */
  readonly applied: Map<string, AppliedPartition>;
  /** P: the maximum arrival applied; −1 before the first record. */
  newestArrival: Instant;
  /**
   * Per level: tiles by their start, ascending. An event is in one of them, the shortest that was still kept: what the
   * longer ones hold happened before the first moment of the shorter ones.
   */
  readonly levels: readonly Tile[][];
  /** The newest counting event before the times that the shortest tiles are kept for; −1 = there was none. */
  newestBefore: Instant;
  /** Lifetime: what is in no tile any more, as states by accumulator; undefined = nothing added. */
  readonly base: unknown[];
  /** The hours whose event ids are kept beside this state. */
  readonly idHours: Map<number, IdHour>;
}

export function emptyTileState(levelCount: number): TileState {
  return {
    applied: new Map(),
    newestArrival: -1,
    levels: Array.from({ length: levelCount }, (): Tile[] => []),
    newestBefore: -1,
    base: [],
    idHours: new Map(),
  };
}

export function partitionText(origin: string, partition: number): string {
  return `${partition}/${origin}`;
}

/** The tile of a level that starts at `start`, made when it is not there. New tiles are mostly the last. */
export function tileAt(tiles: Tile[], start: Instant, stateCount: number): Tile {
  let low = tiles.length;
  if (low > 0 && tiles[low - 1]!.start >= start) {
    let high = low - 1;
    low = 0;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (tiles[middle]!.start < start) low = middle + 1;
      else high = middle;
    }
    const found = tiles[low]!;
    if (found.start === start) return found;
  }
  // With its length: an array that grows takes room for 17.
  const tile: Tile = { start, newest: start, states: new Array(stateCount) };
  tiles.splice(low, 0, tile);
  return tile;
}
