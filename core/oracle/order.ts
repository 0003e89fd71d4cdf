import type { SourceRecord } from '../definitions/compiled.ts';
import type { Value, ValueType } from '../values/types.ts';

/** Negative, 0 or positive, as `Array.sort` wants it. Neither value is NULL. */
export function compare(type: ValueType, a: Value, b: Value): number {
  switch (type.kind) {
    case 'string':
      return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));
    case 'decimal': {
      const [x, y] = [units(a), units(b)];
      return x < y ? -1 : x > y ? 1 : 0;
    }
    case 'vector':
    case 'list':
    case 'map':
      throw new TypeError(`values of type ${type.kind} have no order`);
    default: {
      // Numbers, bigints and booleans; JavaScript compares a number with a bigint exactly.
      const [x, y] = [a as number | bigint | boolean, b as number | bigint | boolean];
      return x < y ? -1 : x > y ? 1 : 0;
    }
  }
}

/** Places compare by (origin as UTF-8, partition, offset). */
export function comparePlaces(a: SourceRecord, b: SourceRecord): number {
  return (
    Buffer.compare(Buffer.from(a.origin), Buffer.from(b.origin)) || a.partition - b.partition || a.offset - b.offset
  );
}

/** Oldest first: by event time, then by event id; where dedupe is by place, the place is the id. */
export function compareEvents(idType: ValueType | null, a: SourceRecord, b: SourceRecord): number {
  return a.eventTime - b.eventTime || (idType === null ? comparePlaces(a, b) : compare(idType, a.eventId, b.eventId));
}

/** An exact number in units of 10^-scale: 3.30 of a decimal(10,2) is 330n; integers and instants are themselves. */
export function units(value: Value): bigint {
  if (typeof value === 'string') return BigInt(value.replace('.', ''));
  return BigInt(value as number | bigint | boolean);
}
