import fc from 'fast-check';
import { buildSchema, type GraphQLScalarType, parse, specifiedRules, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { defaultLimits, limitRules } from './limits.ts';
import { isPlainlyValid } from './plainly-valid.ts';
import { scalarResolvers } from './scalars.ts';

const schema = buildSchema(`
  scalar Int64
  scalar Duration
  enum Colour { RED }
  input Point { x: Int! }
  interface Named { name: String }
  type Node implements Named {
    id: ID!
    name(upper: Boolean = false): String
    colour(is: Colour): Colour
    weight(unit: String!, factor: Float): Float!
    delays(version: Int, maxAge: Duration): Node
    children(first: Int!, keys: [Int64!]): [Node!]!
    at(point: Point): Int
    named: Named
  }
  type Query { node(id: Int64!): Node  nodes(ids: [Int64!]!): [Node]!  count: Int }
`);
for (const name of ['Int64', 'Duration'] as const) {
  (schema.getType(name) as GraphQLScalarType).parseLiteral = scalarResolvers[name].parseLiteral;
}
const limits = { ...defaultLimits, depth: 4, fields: 12 };
const rules = [...specifiedRules, ...limitRules(limits)];
const isValid = (text: string) => validate(schema, parse(text), rules).length === 0;

/** Pieces that fit and pieces that do not, in any place. */
const argument = fc.constantFrom(
  ...[
    'id: 7',
    'id: $id',
    'id: $wide',
    'ids: $ids',
    'ids: [1]',
    'ids: $id',
    'upper: true',
    'upper: "x"',
    'upper: $flag',
  ],
  ...['is: RED', 'is: BLUE', 'unit: "kg"', 'unit: null', 'unit: $text', 'factor: 1', 'factor: 1.5', 'factor: $missing'],
  ...[
    'version: 1',
    'version: 1.5',
    'maxAge: "5m"',
    'maxAge: "soon"',
    'first: 3',
    'keys: $ids',
    'point: { x: 1 }',
    'other: 1',
  ],
);
const given = fc.oneof(
  fc.constant(''),
  fc.array(argument, { minLength: 1, maxLength: 2 }).map((all) => `(${all.join(', ')})`),
);
const { fields } = fc.letrec<{ fields: string; field: string }>((tie) => ({
  fields: fc.array(tie('field'), { minLength: 1, maxLength: 3 }).map((all) => `{ ${all.join(' ')} }`),
  field: fc.oneof(
    { depthSize: 'small' },
    fc
      .tuple(
        fc.constantFrom('', 'a: '),
        fc.constantFrom('id', 'name', 'colour', 'weight', 'at', 'count', 'nothing', '__typename'),
        given,
      )
      .map((all) => all.join('')),
    fc
      .tuple(
        fc.constantFrom('', 'b: '),
        fc.constantFrom('node', 'nodes', 'delays', 'children', 'named', 'id'),
        given,
        tie('fields'),
      )
      .map((all) => all.join('')),
    fc.constantFrom('name @skip(if: true)', '... { id }', '...F', '... on Node { id }'),
  ),
}));
const definitions = fc.subarray(
  [
    '$id: Int64!',
    '$wide: Int64',
    '$ids: [Int64!]!',
    '$flag: Boolean',
    '$text: String!',
    '$n: Int = 1',
    '$node: Node',
    '$id: Int64!',
  ],
  { minLength: 0, maxLength: 3 },
);
const documents = fc
  .tuple(
    fc.constantFrom('query', 'query Q', 'mutation'),
    definitions,
    fields,
    fc.constantFrom('', '', '', ' fragment F on Node { id }', ' query R { count }'),
  )
  .map(
    ([start, variables, below, more]) =>
      `${start}${variables.length > 0 ? ` (${variables.join(', ')})` : ''} ${below}${more}`,
  );

/** Mostly valid ones: random pieces seldom fit. */
const fitting = fc
  .record({
    id: fc.constantFrom('$id', '7', '"9007199254740993"'),
    leaves: fc.subarray(
      ['id', 'name', 'n: name(upper: true)', 'weight(unit: "kg", factor: 1)', '__typename', 'colour'],
      { minLength: 1 },
    ),
    below: fc.constantFrom(
      '',
      'delays(version: 1, maxAge: "5m") { id }',
      'children(first: 2, keys: $ids) { delays { id name } }',
    ),
  })
  .map(({ id, leaves, below }) => {
    const used = [...(id === '$id' ? ['$id: Int64!'] : []), ...(below.includes('$ids') ? ['$ids: [Int64!]!'] : [])];
    return `query Q${used.length > 0 ? `(${used.join(', ')})` : ''} { node(id: ${id}) { ${leaves.join(' ')} ${below} } count }`;
  });

describe('what is seen to be valid at once', () => {
  it('is valid by the rules of GraphQL, and within the limits', () => {
    let plain = 0;
    fc.assert(
      fc.property(fc.oneof(documents, documents, fitting), (text) => {
        if (!isPlainlyValid(schema, parse(text), limits)) return;
        plain++;
        expect(isValid(text), text).toBe(true);
      }),
      { numRuns: 5_000 },
    );
    expect(plain).toBeGreaterThan(1_000);
  });

  it('is most of what clients ask', () => {
    fc.assert(
      fc.property(fitting, (text) => {
        expect(isPlainlyValid(schema, parse(text), limits)).toBe(isValid(text));
      }),
    );
  });

  it.each([
    [
      'a nullable variable where the place has a default',
      'query ($flag: Boolean) { node(id: 1) { name(upper: $flag) } }',
    ],
    ['a list of constants', '{ nodes(ids: [1]) { id } }'],
    ['an interface', '{ node(id: 1) { named { name } } }'],
    ['a fragment', '{ node(id: 1) { ... { id } } }'],
    ['the same key twice', '{ count count }'],
    ['introspection', '{ __schema { queryType { name } } }'],
  ])('leaves to the rules: %s', (_what, text) => {
    expect(isValid(text)).toBe(true);
    expect(isPlainlyValid(schema, parse(text), limits)).toBe(false);
  });
});
