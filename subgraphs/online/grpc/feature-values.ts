import type { CellStatus } from '../../../core/definitions/compiled.ts';
import type { Integer } from '../../../core/values/integers.ts';
import { formatInstant } from '../../../core/values/json.ts';
import type { Instant, Value, ValueType } from '../../../core/values/types.ts';
import { FeatureStatus, type FeatureValue } from '../../../runtime/grpc/generated/feature_store.ts';
import type { ProtoWriter } from '../../../runtime/grpc/proto-writer.ts';

/** Tags of FeatureValue, of Timestamp and of the lists within: number · 8 + wire type. */
const tags = {
  int: 1 * 8,
  double: 2 * 8 + 1,
  string: 3 * 8 + 2,
  bool: 4 * 8,
  timestamp: 5 * 8 + 2,
  vector: 6 * 8 + 2,
  list: 7 * 8 + 2,
  map: 8 * 8 + 2,
  status: 9 * 8,
  defaulted: 10 * 8,
  eventTime: 11 * 8 + 2,
  seconds: 1 * 8,
  nanos: 2 * 8,
  values: 1 * 8 + 2,
  key: 1 * 8 + 2,
  value: 2 * 8 + 2,
} as const;

const statusNumbers: Readonly<Record<CellStatus, number>> = {
  PRESENT: FeatureStatus.FEATURE_STATUS_PRESENT,
  NULL: FeatureStatus.FEATURE_STATUS_NULL,
  NOT_FOUND: FeatureStatus.FEATURE_STATUS_NOT_FOUND,
  EXPIRED: FeatureStatus.FEATURE_STATUS_EXPIRED,
  NOT_READY: FeatureStatus.FEATURE_STATUS_NOT_READY,
  UNAVAILABLE: FeatureStatus.FEATURE_STATUS_UNAVAILABLE,
};

/** What a FeatureValue says beside its value. */
export interface CellNotes {
  readonly status: CellStatus;
  readonly defaulted: boolean;
  /** null = there is none, or nobody asked. */
  readonly eventTime: Instant | null;
}

/** Where it is not PRESENT, not a default, and nobody asked when it happened, there is nothing to say. */
export function writeNotes(out: ProtoWriter, { status, defaulted, eventTime }: CellNotes): void {
  if (status !== 'PRESENT') {
    out.uint32(tags.status);
    out.uint32(statusNumbers[status]);
  }
  if (defaulted) {
    out.uint32(tags.defaulted);
    out.uint32(1);
  }
  if (eventTime !== null) writeTimestamp(out, tags.eventTime, eventTime);
}

export function writeTimestamp(out: ProtoWriter, tag: number, instant: Instant): void {
  out.uint32(tag);
  const begun = out.begin();
  const seconds = Math.floor(instant / 1_000);
  const millis = instant - seconds * 1_000;
  if (seconds !== 0) {
    out.uint32(tags.seconds);
    out.int64(seconds);
  }
  if (millis !== 0) {
    out.uint32(tags.nanos);
    out.uint32(millis * 1_000_000);
  }
  out.end(begun);
}

/** Writes the one field of a FeatureValue that has its value. Not the generated code, which would have an object for each. */
export type WriteValue = (out: ProtoWriter, value: Exclude<Value, null>) => void;

export function valueWriter(type: ValueType): WriteValue {
  switch (type.kind) {
    case 'int32':
    case 'int64':
      return (out, value) => {
        out.uint32(tags.int);
        out.int64(value as Integer);
      };
    case 'float64':
      return (out, value) => {
        out.uint32(tags.double);
        out.double(value as number);
      };
    case 'string':
    case 'decimal':
      return (out, value) => {
        out.uint32(tags.string);
        out.string(value as string);
      };
    case 'bool':
      return (out, value) => {
        out.uint32(tags.bool);
        out.uint32(value === true ? 1 : 0);
      };
    case 'timestamp':
      return (out, value) => writeTimestamp(out, tags.timestamp, value as Instant);
    case 'vector':
      return writeVector;
    case 'list':
      return listWriter(valueWriter(type.element));
    case 'map':
      return mapWriter(valueWriter(type.value));
  }
}

const writeVector: WriteValue = (out, value) => {
  out.uint32(tags.vector);
  const begun = out.begin();
  out.uint32(tags.values);
  out.uint32((value as readonly number[]).length * 8);
  for (const element of value as readonly number[]) out.double(element);
  out.end(begun);
};

function listWriter(write: WriteValue): WriteValue {
  return (out, value) => {
    out.uint32(tags.list);
    const begun = out.begin();
    for (const element of value as readonly Value[]) {
      out.uint32(tags.values);
      const one = out.begin();
      if (element !== null) write(out, element);
      out.end(one);
    }
    out.end(begun);
  };
}

function mapWriter(write: WriteValue): WriteValue {
  return (out, value) => {
    out.uint32(tags.map);
    const begun = out.begin();
    for (const [key, element] of value as ReadonlyMap<string, Value>) {
      out.uint32(tags.values);
      const entry = out.begin();
      out.uint32(tags.key);
      out.string(key);
      out.uint32(tags.value);
      const one = out.begin();
      if (element !== null) write(out, element);
      out.end(one);
      out.end(entry);
    }
    out.end(begun);
  };
}

/** What a FeatureValue of a request holds, as `parseValue` takes it: a value, list or object of JSON; undefined = nothing. */
export function inputOf(given: FeatureValue): unknown {
  if (given.timestampValue !== undefined) {
    const { seconds, nanos } = given.timestampValue;
    const instant = Number(seconds) * 1_000 + Math.floor(nanos / 1e6);
    // What is no time at all is refused as the number that it is.
    return Number.isFinite(new Date(instant).getTime()) ? formatInstant(instant) : instant;
  }
  if (given.vectorValue !== undefined) return given.vectorValue.values;
  if (given.listValue !== undefined) return given.listValue.values.map((one) => inputOf(one) ?? null);
  if (given.mapValue !== undefined) return inputsOf(given.mapValue.values);
  return given.intValue ?? given.doubleValue ?? given.stringValue ?? given.boolValue ?? null;
}

/** An object of what each FeatureValue holds. */
export function inputsOf(values: ReadonlyMap<string, FeatureValue>): Readonly<Record<string, unknown>> {
  return Object.fromEntries([...values].map(([name, value]) => [name, inputOf(value)]));
}
