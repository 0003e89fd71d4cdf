import type {
  CellStatus,
  CompiledFeature,
  CompiledView,
  DerivedInput,
  SourceRecord,
  ViewReading,
} from '../definitions/compiled.ts';
import type { JoinMode } from '../ports/offline-store.ts';
import type { Instant, Value, ValueType } from '../values/types.ts';
import { aggregateOver } from './aggregate.ts';
import { countingEvents, recordsOfKey } from './counting.ts';
import { finite } from './numbers.ts';
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
  const cells = cellsOf(view, bare);
  return {
    status: bare.status,
    eventTime: bare.eventTime,
    readAt: read.t,
    version: view.version,
    values: cells.map(({ value }) => value),
    statuses: cells.map(({ status }) => status),
    defaulted: cells.map(({ defaulted }) => defaulted),
  };
}

/** What was found before defaults and what is derived. */
interface BareReading {
  readonly status: CellStatus;
  readonly eventTime: Instant | null;
  /** The status of all cells where the key has none of its own. */
  readonly absent: CellStatus | null;
  /** Along the view's features; null for derived ones. */
  readonly values: readonly Value[];
  /** Row views: the winner's values along the source's fields. */
  readonly columns: readonly Value[];
}

interface Cell {
  readonly value: Value;
  readonly status: CellStatus;
  readonly defaulted: boolean;
}

/** Each feature's cell; a derived one asks for those of its inputs first. */
function cellsOf(view: CompiledView, bare: BareReading): readonly Cell[] {
  const cells: Cell[] = [];
  const cellOf = (index: number): Cell => {
    cells[index] ??= createCell(index);
    return cells[index]!;
  };
  const inputOf = (input: DerivedInput): Pick<Cell, 'value' | 'defaulted'> =>
    input.kind === 'feature'
      ? cellOf(input.feature)
      : { value: bare.columns[view.columns[input.column]!] ?? null, defaulted: false };
  const createCell = (index: number): Cell => {
    const feature = view.features[index]!;
    const inputs = feature.kind === 'derived' ? feature.inputs.map(inputOf) : [];
    const fromDefault = inputs.some(({ defaulted }) => defaulted);
    let value = bare.values[index] ?? null;
    if (feature.kind === 'derived' && (bare.absent === null || fromDefault)) {
      value = feature.expression.evaluate(inputs.map((input) => input.value));
    }
    const status = bare.absent ?? (value === null ? 'NULL' : 'PRESENT');
    if (status === 'PRESENT' || feature.defaultValue === null) return { value, status, defaulted: fromDefault };
    return { value: feature.defaultValue, status, defaulted: true };
  };
  return view.features.map((_, index) => cellOf(index));
}

function absent(status: CellStatus, eventTime: Instant | null): BareReading {
  return { status, eventTime, absent: status, values: [], columns: [] };
}

function readRows(view: CompiledView, rows: readonly SourceRecord[], read: OracleRead): BareReading {
  let winner: SourceRecord | null = null;
  for (const row of rows) {
    if (row.eventTime > read.t) continue;
    if (view.knownAt && row.knownTime > read.knownAt) continue;
    if (winner === null || compareRows(row, winner) > 0) winner = row;
  }
  if (winner === null || winner.deleted) return absent('NOT_FOUND', null);
  const age = read.t - winner.eventTime;
  if (view.retentionMillis !== null && age > view.retentionMillis) return absent('NOT_FOUND', null);
  const maxAge = Math.min(view.maxAgeMillis ?? Infinity, read.maxAgeMillis ?? Infinity);
  if (age > maxAge) return absent('EXPIRED', winner.eventTime);
  const { values: columns, eventTime } = winner;
  const values = view.features.map((feature) => (feature.kind === 'column' ? columns[feature.column]! : null));
  return { status: 'PRESENT', eventTime, absent: null, values, columns };
}

/** The greatest (event time, created time, place) wins. A missing created time is −∞; the difference of two is NaN, so a tie. */
function compareRows(a: SourceRecord, b: SourceRecord): number {
  return a.eventTime - b.eventTime || a.knownTime - b.knownTime || comparePlaces(a, b);
}

function readAggregates(view: CompiledView, ofKey: readonly SourceRecord[], read: OracleRead): BareReading {
  if (read.key.includes(null)) return absent('NOT_FOUND', null);
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
    absent: null,
    values,
    columns: [],
  };
}

function featureValue(
  view: CompiledView,
  feature: CompiledFeature,
  idType: ValueType | null,
  inWindow: (windowMillis: number | null) => readonly SourceRecord[],
): Value {
  if (!('windowMillis' in feature)) return null;
  const events = inWindow(feature.windowMillis);
  const over = (accumulator: number) => aggregateOver(view.accumulators[accumulator]!, events, idType);
  if (feature.kind === 'aggregate') return over(feature.accumulator);
  const [numerator, denominator] = [over(feature.numerator), over(feature.denominator)];
  if (numerator === null || denominator === null || Number(denominator) === 0) return null;
  return finite(Number(numerator) / Number(denominator));
}

/** null = lifetime, which is longer than any other. */
function longestWindow(view: CompiledView): number | null {
  const windows = view.features.flatMap((feature) => ('windowMillis' in feature ? [feature.windowMillis] : []));
  return windows.includes(null) ? null : Math.max(...windows.map((window) => window ?? 0));
}

function eventIdType(view: CompiledView): ValueType | null {
  const { definition, fields } = view.source;
  if (definition.kind !== 'events' || definition.eventId === undefined) return null;
  const name = definition.eventId;
  return fields.find((field) => field.name === name)?.type ?? { kind: 'string' };
}
