import { toJson } from '../core/values/json.ts';
import type { Value, ValueType } from '../core/values/types.ts';

/** The GraphQL type that carries values of this type, nullable; elements of lists and vectors are never null. */
export function graphqlTypeOf(type: ValueType): string {
  switch (type.kind) {
    case 'int32':
      return 'Int';
    case 'int64':
      return 'Int64';
    case 'float64':
      return 'Float';
    case 'string':
      return 'String';
    case 'bool':
      return 'Boolean';
    case 'timestamp':
      return 'DateTime';
    case 'decimal':
      return 'Decimal';
    case 'vector':
      return '[Float!]';
    case 'list':
      return `[${graphqlTypeOf(type.element)}!]`;
    case 'map':
      return 'JSON';
  }
}

/** Turns a value in memory into what the scalars of `graphqlTypeOf(type)` serialize; null stays null. */
export function graphqlValueOf(type: ValueType): (value: Value) => unknown {
  // Every scalar takes a value as it is held in memory; only JSON, which carries maps, knows no types.
  return containsMap(type) ? (value) => (value === null ? null : toJson(type, value)) : (value) => value;
}

function containsMap(type: ValueType): boolean {
  return type.kind === 'map' || (type.kind === 'list' && containsMap(type.element));
}

/** A GraphQL description before a definition, or nothing. */
export function describedAs(text: string | undefined, indent = ''): string {
  return text === undefined || text === '' ? '' : `${indent}${JSON.stringify(text)}\n`;
}
