import type { SourceRecord } from '../definitions/compiled.ts';
import { eventIdType } from '../records/normalize.ts';
import { readValue, writeValue } from '../values/binary.ts';
import { compareUtf8, compareValues } from '../values/compare.ts';
import type { Value } from '../values/types.ts';
import type { StateReader, StateWriter } from './state-bytes.ts';

/** Where dedupe is by place, the place is the id. */
interface Place {
  readonly origin: string;
  readonly partition: number;
  readonly offset: number;
}

export type EventId = Exclude<Value, null> | Place;

/** What one source's event ids are: values of the declared type, or places. */
export interface EventIds {
  of(record: SourceRecord): EventId;
  compare(a: EventId, b: EventId): number;
  write(out: StateWriter, id: EventId): void;
  read(input: StateReader): EventId;
}

export function eventIdsOf(source: Parameters<typeof eventIdType>[0]): EventIds {
  const type = eventIdType(source);
  if (type === null) return places;
  return {
    of: (record) => record.eventId!,
    compare: (a, b) => compareValues(type, a as Value, b as Value),
    write: (out, id) => writeValue(out, type, id as Exclude<Value, null>),
    read: (input) => readValue(input, type),
  };
}

const places: EventIds = {
  of: ({ origin, partition, offset }) => ({ origin, partition, offset }),
  compare: (a, b) => comparePlaces(a as Place, b as Place),
  write(out, id) {
    const { origin, partition, offset } = id as Place;
    out.origin(origin);
    out.unsigned(partition);
    out.unsigned(offset);
  },
  read: (input) => ({ origin: input.origin(), partition: input.unsigned(), offset: input.unsigned() }),
};

/** Places compare by (origin as UTF-8, partition, offset). */
export function comparePlaces(a: Place, b: Place): number {
  return compareUtf8(a.origin, b.origin) || a.partition - b.partition || a.offset - b.offset;
}
