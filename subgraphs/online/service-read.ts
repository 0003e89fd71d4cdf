import type { CompiledService, ServiceMember, ViewReading } from '../../core/definitions/compiled.ts';
import { evaluateOnDemand, membersToRead, type OnDemandReading } from '../../core/on-demand/evaluate.ts';
import type { OnlineReader, OnlineReadRequest, ValueReading } from '../../core/online/reader.ts';
import { toJson } from '../../core/values/json.ts';
import type { Instant, Value } from '../../core/values/types.ts';
import type { RequestBudget } from './request-budget.ts';
import { type InputColumns, valueAt } from './vector-input.ts';

/** What was read for each row; statuses of cells are there where they were asked for. */
export type RowReading = ValueReading & Partial<Pick<ViewReading, 'statuses' | 'defaulted'>>;

export interface ServiceInputs {
  /** Along the service's join columns. */
  readonly keys: InputColumns;
  /** Along its request inputs. */
  readonly request: InputColumns;
  readonly rows: number;
  /** null = now. */
  readonly at: Instant | null;
  /** Whether statuses are of interest; without them a read costs less. */
  readonly withStatuses: boolean;
}

/** A service read for several rows at one instant. */
export interface ServiceReading {
  readonly readAt: Instant;
  /** What was read; rows with the same key share one. */
  readonly readings: readonly RowReading[];
  /** `places[member][row]` indexes `readings`, along `service.members` and then those that only on-demand views read. */
  readonly places: readonly (readonly number[])[];
  /** `computed[row]` has one reading per on-demand view of the service; empty where it has none. */
  readonly computed: readonly (readonly OnDemandReading[])[];
}

interface ServiceReadDeps {
  readonly reader: Pick<OnlineReader, 'read' | 'readValues'>;
  readonly budget: RequestBudget;
}

/** LIMIT_EXCEEDED for features that take too long to compute, BAD_INPUT for an instant that is too long ago. */
export async function readService(
  { reader, budget }: ServiceReadDeps,
  service: CompiledService,
  { keys, request, rows, at, withStatuses }: ServiceInputs,
): Promise<ServiceReading> {
  const { requests, places } = planReads(service, membersToRead(service), { keys, rows });
  const isPlain = !withStatuses && service.onDemand.length === 0 && at === null;
  const { readAt, readings } = isPlain
    ? await reader.readValues(requests)
    : await reader.read(requests, at ?? undefined);
  const reading = { readAt, readings, places };
  if (service.onDemand.length === 0) return { ...reading, computed: [] };
  const found = readings as readonly ViewReading[];
  const computed = Array.from({ length: rows }, (_, row) => {
    const inputs = request.columns.map((column) => valueAt(column, row));
    const ofRow = places.map((ofMember) => found[ofMember[row]!]!);
    return budget.compute(service.name, () => evaluateOnDemand(service, ofRow, inputs));
  });
  return { ...reading, computed };
}

function planReads(
  service: CompiledService,
  members: readonly ServiceMember[],
  { keys, rows }: Pick<ServiceInputs, 'keys' | 'rows'>,
) {
  const requests: OnlineReadRequest[] = [];
  const joinIndexes = new Map(service.joinColumns.map(({ name }, index) => [name, index]));
  const places = members.map(({ view, joinColumns, features, maxAgeMillis }) => {
    const columns = joinColumns.map((name) => keys.columns[joinIndexes.get(name)!]!);
    const known = new Map<Value, number>();
    return Array.from({ length: rows }, (_, row) => {
      const key = columns.map((column) => valueAt(column, row));
      // A key of one part is one value, which a map finds by itself.
      const identity = key.length === 1 ? key[0]! : keyText(view.key, key);
      let place = known.get(identity);
      if (place === undefined) {
        place = requests.push({ view, key, features, maxAgeMillis }) - 1;
        known.set(identity, place);
      }
      return place;
    });
  });
  return { requests, places };
}

/** One text per key. */
function keyText(fields: ServiceMember['view']['key'], key: readonly Value[]): string {
  return JSON.stringify(key.map((part, index) => toJson(fields[index]!.type, part)));
}
