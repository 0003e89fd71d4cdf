import type { Accumulator, SourceRecord } from '../definitions/compiled.ts';
import { chosenInOrder, type Input } from '../oracle/aggregate.ts';
import { compare } from '../oracle/order.ts';
import type { Value, ValueType } from '../values/types.ts';

/** A counted event with its input and, of an aggregate by category, its category. */
export interface CountedEvent extends Input {
  readonly category: string | null;
}

/** The events whose inputs the value is or holds; none for aggregates that blend all of them. */
export function decisiveEvents(
  { definition, input }: Accumulator,
  counted: readonly CountedEvent[],
  idType: ValueType | null,
): ReadonlySet<SourceRecord> {
  const decisive = new Set<SourceRecord>();
  if (input === null) return decisive;
  const byCategory = new Map<string | null, CountedEvent[]>();
  for (const one of counted) {
    const same = byCategory.get(one.category);
    if (same === undefined) byCategory.set(one.category, [one]);
    else same.push(one);
  }
  for (const inputs of byCategory.values()) {
    for (const { event } of decidingInputs(definition, input.type, inputs, idType)) decisive.add(event);
  }
  return decisive;
}

function decidingInputs(
  definition: Accumulator['definition'],
  type: ValueType,
  inputs: readonly CountedEvent[],
  idType: ValueType | null,
): readonly Input[] {
  switch (definition.function) {
    case 'min':
    case 'max': {
      const sign = definition.function === 'min' ? 1 : -1;
      const isBetter = (x: Value, than: Value) => sign * compare(type, x, than) < 0;
      return [inputs.reduce((best, one) => (isBetter(one.x, best.x) ? one : best))];
    }
    case 'first':
    case 'last':
    case 'firstN':
    case 'lastN':
    case 'topK':
    case 'bottomK':
      return chosenInOrder(definition, type, inputs, idType);
    default:
      return [];
  }
}
