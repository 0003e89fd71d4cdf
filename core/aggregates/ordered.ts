import { readValue, skipValue, writeValue } from '../values/binary.ts';
import { compareValues } from '../values/compare.ts';
import type { Instant, Value, ValueType } from '../values/types.ts';
import type { EventId, EventIds } from './event-id.ts';
import type { Kernel } from './kernel.ts';

/** An event as the ordered aggregates keep it; never changed. */
interface Item {
  readonly eventTime: Instant;
  readonly id: EventId;
  readonly x: Exclude<Value, null>;
}

export type OrderedFunction = 'first' | 'last' | 'firstN' | 'lastN' | 'topK' | 'bottomK';

/** The items in front of the order, at most `limit`, best first. `first` and `last` are lists of one. */
export function orderedKernel(
  name: OrderedFunction,
  type: ValueType,
  ids: EventIds,
  k: number,
): Kernel<readonly Item[], Item> {
  const limit = name === 'first' || name === 'last' ? 1 : k;
  const compare = orderOf(name, type, ids);
  return {
    prepare: (x, record) => ({ eventTime: record.eventTime, id: ids.of(record), x }),
    empty: () => [],
    add(state, item) {
      let index = state.length;
      while (index > 0 && compare(item, state[index - 1]!) < 0) index--;
      if (index >= limit) return state;
      const next = [...state.slice(0, index), item, ...state.slice(index)];
      if (next.length > limit) next.length = limit;
      return next;
    },
    merge(into, from) {
      if (into.length === 0) return from;
      if (from.length === 0) return into;
      const merged: Item[] = [];
      for (let i = 0, j = 0; merged.length < limit && (i < into.length || j < from.length); ) {
        const [a, b] = [into[i], from[j]];
        if (b === undefined || (a !== undefined && compare(a, b) <= 0)) {
          merged.push(a!);
          i++;
        } else {
          merged.push(b);
          j++;
        }
      }
      return merged;
    },
    write(out, state) {
      out.unsigned(state.length);
      for (const { eventTime, id, x } of state) {
        out.unsigned(eventTime);
        ids.write(out, id);
        writeValue(out, type, x);
      }
    },
    read: (input) =>
      Array.from({ length: input.unsigned() }, () => ({
        eventTime: input.unsigned(),
        id: ids.read(input),
        x: readValue(input, type),
      })),
    skip(input) {
      for (let count = input.unsigned(); count > 0; count--) {
        input.unsigned();
        ids.read(input);
        skipValue(input, type);
      }
    },
    finish(state) {
      if (state.length === 0) return null;
      return name === 'first' || name === 'last' ? state[0]!.x : state.map(({ x }) => x);
    },
  };
}

function orderOf(name: OrderedFunction, type: ValueType, ids: EventIds): (a: Item, b: Item) => number {
  const oldest = (a: Item, b: Item) => a.eventTime - b.eventTime || ids.compare(a.id, b.id);
  const byTime = (a: Item, b: Item) => oldest(a, b) || compareValues(type, a.x, b.x);
  const byValue = (a: Item, b: Item) => compareValues(type, a.x, b.x) || oldest(a, b);
  switch (name) {
    case 'first':
    case 'firstN':
      return byTime;
    case 'last':
    case 'lastN':
      return (a, b) => byTime(b, a);
    case 'bottomK':
      return byValue;
    case 'topK':
      return (a, b) => byValue(b, a);
  }
}
