import { allFeatures, type CellPlan, cellPlanOf } from '../cells/cell-plan.ts';
import type { CellStatus, CompiledView } from '../definitions/compiled.ts';
import type { Instant, Value } from '../values/types.ts';
import { createRowRead, readWinner, rowsExactFrom, type WinningRow } from './row-codec.ts';
import { newestArrivalOf } from './tile-codec.ts';
import { createTileRead, readTiles } from './tile-read.ts';

/** What was found of a key, before its cells are finished. */
export interface FoundCells {
  readonly plan: CellPlan;
  readonly status: CellStatus;
  readonly eventTime: Instant | null;
  readonly readAt: Instant;
  /** Along `plan.reads`; not looked at where the cells are absent. */
  readonly found: readonly Value[];
  /** The status of all cells where the key has none of its own. */
  readonly absent: CellStatus | null;
}

/** How some features of a view are found in what is stored of a key. */
export interface CellRead {
  readonly plan: CellPlan;
  /** @param value null = nothing is stored */
  find(value: Uint8Array | null, readAt: Instant, maxAgeMillis: number | null): FoundCells;
  /** The same for a value that is read again and again: what does not change with time is worked out once. */
  prepare(value: Uint8Array | null): FindCells;
}

export type FindCells = (readAt: Instant, maxAgeMillis: number | null) => FoundCells;

/** The newest instant that whoever wrote the value had reached, as far as it tells; the reader's clock may lag behind. */
export function appliedBy(view: CompiledView, value: Uint8Array): Instant {
  return view.kind === 'rows' ? rowsExactFrom(value) : newestArrivalOf(value);
}

/** A key whose cells all share the status of their view, which is not PRESENT. */
export function absentCells(
  plan: CellPlan,
  readAt: Instant,
  status: CellStatus,
  eventTime: Instant | null = null,
): FoundCells {
  return { plan, status, eventTime, readAt, found: [], absent: status };
}

/** So many are found without looking them up: a read asks for few views, and for many keys of each. */
const mostRecent = 8;

type FindCellRead = (view: CompiledView, features: readonly number[] | undefined) => CellRead;

/** For one read. @returns what finds how these features are read; absent = all, the same array object again is the fast way */
export function createCellReads(): FindCellRead {
  const recent: { readonly view: CompiledView; readonly features: readonly number[] | undefined; read: CellRead }[] =
    [];
  return (view, features) => {
    for (let i = 0; i < recent.length; i++) {
      const one = recent[i]!;
      if (one.view === view && one.features === features) return one.read;
    }
    const read = cellReadOf(cellPlanOf(view, features ?? allFeatures(view)));
    if (recent.length < mostRecent) recent.push({ view, features, read });
    return read;
  };
}

/** Prepared per plan, as long as it is alive. */
const prepared = new WeakMap<CellPlan, CellRead>();

function cellReadOf(plan: CellPlan): CellRead {
  let read = prepared.get(plan);
  if (read === undefined) {
    read = plan.view.kind === 'rows' ? rowCells(plan) : aggregateCells(plan);
    prepared.set(plan, read);
  }
  return read;
}

function aggregateCells(plan: CellPlan): CellRead {
  const read = createTileRead(plan.view, plan.reads);
  const find: CellRead['find'] = (value, readAt) => {
    const { values, eventTime } = readTiles(read, value, readAt);
    const status = eventTime === null ? 'NOT_FOUND' : 'PRESENT';
    return { plan, status, eventTime, readAt, found: values, absent: null };
  };
  return { plan, find, prepare: (value) => (readAt, maxAgeMillis) => find(value, readAt, maxAgeMillis) };
}

function rowCells(plan: CellPlan): CellRead {
  const { view } = plan;
  const read = createRowRead(view, plan.reads);
  const retention = view.retentionMillis ?? Number.POSITIVE_INFINITY;
  const found = (winner: WinningRow | null, readAt: Instant, maxAgeMillis: number | null): FoundCells => {
    if (winner === null || winner.deleted) return absentCells(plan, readAt, 'NOT_FOUND');
    const { eventTime, values } = winner;
    const age = readAt - eventTime;
    if (age > retention) return absentCells(plan, readAt, 'NOT_FOUND');
    const maxAge = Math.min(view.maxAgeMillis ?? Infinity, maxAgeMillis ?? Infinity);
    if (age > maxAge) return absentCells(plan, readAt, 'EXPIRED', eventTime);
    return { plan, status: 'PRESENT', eventTime, readAt, found: values, absent: null };
  };
  return {
    plan,
    find: (value, readAt, maxAgeMillis) =>
      found(value === null ? null : readWinner(read, value, readAt), readAt, maxAgeMillis),
    prepare(value) {
      // The greatest row of all: it wins for good from when it can.
      const last = value === null ? null : readWinner(read, value, Number.POSITIVE_INFINITY);
      return (readAt, maxAgeMillis) => {
        const winner = last === null || last.from <= readAt ? last : readWinner(read, value!, readAt);
        return found(winner, readAt, maxAgeMillis);
      };
    },
  };
}
