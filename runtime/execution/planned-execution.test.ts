import fc from 'fast-check';
import { buildSchema, execute, type GraphQLObjectType, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { batched } from './batched.ts';
import { createPlannedExecution } from './planned-execution.ts';

const schema = buildSchema(`
  enum Colour { RED GREEN }
  input Point { x: Int! y: Int = 7 inner: Point }
  interface Named { name(upper: Boolean = false): String }
  union Any = Node | Leaf
  type Leaf implements Named { name(upper: Boolean = false): String  weight: Float! }
  type Node implements Named {
    id: ID!
    name(upper: Boolean = false): String
    colour: Colour
    flag: Boolean
    vector: [Float!]
    holes: [Int]
    wrongList: [Int!]
    fail: Int
    failHard: Int!
    nothing: String!
    badInt: Int
    late: String
    lateFail: Int
    lateHard: Int!
    batched: Int
    batchedFail: Int
    batchedHard: Int!
    child: Node
    hardChild: Node!
    children: [Node!]!
    maybes: [Node]
    lates: [Node!]
    any: Any
    lateType: Any
    wrongType: Any
    named: [Named!]
    echo(point: Point, list: [Int!], id: ID = "d"): String
  }
  type Query { node: Node  hard: Node!  nodes: [Node!]!  anys: [Any] }
`);

const soon = <T>(value: T) => Promise.resolve().then(() => value);
const failing = (message: string) => () => {
  throw new Error(message);
};
const node = (id: number) => ({ __typename: 'Node', id });
const leaf = { __typename: 'Leaf', weight: 1.5 };
interface Source {
  readonly id: number;
}
/** A batch for each request, as a loader has. */
interface Context {
  batch: Promise<{ ten: number }> | null;
}
const ofBatch = <T>(context: Context, take: (given: { ten: number }) => T) => {
  context.batch ??= soon({ ten: 10 });
  return batched(context.batch, take);
};
const name = ({ id = 0 }: Partial<Source>, { upper }: { upper: boolean }) => (upper ? `N${id}` : `n${id}`);

const resolvers: Record<string, Record<string, unknown>> = {
  Query: {
    node: () => node(1),
    hard: () => soon(node(2)),
    nodes: () => [node(3), node(4)],
    anys: () => [node(5), leaf],
  },
  Leaf: { name },
  Node: {
    name,
    colour: () => 'GREEN',
    flag: ({ id }: Source) => id % 2 === 0,
    vector: () => new Set([1, 2.5]),
    holes: () => [1, null, failing('in a list'), undefined, new Error('an item')],
    wrongList: () => 5,
    fail: failing('fails'),
    failHard: failing('fails hard'),
    nothing: () => undefined,
    badInt: () => 'x',
    late: () => soon('late'),
    lateFail: () => Promise.reject(new Error('late failure')),
    lateHard: () => Promise.reject(new Error('late hard failure')),
    batched: ({ id }: Source, _: unknown, context: Context) => ofBatch(context, ({ ten }) => ten + id),
    batchedFail: (_: unknown, __: unknown, context: Context) => ofBatch(context, failing('batched failure')),
    batchedHard: ({ id }: Source, _: unknown, context: Context) =>
      ofBatch(context, ({ ten }) => (id === 1 ? ten : null)),
    child: ({ id }: Source) => (id > 8 ? null : node(id + 1)),
    hardChild: ({ id }: Source) => (id > 8 ? null : soon(node(id + 1))),
    children: ({ id }: Source) => [node(id + 1), soon(node(id + 2))],
    maybes: ({ id }: Source) => [node(id + 1), null, new Error('a child')],
    lates: ({ id }: Source, _: unknown, context: Context) => ofBatch(context, () => [node(id), node(id + 1)]),
    any: ({ id }: Source) => (id % 2 === 0 ? leaf : node(id)),
    lateType: () => soon({ ...leaf }),
    wrongType: () => ({ __typename: 'Query' }),
    named: ({ id }: Source) => [leaf, node(id)],
    echo: (_: unknown, args: unknown) => JSON.stringify(args),
  },
};
for (const [type, fields] of Object.entries(resolvers)) {
  const definitions = (schema.getType(type) as GraphQLObjectType).getFields();
  for (const [field, resolve] of Object.entries(fields)) definitions[field]!.resolve = resolve as never;
}

const executePlanned = createPlannedExecution(schema);

async function byBoth(text: string, variables: Record<string, unknown> = {}) {
  const document = parse(text);
  expect(validate(schema, document)).toEqual([]);
  const contexts = [0, 1, 2].map((): Context => ({ batch: null }));
  const request = { document, operationName: null, variables };
  const byGraphqlJs = await execute({ schema, document, variableValues: variables, contextValue: contexts[0] });
  const planned = await executePlanned.execute(request, contexts[1]);
  const again = await executePlanned.execute(request, contexts[2]);
  return { byGraphqlJs, planned, again };
}

/** To the byte; errors in any order where several roads are open at a time. */
async function expectSame(text: string, variables: Record<string, unknown> = {}): Promise<void> {
  const { byGraphqlJs, planned, again } = await byBoth(text, variables);
  expect(JSON.stringify(planned)).toBe(JSON.stringify(byGraphqlJs));
  expect(JSON.stringify(again)).toBe(JSON.stringify(byGraphqlJs));
}

describe('planned execution answers as graphql-js, to the byte', () => {
  it.each([
    '{ node { id name colour flag vector __typename } }',
    '{ a: node { x: name(upper: true) y: name } b: node { child { child { id } } } }',
    'query ($u: Boolean!) { node { name(upper: $u) a: echo(id: null) b: echo(point: { x: 1 }) } }',
    'query ($p: Point, $l: [Int!]) { node { echo(point: $p, list: $l) } nodes { echo(point: $p) } }',
    '{ node { holes wrongList badInt } }',
    '{ node { nothing id } hard { id } }',
    '{ hard { failHard } }',
    '{ nodes { id failHard } node { id } }',
    '{ node { fail late lateFail batched batchedFail } }',
    '{ hard { hardChild { hardChild { lateHard } } } }',
    '{ node { child { lateHard id } children { id batchedHard } } }',
    '{ nodes { batchedHard } }',
    '{ node { maybes { id child { nothing } } lates { id batched } } }',
    '{ node { any { __typename ... on Leaf { weight } ... on Named { name } } named { name ... on Node { id } } } }',
    '{ node { lateType { ... on Leaf { weight } } wrongType { __typename } } anys { ...F } } fragment F on Node { id any { ...F2 } } fragment F2 on Leaf { weight }',
    'query ($s: Boolean!) { node { id @skip(if: $s) name @include(if: $s) ... @include(if: $s) { flag id } ...G @skip(if: $s) } } fragment G on Node { colour }',
    '{ node { id @skip(if: true) name @include(if: true) } }',
  ])('%s', async (text) => {
    for (const flag of [true, false]) {
      await expectSame(text, { u: flag, s: flag, p: { x: 3, inner: { x: 4, y: null } }, l: [1, 2] });
    }
  });

  it.each([{}, { u: null }, { u: 'x' }, { u: true, more: 1 }])('whatever the variables are: %j', async (variables) => {
    await expectSame('query ($u: Boolean!) { node { name(upper: $u) } }', variables);
    await expectSame('query ($l: [Int!], $p: Point) { node { echo(list: $l, point: $p) } }', {
      l: variables.u ?? 5,
      p: variables,
    });
  });

  it('chooses the operation by its name', async () => {
    const document = parse('query A { node { id } } query B { node { name } }');
    const answer = await executePlanned.execute({ document, operationName: 'B', variables: {} }, {});
    expect(answer).toEqual({ data: { node: { name: 'n1' } } });
  });

  it('executes a subscription for one event, as graphql-js does', async () => {
    const withEvents = buildSchema(
      'type Node { id: ID! twice: Int } type Query { a: Int } type Subscription { changed(id: ID): Node added: Int }',
    );
    (withEvents.getType('Node') as GraphQLObjectType).getFields().twice!.resolve = async ({ id }) => Number(id) * 2;
    const { changed } = withEvents.getSubscriptionType()!.getFields();
    changed!.resolve = (event: { key: string }) => ({ id: event.key });
    const text =
      'subscription ($id: ID!) { one: changed(id: $id) { id ...F } } fragment F on Node { twice __typename }';
    const request = { document: parse(text), operationName: null, variables: { id: 'x' } };
    const event = { key: '21' };
    const byGraphqlJs = await execute({
      ...request,
      schema: withEvents,
      variableValues: request.variables,
      rootValue: event,
    });
    const planned = createPlannedExecution(withEvents);
    expect(JSON.stringify(await planned.execute(request, {}, event))).toBe(JSON.stringify(byGraphqlJs));
    expect(byGraphqlJs.data).toEqual({ one: { id: '21', twice: 42, __typename: 'Node' } });
  });

  it.each(['mutation { a }', '{ __schema { queryType { name } } node { id } }', '{ __proto__: node { id } }'])(
    'leaves to graphql-js: %s',
    (text) => {
      expect(executePlanned.execute({ document: parse(text), operationName: null, variables: {} }, {})).toBeNull();
    },
  );

  it('for any selection', async () => {
    await fc.assert(
      fc.asyncProperty(operations, fc.boolean(), async (text, flag) => {
        const { byGraphqlJs, planned, again } = await byBoth(text, { s: flag });
        expect(JSON.stringify(planned?.data)).toBe(JSON.stringify(byGraphqlJs.data));
        expect(JSON.stringify(again)).toBe(JSON.stringify(planned));
        // Of several failures below one null, whoever is first is told.
        expect((planned?.errors ?? []).length > 0).toBe((byGraphqlJs.errors ?? []).length > 0);
        if (!/Hard|hard|nothing/.test(text)) {
          const sorted = (errors: readonly unknown[] = []) => errors.map((error) => JSON.stringify(error)).sort();
          expect(sorted(planned?.errors)).toEqual(sorted(byGraphqlJs.errors));
        }
      }),
      { numRuns: 300 },
    );
  });
});

/** What fails at once, and what fails later. With both in one list graphql-js itself leaves a rejection that nobody handles. */
const atOnce = {
  leaves: ['failHard', 'nothing'],
  objects: ['child', 'maybes'],
  abstracts: ['any', 'named'],
};
const later = {
  leaves: ['late', 'lateFail', 'lateHard', 'batched', 'batchedFail', 'batchedHard'],
  objects: ['child', 'hardChild', 'children', 'maybes', 'lates'],
  abstracts: ['any', 'lateType', 'named'],
};
const leaves = ['id', 'name', 'name(upper: true)', 'colour', 'flag', 'vector', 'holes', 'wrongList', 'fail', 'badInt'];
const directives = fc.constantFrom('', '', '', ' @skip(if: $s)', ' @include(if: $s)', ' @skip(if: false)');

/** One alias for one field, so that selections of the same name merge. */
const selectionsOf = (kinds: typeof atOnce) =>
  fc.letrec<{ fields: string; field: string }>((tie) => ({
    fields: fc
      .array(tie('field'), { minLength: 1, maxLength: 4, depthIdentifier: 'f' })
      .map((all) => `{ id ${all.join(' ')} }`),
    field: fc.oneof(
      { depthIdentifier: 'f', depthSize: 'small' },
      fc.tuple(fc.constantFrom(...leaves, ...kinds.leaves, '__typename'), directives).map(([field, directive]) => {
        return `${field.includes('(') ? 'upper: ' : ''}${field}${directive}`;
      }),
      fc.tuple(fc.constantFrom(...kinds.objects), tie('fields'), directives).map(([field, below, directive]) => {
        return `${field}${directive} ${below}`;
      }),
      fc.tuple(fc.constantFrom(...kinds.abstracts), tie('fields')).map(([field, below]) => {
        return `${field} { __typename ... on Node ${below} ... on Leaf { weight } }`;
      }),
      fc.tuple(tie('fields'), directives).map(([below, directive]) => `... on Node${directive} ${below}`),
      fc.tuple(tie('fields'), directives).map(([below, directive]) => `...${directive} ${below}`),
    ),
  })).fields;
const operations = fc
  .tuple(fc.constantFrom('node', 'nodes'), fc.oneof(selectionsOf(atOnce), selectionsOf(later)))
  .map(([root, below]) => `query ($s: Boolean!) { ${root} ${below} hard { id @skip(if: $s) } }`);
