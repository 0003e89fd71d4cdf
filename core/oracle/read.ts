import type { CellStatus, CompiledFeature, CompiledView, SourceRecord, ViewReading } from '../definitions/compiled.ts';
import type { JoinMode } from '../ports/offline-store.ts';
import type { Instant, Value, ValueType } from '../values/types.ts';
import { aggregateOver } from './aggregate.ts';
import { countingEvents, recordsOfKey } from './counting.ts';
import { comparePlaces } from './order.ts';
import { lowerBound, upperBound } from './windows.ts';

/** One question to the oracle. */
export interface OracleRead {
  readonly key: readonly Value[];
  readonly t: Instant;
  readonly knownAt: Instant;
  readonly mode: JoinMode;
  /** Tightens the view's own `maxAge`, never loosens it; absent or null = the view's. */
  readonly maxAgeMillis?: number | null;
}

/**
 * What a read of this view must return, computed the slow and obvious way from all records: the reference that
 * every executor equals (SEMANTICS.md). Values run along all of the view's features.
 *
 * @param records of the view's source, in place order
 */
export function oracleRead(view: CompiledView, records: readonly SourceRecord[], read: OracleRead): ViewReading {
  const ofKey = recordsOfKey(view, records, read.key);
  const bare = view.kind === 'rows' ? readRows(view, ofKey, read) : readAggregates(view, ofKey, read);
  const defaulted = view.features.map((feature, i) => bare.statuses[i] !== 'PRESENT' && feature.defaultValue !== null);
  return {
    ...bare,
    readAt: read.t,
    version: view.version,
    values: view.features.map((feature, i) => (defaulted[i] ? feature.defaultValue : bare.values[i]!)),
    defaulted,
  };
}

type BareReading = Pick<ViewReading, 'status' | 'eventTime' | 'values' | 'statuses'>;

function absent(view: CompiledView, status: CellStatus, eventTime: Instant | null): BareReading {
  return { status, eventTime, values: view.features.map(() => null), statuses: view.features.map(() => status) };
}

function cellStatuses(values: readonly Value[]): CellStatus[] {
  return values.map((value) => (value === null ? 'NULL' : 'PRESENT'));
}

function readRows(view: CompiledView, rows: readonly SourceRecord[], read: OracleRead): BareReading {
  let winner: SourceRecord | null = null;
  for (const row of rows) {
    if (row.eventTime > read.t) continue;
    if (view.knownAt && row.knownTime > read.knownAt) continue;
    if (winner === null || compareRows(row, winner) > 0) winner = row;
  }
  if (winner === null || winner.deleted) return absent(view, 'NOT_FOUND', null);
  const age = read.t - winner.eventTime;
  if (view.retentionMillis !== null && age > view.retentionMillis) return absent(view, 'NOT_FOUND', null);
  const maxAge = Math.min(view.maxAgeMillis ?? Infinity, read.maxAgeMillis ?? Infinity);
  if (age > maxAge) return absent(view, 'EXPIRED', winner.eventTime);
  const { values: columns, eventTime } = winner;
  const values = view.features.map((feature) => (feature.kind === 'column' ? columns[feature.column]! : null));
  return { status: 'PRESENT', eventTime, values, statuses: cellStatuses(values) };
}

/** The greatest (event time, created time, place) wins. A missing created time is −∞; the difference of two is NaN, so a tie. */
function compareRows(a: SourceRecord, b: SourceRecord): number {
  return a.eventTime - b.eventTime || a.knownTime - b.knownTime || comparePlaces(a, b);
}

function readAggregates(view: CompiledView, ofKey: readonly SourceRecord[], read: OracleRead): BareReading {
  if (read.key.includes(null)) return absent(view, 'NOT_FOUND', null);
  const end = upperBound(read.t, view.delayMillis, view.grainMillis);
  const counting = countingEvents(view, ofKey, read);
  const inWindow = (windowMillis: number | null) => {
    const start = lowerBound(end, windowMillis, view.grainMillis);
    return counting.filter((event) => event.eventTime >= start && event.eventTime < end);
  };
  const idType = eventIdType(view);
  const values = view.features.map((feature) => featureValue(view, feature, idType, inWindow));
  const newest = inWindow(longestWindow(view)).reduce((time, event) => Math.max(time, event.eventTime), -Infinity);
  return {
    status: newest === -Infinity ? 'NOT_FOUND' : 'PRESENT',
    eventTime: newest === -Infinity ? null : newest,
    values,
    statuses: cellStatuses(values),
  };
}

function featureValue(
  view: CompiledView,
  feature: CompiledFeature,
  idType: ValueType | null,
  inWindow: (windowMillis: number | null) => readonly SourceRecord[],
): Value {
  if (feature.kind === 'column') throw new TypeError(`${view.name}.${feature.name} is a column of an aggregate view`);
  const events = inWindow(feature.windowMillis);
  const over = (accumulator: number) => aggregateOver(view.accumulators[accumulator]!, events, idType);
  if (feature.kind === 'aggregate') return over(feature.accumulator);
  const [numerator, denominator] = [over(feature.numerator), over(feature.denominator)];
  if (numerator === null || denominator === null || Number(denominator) === 0) return null;
  const ratio = Number(numerator) / Number(denominator);
  return Number.isFinite(ratio) ? ratio : null;
}

/** null = lifetime, which is longer than any other. */
function longestWindow(view: CompiledView): number | null {
  const windows = view.features.map((feature) => (feature.kind === 'column' ? 0 : feature.windowMillis));
  return windows.includes(null) ? null : Math.max(...windows.map((window) => window ?? 0));
}

function eventIdType(view: CompiledView): ValueType | null {
  const { definition, fields } = view.source;
  if (definition.kind !== 'events' || definition.eventId === undefined) return null;
  const name = definition.eventId;
  return fields.find((field) => field.name === name)?.type ?? { kind: 'string' };
}
