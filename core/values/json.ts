import type { Instant, Value, ValueType } from './types.ts';

/** RFC 3339 in UTC with milliseconds: "2001-06-01T12:00:00.000Z". */
export function formatInstant(instant: Instant): string {
  return new Date(instant).toISOString();
}

/**
 * A value as JSON clients get it: int64 as a number within ±(2^53−1) and as text beyond, decimals as text,
 * timestamps in RFC 3339 UTC, vectors and lists as arrays, maps as objects.
 */
export function toJson(type: ValueType, value: Value): unknown {
  if (value === null) return null;
  switch (type.kind) {
    case 'int32':
    case 'int64':
      return typeof value === 'bigint' ? value.toString() : value;
    case 'timestamp':
      return formatInstant(value as Instant);
    case 'list':
      return (value as readonly Value[]).map((element) => toJson(type.element, element));
    case 'map':
      return Object.fromEntries(
        [...(value as ReadonlyMap<string, Value>)].map(([key, element]) => [key, toJson(type.value, element)]),
      );
    default:
      return value;
  }
}
