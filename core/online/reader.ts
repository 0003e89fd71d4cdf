import { finishCells, finishValues } from '../cells/finish-cells.ts';
import type { CompiledView, ViewReading } from '../definitions/compiled.ts';
import { AsofError } from '../errors/asof-error.ts';
import type { DataClock } from '../ports/clocks.ts';
import type { OnlineAnswer, OnlineStore } from '../ports/online-store.ts';
import { formatInstant } from '../values/json.ts';
import type { Instant, Value } from '../values/types.ts';
import { absentCells, appliedBy, createCellReads, type FoundCells } from './found-cells.ts';
import { createKeptStates, type KeptState } from './kept-states.ts';
import { keysOf } from './read-keys.ts';
import { nextRowVisible, rowsExactFrom } from './row-codec.ts';
import { newestArrivalOf } from './tile-codec.ts';
import { readSlackMillis, tilePlanOf } from './tile-plan.ts';
import { nextTileIncluded } from './tile-read.ts';

/** One view for one key. */
export interface OnlineReadRequest {
  readonly view: CompiledView;
  /** In the order of `view.key`; a NULL part matches nothing. */
  readonly key: readonly Value[];
  /** Indexes into `view.features`; absent = all. The same array object again is the fast way. */
  readonly features?: readonly number[];
  /** Row views: tightens the view's own `maxAge`; never loosens it. */
  readonly maxAgeMillis?: number | null;
}

export interface OnlineReadings {
  /** The one instant of this read. */
  readonly readAt: Instant;
  /** Same length and order as the requests. */
  readonly readings: readonly ViewReading[];
}

/** Values alone, for who asks for no status of a cell. */
export interface OnlineValues {
  readonly readAt: Instant;
  /** Same length and order as the requests. */
  readonly readings: readonly ValueReading[];
}

/** A ViewReading without what is told of each cell. */
export type ValueReading = Pick<ViewReading, 'status' | 'eventTime' | 'values'>;

export interface OnlineReader {
  /**
   * Reads everything at one instant with one `getMany`: the clock's, or the newest applied arrival if that is later (of
   * rows: the instant from which on all is stored that can be read), or `at`. What a server of the store did not answer
   * is UNAVAILABLE, the rest is as always.
   *
   * @throws AsofError BAD_INPUT when `at` lies too far back for the online store, or `maxAgeMillis` is asked of
   *   aggregates; CORRUPT when a stored value cannot be read
   */
  read(requests: readonly OnlineReadRequest[], at?: Instant): Promise<OnlineReadings>;
  /** The same at the present, for less: only the values. */
  readValues(requests: readonly OnlineReadRequest[]): Promise<OnlineValues>;
  /** The same at the present, with what is stored already and comes into force later: for whoever waits for changes. */
  readAhead(requests: readonly OnlineReadRequest[]): Promise<OnlineReadingsAhead>;
}

export interface OnlineReadingsAhead extends OnlineReadings {
  /**
   * Per request: the first instant after `readAt` at which a row dated ahead takes over, or the windows take in an
   * event that they ended before; null = nothing waits.
   */
  readonly nextAt: readonly (Instant | null)[];
}

export interface OnlineReaderDeps {
  readonly store: Pick<OnlineStore, 'getMany' | 'shards' | 'held'>;
  readonly clock: Pick<DataClock, 'readInstant'>;
}

export function createOnlineReader({ store, clock }: OnlineReaderDeps): OnlineReader {
  const kept = store.held === undefined ? null : createKeptStates(store.held);

  async function readStored<R>(
    requests: readonly OnlineReadRequest[],
    finish: (found: FoundCells) => R,
    at?: Instant,
  ): Promise<StoredReadings<R>> {
    for (const request of requests) refuseMaxAge(request);
    // Before the store is asked: what arrives from here on is later than this instant.
    const started = at ?? clock.readInstant();
    const states = kept === null || at !== undefined ? nothingKept : kept.find(requests);
    const asked = keysOf(requests, store.shards, (index) => states[index] !== undefined);
    const { keys, slots, markers } = asked;
    const stored = keys.length === 0 ? [] : await store.getMany(keys);
    if (keys.length > 0) kept?.keep(requests, asked);
    const values = slots.map((slot, i) => states[i]?.value ?? valueAt(stored, slot));
    const readAt = at ?? readInstant(clock, started, newestOf(requests, values, states));
    const cellsOf = createCellReads();
    const readings = requests.map((request, i): R => {
      const { view, maxAgeMillis = null } = request;
      const cells = cellsOf(view, request.features);
      const state = states[i];
      if (state !== undefined) return finish(state.find(cells, readAt, maxAgeMillis));
      if (slots[i]! < 0) return finish(absentCells(cells.plan, readAt, 'NOT_FOUND'));
      if (!isKnown(stored[slots[i]!])) return finish(absentCells(cells.plan, readAt, 'UNAVAILABLE'));
      if (valueAt(stored, markers[i]!) === null) return finish(absentCells(cells.plan, readAt, 'NOT_READY'));
      if (at !== undefined) refuseTooEarly(view, values[i]!, at);
      return finish(cells.find(values[i]!, readAt, maxAgeMillis));
    });
    return { readAt, readings, values };
  }

  return {
    async read(requests, at) {
      const { readAt, readings } = await readStored(requests, fullReading, at);
      return { readAt, readings };
    },
    readValues: (requests) => readStored(requests, valueReading),
    async readAhead(requests) {
      const { readAt, readings, values } = await readStored(requests, fullReading);
      const nextAt = requests.map(({ view }, i) => {
        const value = values[i]!;
        if (value === null || readings[i]!.status === 'NOT_READY') return null;
        return view.kind === 'rows'
          ? nextRowVisible(view, value, readAt)
          : nextTileIncluded(tilePlanOf(view), value, readAt);
      });
      return { readAt, readings, nextAt };
    },
  };
}

const nothingKept: readonly undefined[] = [];

function fullReading({ plan, status, eventTime, readAt, found, absent }: FoundCells): ViewReading {
  const { version } = plan.view;
  return { status, eventTime, readAt, version, ...finishCells(plan, found, absent) };
}

function valueReading({ plan, status, eventTime, found, absent }: FoundCells): ValueReading {
  return { status, eventTime, values: finishValues(plan, found, absent) };
}

interface StoredReadings<R> {
  readonly readAt: Instant;
  readonly readings: readonly R[];
  /** What the store holds for each request; null = nothing, or a key with a NULL part. */
  readonly values: readonly (Uint8Array | null)[];
}

function valueAt(stored: readonly OnlineAnswer[], slot: number): Uint8Array | null {
  const answer = slot < 0 ? null : (stored[slot] ?? null);
  return isKnown(answer) ? answer : null;
}

/** Bytes or nothing, and no error; cheaper than `instanceof`, which goes through all that bytes inherit. */
function isKnown(answer: OnlineAnswer | undefined): answer is Uint8Array | null {
  return answer === null || (answer as Partial<Uint8Array>).byteLength !== undefined;
}

function refuseMaxAge({ view, maxAgeMillis }: OnlineReadRequest): void {
  if (view.kind === 'rows' || maxAgeMillis === undefined || maxAgeMillis === null) return;
  throw new AsofError('BAD_INPUT', 'windowed aggregates never expire', {
    path: view.name,
    expected: 'no maxAge',
    got: `${maxAgeMillis} ms`,
    remedy: 'Leave maxAge out, or read a row view.',
  });
}

function readInstant(clock: OnlineReaderDeps['clock'], started: Instant, newest: Instant): Instant {
  return newest > started ? clock.readInstant(newest) : started;
}

/** The newest instant that any of the values tells of. */
function newestOf(
  requests: readonly OnlineReadRequest[],
  values: readonly (Uint8Array | null)[],
  states: readonly (KeptState | undefined)[],
): Instant {
  let newest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    const state = states[i];
    const value = values[i]!;
    if (state !== undefined) newest = Math.max(newest, state.appliedBy);
    else if (value !== null) newest = Math.max(newest, appliedBy(requests[i]!.view, value));
  }
  return newest;
}

function refuseTooEarly(view: CompiledView, value: Uint8Array | null, at: Instant): void {
  if (value === null) return;
  const earliest = view.kind === 'rows' ? rowsExactFrom(value) : newestArrivalOf(value) - readSlackMillis;
  if (at >= earliest) return;
  throw new AsofError('BAD_INPUT', 'the online store no longer knows this instant', {
    path: view.name,
    expected: `${formatInstant(earliest)} or later`,
    got: formatInstant(at),
    remedy: 'Ask for it with asOf, which the offline store answers.',
  });
}
