import type { Value, ValueType } from './types.ts';

/**
 * The text that hashes and categories are made from: integers and decimals as digits (at the declared scale),
 * instants as milliseconds, text as it is, lists and maps as JSON of the same. Distinct values of one type have
 * distinct texts.
 */
export function canonicalText(type: ValueType, value: Exclude<Value, null>): string {
  switch (type.kind) {
    case 'vector':
    case 'list': {
      const element: ValueType = type.kind === 'list' ? type.element : { kind: 'float64' };
      return JSON.stringify((value as readonly Value[]).map((x) => (x === null ? null : canonicalText(element, x))));
    }
    case 'map': {
      const entries = [...(value as ReadonlyMap<string, Value>)];
      return JSON.stringify(entries.map(([key, x]) => [key, x === null ? null : canonicalText(type.value, x)]));
    }
    default:
      return typeof value === 'string' ? value : String(value);
  }
}
