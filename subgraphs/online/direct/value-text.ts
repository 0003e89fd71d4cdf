import { graphqlValueOf } from '../../../codegen/graphql-types.ts';
import type { Value, ValueType } from '../../../core/values/types.ts';
import { DateTime, Int64 } from '../../../runtime/scalars.ts';

/** A value that is not NULL as the JSON that the scalars of its GraphQL type make of it. */
export type ValueText = (value: Exclude<Value, null>) => string | number;

export function valueTextOf(type: ValueType): ValueText {
  switch (type.kind) {
    case 'int32':
    case 'float64':
    case 'bool':
      return String;
    case 'int64':
      return (value) => (typeof value === 'number' ? value : JSON.stringify(Int64.serialize(value)));
    case 'timestamp':
      return (value) => `"${DateTime.serialize(value)}"`;
    case 'string':
    case 'decimal':
    case 'vector':
      return (value) => JSON.stringify(value);
    case 'list': {
      const elementText = valueTextOf(type.element);
      return (value) => `[${(value as readonly Exclude<Value, null>[]).map(elementText).join(',')}]`;
    }
    case 'map': {
      const toGraphql = graphqlValueOf(type);
      return (value) => JSON.stringify(toGraphql(value));
    }
  }
}
