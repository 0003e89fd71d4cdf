import fc from 'fast-check';
import { parse, validate } from 'graphql';
import { beforeEach, describe, expect, it } from 'vitest';
import { col, entity, featureView, push, rowSource, t } from '../../../core/index.ts';
import { readyKey } from '../../../core/online/keys.ts';
import { localPrincipal } from '../../../runtime/access/principal.ts';
import { isStream } from '../../../runtime/graph.ts';
import { resultText } from '../../../runtime/result-text.ts';
import { createShardedStore, type ShardedStore } from '../../../test/doubles/sharded-store.ts';
import * as definitions from '../../../test/online/online-definitions.ts';
import { createOnlineWorld, noon, type OnlineWorld } from '../../../test/online/online-world.ts';

const thing = entity('thing', { key: { id: t.int64, at: t.timestamp } });
const kinds = rowSource('kinds', {
  fields: {
    id: t.int64,
    at: t.timestamp,
    small: t.int32,
    large: t.int64,
    real: t.float64,
    text: t.string,
    flag: t.bool,
    when: t.timestamp,
    price: t.decimal(20, 3),
    vector: t.vector(2),
    words: t.list(t.string),
    larges: t.list(t.int64),
    weights: t.map(t.float64),
  },
  eventTime: 'seenAt',
  stream: push(),
});
const everyKind = featureView('every_kind', {
  entity: thing,
  source: kinds,
  key: { id: 'id', at: 'at' },
  features: {
    small: col('small'),
    large: col('large'),
    real: col('real'),
    text: col('text'),
    flag: col('flag'),
    when: col('when'),
    price: col('price'),
    vector: col('vector'),
    words: col('words'),
    larges: col('larges'),
    weights: col('weights'),
    is_large: col('large').gt(1000),
    named: col('text').default('nobody'),
  },
});

let world: OnlineWorld;
let store: ShardedStore;
const at = '2001-06-01T00:00:00.250Z';

beforeEach(async () => {
  store = createShardedStore();
  world = await createOnlineWorld({ store, definitions: { ...definitions, thing, kinds, everyKind } });
  const landing = (flightId: number, origin: string) => {
    const landedAt = new Date(noon - flightId * 60_000).toISOString();
    return { flightId, landedAt, origin, destination: 'ORD', delayMinutes: 10, fare: '1.10' };
  };
  await world.apply(
    'landings',
    ['ATL', 'ORD', 'A0', 'A1', 'A2', 'A3'].map((origin, index) => landing(index, origin)),
  );
  await world.apply('facts', [
    {
      iata: 'ATL',
      name: 'Hart"s\n\u2028é😀',
      openedAt: '1999-05-03',
      validFrom: '2001-05-20',
      runways: ['8L', '"9R"'],
    },
    { iata: 'ORD', name: null, openedAt: null, validFrom: '2001-01-01', runways: [] },
  ]);
  const whole = {
    small: -7,
    large: '9223372036854775807',
    real: 1e21,
    text: '\\',
    flag: false,
    when: at,
    price: '-0.010',
  };
  const nested = {
    vector: [0.1, -3],
    words: ['', 'a,b'],
    larges: [1, '9007199254740993'],
    weights: { a: 1.5, '"': 0 },
  };
  const row = (id: number, more: object) => ({ id, at, seenAt: '2001-05-01', ...more });
  const nothing = Object.fromEntries(Object.keys({ ...whole, ...nested }).map((name) => [name, null]));
  await world.apply('kinds', [row(1, { ...whole, ...nested }), row(2, nothing)]);
  await world.clock.advance(1_000);
});

/** Both answers; direct is null where the executor alone answers. */
async function answersOf(query: string, variables: Record<string, unknown>) {
  const document = parse(query);
  const request = { variables, principal: localPrincipal };
  const signal = new AbortController().signal;
  const executed = await world.graph.execute({ document, operationName: null, requestId: 'r', signal, ...request });
  if (isStream(executed)) throw new Error('a stream');
  const direct = await world.graph.direct?.(document, null)?.(request);
  const text = typeof direct === 'object' && direct !== null && 'data' in direct ? resultText(direct) : direct;
  return { executed: resultText(executed), direct: text ?? null };
}

const named = (names: readonly string[]) =>
  fc
    .array(fc.tuple(fc.constantFrom('', 'x: ', 'y: '), fc.constantFrom(...names)), { minLength: 1, maxLength: 5 })
    .map((all) => {
      // One alias for one field: others would not merge.
      const ofAlias = new Map(all.map(([alias, name]) => [alias === '' ? name : alias, `${alias}${name}`]));
      return [...ofAlias.values()].join(' ');
    });
const delays = named(['landed1h', 'meanDelay1h', 'worstDelay24h', 'fares24h', '__typename']);
const facts = named(['name', 'openedAt', 'runways', '__typename']);
const kindFields = 'small large real text flag when price vector words larges weights isLarge named __typename';
const airport = fc
  .array(
    fc.oneof(
      fc.constantFrom('iata', '__typename', '... { iata }', '...F'),
      delays.map((below) => `originDelays { ${below} }`),
      delays.map((below) => `... on Airport { originDelays { ${below} } }`),
      delays.map((below) => `versioned: originDelays(version: $v) { ${below} }`),
      facts.map((below) => `airportFacts { ${below} }`),
      fc
        .tuple(facts, fc.constantFrom('$age', '"1h"', '"60d"'))
        .map(([b, age]) => `aged: airportFacts(maxAge: ${age}) { ${b} }`),
      fc.constantFrom(
        'm: originDelays { meta { status ageMillis readAt __typename } }',
        'n: airportFacts { e: meta { eventTime version f: fresh } name }',
      ),
      // What only the executor answers.
      fc.constantFrom('haul(distanceMiles: 5) { isLong }', 'c: originDelays { meta { cells { status } } }'),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((all) =>
    [...new Map(all.map((one) => [one.split(/[ (]/)[0] === '...' ? one : one.split(/[ (]/)[0], one])).values()].join(
      ' ',
    ),
  );
const thingFields = named(kindFields.split(' ')).map((below) => `id at everyKind { ${below} }`);
const root = fc.oneof(
  airport.map((below) => `airport(iata: $one) { ${below} }`),
  airport.map((below) => `airports(iata: $many) { ${below} }`),
  airport.map((below) => `second: airports(iata: ["A0", "ATL"]) { ${below} }`),
  airport.map((below) => `third: airports(iata: [$one, "ATL"]) { ${below} }`),
  thingFields.map((below) => `things(keys: $things) { ${below} }`),
  thingFields.map((below) => `thing(id: 2, at: "${at}") { ${below} }`),
  thingFields.map((below) => `fourth: things(keys: [{ id: $id, at: "${at}" }]) { ${below} }`),
  fc.constant('route(origin: $one, destination: "ORD") { destination origin routeDelays { landed1h byDelay1h } }'),
  fc.constant('__typename'),
);
const operation = fc
  .array(root, { minLength: 1, maxLength: 3 })
  .map((all) => [...new Map(all.map((one) => [one.split(/[:(]/)[0], one])).values()].join(' '))
  .map(
    (fields) =>
      `query ($one: String!, $many: [String!]!, $things: [ThingKey!]!, $id: Int64 = 1, $v: Int, $age: Duration = "1000d") { ${fields} }` +
      (fields.includes('...F') ? ' fragment F on Airport { iata originDelays { landed1h } }' : ''),
  );
const iata = fc.constantFrom('ATL', 'ORD', 'A0', 'A1', 'A2', 'A3', 'none', '');
const thingKey = fc.record({
  id: fc.constantFrom(1, 2, '3', 9007199254740993n.toString()),
  at: fc.constantFrom(at, 0),
});
const variables = fc.record(
  {
    one: iata,
    many: fc.array(iata, { maxLength: 6 }),
    things: fc.array(thingKey, { maxLength: 3 }),
    id: fc.constantFrom(1, '2', null),
    v: fc.constantFrom(1, 2, null),
    age: fc.constantFrom('5m', null),
    unknown: fc.constant({ deep: [] }),
  },
  { requiredKeys: ['one', 'many', 'things'] },
);

/** The fields that a document uses make the variables used; the validator wants all of them to be. */
const withoutUnused = (text: string) =>
  ['one', 'many', 'things', 'id', 'v', 'age']
    .reduce((left, name) => {
      const uses = left.split(`$${name}`).length - 1;
      return uses > 1 ? left : left.replace(new RegExp(`\\$${name}: [^,$)]+(, )?`), '');
    }, text)
    .replace('query ()', 'query')
    .replace(/, \)/, ')');

describe('a query that is answered directly has the answer of the executor, to the byte', () => {
  async function compare(runs: number): Promise<number> {
    let answered = 0;
    await fc.assert(
      fc.asyncProperty(operation, variables, async (text, given) => {
        const asked = withoutUnused(text);
        // Two fields of one alias do not merge.
        fc.pre(validate(world.graph.schema, parse(asked)).length === 0);
        const { executed, direct } = await answersOf(asked, given);
        if (direct === null) return;
        answered++;
        expect(direct).toBe(executed);
      }),
      { numRuns: runs },
    );
    return answered;
  }

  it('when all is well', async () => {
    // Few of the others are refused or selected by what only the executor answers.
    expect(await compare(600)).toBeGreaterThan(150);
  });

  it('while a shard is away', async () => {
    store.away.add('right');
    expect(await compare(300)).toBeGreaterThan(75);
  });

  it('when a shard is not ready', async () => {
    for (const view of [...world.registry.views.values()].flat()) await store.delete([readyKey(view, 'left')]);
    expect(await compare(300)).toBeGreaterThan(75);
  });
});

describe('what is refused is left to the executor', () => {
  it.each([
    ['a version that is not there', '{ airport(iata: "ATL") { originDelays(version: 9) { landed1h } } }', {}],
    ['an age of what does not age', '{ airport(iata: "ATL") { originDelays(maxAge: "5m") { landed1h } } }', {}],
    ['a key that is none', 'query ($i: Int64!) { things(keys: [{ id: $i, at: 0 }]) { id } }', { i: 'x' }],
    ['a variable that is missing', 'query ($i: [String!]!) { airports(iata: $i) { iata } }', {}],
    [
      'more keys than are answered at once',
      'query ($i: [String!]!) { airports(iata: $i) { iata } }',
      { i: Array(10_001).fill('A') },
    ],
    ['a condition', 'query ($i: Boolean!) { airport(iata: "ATL") { iata @skip(if: $i) } }', { i: false }],
    ['a mutation', 'mutation { push(input: { source: "facts", events: [] }) { __typename } }', {}],
  ])('%s', async (_what, text, given) => {
    const document = parse(text);
    const answer = world.graph.direct?.(document, null) ?? null;
    expect(answer?.({ variables: given, principal: localPrincipal }) ?? null).toBeNull();
  });
});

describe('reads that come together', () => {
  it('are one read of the store', async () => {
    const document = parse(
      'query ($i: String!) { airport(iata: $i) { originDelays { landed1h } airportFacts { name } } }',
    );
    const answer = world.graph.direct!(document, null)!;
    world.reads.splice(0);
    const ask = (i: string) => answer({ variables: { i }, principal: localPrincipal });
    const answers = await Promise.all(['ATL', 'ORD', 'none'].map(ask));
    // Two views of three keys, and their markers.
    expect(world.reads).toHaveLength(1);
    expect(answers[2]).toContain('"landed1h":');
    const alone = await ask('ATL');
    expect(alone).toBe(answers[0]);
  });
});
