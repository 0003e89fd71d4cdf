import type { ValueType } from '../values/types.ts';
import { defaultDistinctCap } from './builders/aggregate.ts';
import { type AggregateDefinition, aggregateFunctions, type Expression } from './model.ts';
import { type ExpressionOperator, expressionOperators } from './operators.ts';
import { json, listOf, objectOf, oneOf, optional, required, type Shape, text, variant, wholeNumber } from './shapes.ts';

export const maxListLength = 10_000;
const maxVectorLength = 65_536;

const scalarKinds = ['int32', 'int64', 'float64', 'string', 'bool', 'timestamp'] as const;
type OfKind<K extends ValueType['kind']> = Extract<ValueType, { readonly kind: K }>;

const scalar = objectOf<OfKind<(typeof scalarKinds)[number]>>('a type', { kind: required(oneOf(...scalarKinds)) });

/** The nested type is read only where there is one, so the shapes may refer to each other. */
const nestedType: Shape<ValueType> = (value, path, problems) => valueType(value, path, problems);

export const valueType: Shape<ValueType> = variant<ValueType>('kind', {
  ...Object.fromEntries(scalarKinds.map((kind) => [kind, scalar])),
  decimal: objectOf<OfKind<'decimal'>>('a decimal type', {
    kind: required(oneOf('decimal')),
    precision: required(wholeNumber(1, 38)),
    scale: required(wholeNumber(0, 38)),
  }),
  vector: objectOf<OfKind<'vector'>>('a vector type', {
    kind: required(oneOf('vector')),
    length: required(wholeNumber(1, maxVectorLength)),
  }),
  list: objectOf<OfKind<'list'>>('a list type', { kind: required(oneOf('list')), element: required(nestedType) }),
  map: objectOf<OfKind<'map'>>('a map type', { kind: required(oneOf('map')), value: required(nestedType) }),
});

const nestedExpression: Shape<Expression> = (value, path, problems) => expression(value, path, problems);

type Call = { readonly op: ExpressionOperator; readonly args: readonly Expression[] };
type Leaf<Op extends string> = Extract<Expression, { readonly op: Op }>;

const callShape = objectOf<Call>('an expression', {
  op: required(oneOf(...expressionOperators)),
  args: required(listOf(nestedExpression)),
});

export const expression: Shape<Expression> = variant<Expression>('op', {
  col: objectOf<Leaf<'col'>>('a column', { op: required(oneOf('col')), name: required(text) }),
  feature: objectOf<Leaf<'feature'>>('a feature', {
    op: required(oneOf('feature')),
    view: optional(text),
    feature: required(text),
  }),
  request: objectOf<Leaf<'request'>>('a request input', { op: required(oneOf('request')), name: required(text) }),
  lit: objectOf<Leaf<'lit'>>('a literal', {
    op: required(oneOf('lit')),
    type: required(valueType),
    value: required(json),
  }),
  call: objectOf<Leaf<'call'>>('a call', {
    op: required(oneOf('call')),
    function: required(text),
    version: required(wholeNumber(1, 1_000_000)),
    args: required(listOf(nestedExpression)),
  }),
  ...Object.fromEntries(expressionOperators.map((op) => [op, callShape])),
});

const aggregateShape = objectOf<AggregateDefinition>('an aggregate', {
  function: required(oneOf(...aggregateFunctions)),
  input: optional(expression),
  where: optional(expression),
  by: optional(
    objectOf<NonNullable<AggregateDefinition['by']>>('a category', {
      expression: required(expression),
      cap: required(wholeNumber(1, maxListLength)),
    }),
  ),
  k: optional(wholeNumber(1, maxListLength)),
  cap: optional(wholeNumber(1, 1_000_000)),
  q: optional(text),
  edges: optional(listOf(text)),
  categories: optional(listOf(text)),
});

export const aggregate: Shape<AggregateDefinition> = (value, path, problems) => {
  const read = aggregateShape(value, path, problems);
  const needsCap = read !== undefined && read.function === 'countDistinct' && read.cap === undefined;
  return needsCap ? { ...read, cap: defaultDistinctCap } : read;
};
