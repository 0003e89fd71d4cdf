import type { CellStatus, CompiledService } from '../../core/definitions/compiled.ts';
import type { CompiledRegistry } from '../../core/definitions/registry-view.ts';
import { typeText } from '../../core/definitions/value-types.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import type { OnlineReader, ValueReading } from '../../core/online/reader.ts';
import type { DataClock, SystemClock } from '../../core/ports/clocks.ts';
import { toJson } from '../../core/values/json.ts';
import type { Instant, ValueType } from '../../core/values/types.ts';
import { untilPast } from '../../runtime/past-instant.ts';
import { knownService } from './names.ts';
import type { RequestBudget } from './request-budget.ts';
import { type RowReading, readService, type ServiceReading } from './service-read.ts';
import { type InputColumns, keyShape, parseColumns, requestShape } from './vector-input.ts';

export interface VectorArguments {
  readonly service: string;
  readonly version?: number | null;
  readonly keys?: unknown;
  readonly request?: unknown;
  readonly at?: Instant | null;
}

/** One column of the answer; computed only when its values are selected. */
interface VectorColumn {
  readonly name: string;
  readonly type: ValueType;
  values(): unknown[];
  statuses(): CellStatus[];
  defaulted(): boolean[];
  eventTimes(): (Instant | null)[];
}

/** Parent of the type FeatureVectors: what is not selected is not computed. */
export interface FeatureVectors {
  readonly service: string;
  readonly version: number;
  readonly readAt: Instant;
  readonly rows: number;
  readonly names: readonly string[];
  types(): string[];
  values(): unknown[][];
  statuses(): CellStatus[][];
  defaulted(): boolean[][];
  eventTimes(): (Instant | null)[][];
}

interface VectorDeps {
  readonly reader: OnlineReader;
  readonly clock: DataClock;
  readonly systemClock: SystemClock;
  readonly budget: RequestBudget;
  /** The fields that the caller asked for; statuses among them tell what could not be read. */
  readonly selected: { has(field: string): boolean };
}

/**
 * The features of a service for many keys, in one read at one instant. UNKNOWN_NAME for the service, its version or a
 * column, BAD_INPUT for a value that does not fit its declared type or an instant that has not come, LIMIT_EXCEEDED for
 * too many rows, or features that take too long to compute; UNAVAILABLE where a part could not be read and nothing in
 * the answer would say so.
 */
export async function readFeatureVectors(
  { reader, budget, selected, ...clocks }: VectorDeps,
  registry: CompiledRegistry,
  args: VectorArguments,
): Promise<FeatureVectors> {
  const service = knownService(registry, args.service, args.version);
  const label = `${service.name} version ${service.version}`;
  const keys = parseColumns(keyShape(service, label), args.keys);
  const request = parseColumns(requestShape(service, label), args.request);
  const rows = rowCount(label, keys, request);
  budget.takeRows(label, rows);
  if (args.at !== undefined && args.at !== null) await untilPast(clocks, 'at', args.at);
  const withStatuses = selected.has('statuses') || selected.has('defaulted');
  const found = await readService({ reader, budget }, service, {
    keys,
    request,
    rows,
    at: args.at ?? null,
    withStatuses,
  });
  if (!selected.has('statuses')) refusePart(label, found.readings);
  const rowsOf = (member: number) => found.places[member]!.map((place) => found.readings[place]!);
  const columns = [...memberColumns(service, rowsOf), ...onDemandColumns(service, found.computed)];
  return {
    service: service.name,
    version: service.version,
    readAt: found.readAt,
    rows,
    names: columns.map(({ name }) => name),
    types: () => columns.map(({ type }) => typeText(type)),
    values: () => columns.map((column) => column.values()),
    statuses: () => columns.map((column) => column.statuses()),
    defaulted: () => columns.map((column) => column.defaulted()),
    eventTimes: () => columns.map((column) => column.eventTimes()),
  };
}

/** Without statuses a null that nobody could read looks like one that was read. */
function refusePart(path: string, readings: readonly ValueReading[]): void {
  const unread = readings.filter(({ status }) => status === 'UNAVAILABLE').length;
  if (unread === 0) return;
  throw new AsofError('UNAVAILABLE', `the online store did not answer for ${unread} of ${readings.length} reads`, {
    path,
    remedy: 'Ask again, or select `statuses`: they tell which values could not be read, and the others are answered.',
  });
}

function memberColumns(
  { members }: CompiledService,
  rowsOf: (member: number) => readonly RowReading[],
): VectorColumn[] {
  return members.flatMap(({ alias, view, features }, member) => {
    const rows = rowsOf(member);
    return features.map((feature, position): VectorColumn => {
      const { name, type } = view.features[feature]!;
      return {
        name: `${alias}.${name}`,
        type,
        values: () => rows.map(({ values }) => toJson(type, values[position]!)),
        statuses: () => rows.map(({ statuses }) => statuses![position]!),
        defaulted: () => rows.map(({ defaulted }) => defaulted![position]!),
        eventTimes: () => rows.map(({ eventTime }) => eventTime),
      };
    });
  });
}

function onDemandColumns(service: CompiledService, computed: ServiceReading['computed']): VectorColumn[] {
  return service.onDemand.flatMap(({ view, features }, index) =>
    features.map((feature, position): VectorColumn => {
      const { name, type } = view.features[feature]!;
      return {
        name: `${view.name}.${name}`,
        type,
        values: () => computed.map((row) => toJson(type, row[index]!.values[position]!)),
        statuses: () => computed.map((row) => row[index]!.statuses[position]!),
        defaulted: () => computed.map((row) => row[index]!.defaulted[position]!),
        eventTimes: () => computed.map(() => null),
      };
    }),
  );
}

/** Single values stand for all rows, so the columns that hold several say how many; without any there is one. */
function rowCount(service: string, keys: InputColumns, request: InputColumns): number {
  if (keys.rows !== null && request.rows !== null && keys.rows !== request.rows) {
    throw new AsofError('BAD_INPUT', `keys and request of ${service} differ in their number of rows`, {
      path: 'request',
      expected: `${keys.rows} rows, as in keys`,
      got: String(request.rows),
    });
  }
  return keys.rows ?? request.rows ?? 1;
}
