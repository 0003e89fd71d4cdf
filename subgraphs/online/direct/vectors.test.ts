import fc from 'fast-check';
import { parse, validate } from 'graphql';
import { beforeEach, describe, expect, it } from 'vitest';
import { col, entity, featureService, featureView, push, rowSource, t } from '../../../core/index.ts';
import { readyKey } from '../../../core/online/keys.ts';
import { localPrincipal } from '../../../runtime/access/principal.ts';
import { type GraphResult, isStream } from '../../../runtime/graph.ts';
import { resultText } from '../../../runtime/result-text.ts';
import { createShardedStore, type ShardedStore } from '../../../test/doubles/sharded-store.ts';
import * as definitions from '../../../test/online/online-definitions.ts';
import { createOnlineWorld, type OnlineWorld } from '../../../test/online/online-world.ts';

const thing = entity('thing', { key: { id: t.int64 } });
const kinds = rowSource('kinds', {
  fields: { id: t.int64, large: t.int64, real: t.float64, text: t.string, when: t.timestamp, words: t.list(t.string) },
  eventTime: 'seenAt',
  stream: push(),
});
const kindValues = featureView('kind_values', {
  entity: thing,
  source: kinds,
  key: { id: 'id' },
  features: {
    large: col('large'),
    real: col('real'),
    text: col('text').default('nobody'),
    when: col('when'),
    words: col('words'),
    is_large: col('large').gt(1000),
  },
});
const things = featureService('things', { version: 1, features: [kindValues] });

let world: OnlineWorld;
let store: ShardedStore;

beforeEach(async () => {
  store = createShardedStore();
  world = await createOnlineWorld({ store, definitions: { ...definitions, thing, kinds, kindValues, things } });
  const seenAt = '2001-05-01';
  await world.apply('kinds', [
    { id: 1, seenAt, large: '9223372036854775807', real: 1e21, text: '\\"', when: 0, words: ['', 'a,b'] },
    { id: 2, seenAt, large: null, real: null, text: null, when: null, words: null },
    { id: '9007199254740993', seenAt, large: 7, real: -0.5, text: '😀', when: '2001-05-01T00:00:00.001Z', words: [] },
  ]);
  await world.clock.advance(1_000);
});

const leaf = fc.constantFrom(
  'service',
  'version',
  'readAt',
  'rows',
  'names',
  'values',
  'statuses',
  'defaulted',
  'eventTimes',
  '__typename',
);
const leaves = fc
  .array(fc.tuple(fc.constantFrom('', 'x: ', 'y: '), leaf), { minLength: 1, maxLength: 5 })
  .map((all) => {
    // One alias for one field: others would not merge.
    const ofAlias = new Map(all.map(([alias, name]) => [alias === '' ? name : alias, `${alias}${name}`]));
    return [...ofAlias.values()].join(' ');
  });
const field = fc
  .tuple(
    fc.constantFrom('', 'a: ', 'b: '),
    fc.constantFrom('$service', '"things"'),
    fc.constantFrom('$keys', '{ id: $ids }', '[{ id: $one }, { id: 2 }]', '{ id: [$one, 3] }'),
    leaves,
  )
  .map(([alias, service, keys, below]) => `${alias}featureVectors(service: ${service}, keys: ${keys}) { ${below} }`);
const declared = ['$service: String!', '$keys: JSON', '$ids: JSON', '$one: JSON'];
const document = fc
  .array(fc.oneof({ weight: 5, arbitrary: field }, fc.constant('__typename')), { minLength: 1, maxLength: 3 })
  .map((fields) => fields.join(' '))
  .map((text) => {
    const used = declared.filter((one) => text.includes(one.split(':')[0]!));
    return `query ${used.length > 0 ? `(${used.join(', ')})` : ''} { ${text} }`;
  });
const id = fc.constantFrom<unknown>(1, 2, 3, '1', '9007199254740993', null, 'none');
const variables = fc.record(
  {
    service: fc.constantFrom('things', 'things', 'things', 'nothing'),
    keys: fc.oneof(
      fc.record({ id: fc.array(id, { maxLength: 5 }) }),
      fc.array(fc.record({ id }), { maxLength: 5 }),
      fc.constantFrom<unknown>({ id: 1 }, { other: [1] }, null, 'x', { id: Array(10_001).fill(1) }),
    ),
    ids: fc.oneof(fc.array(id, { maxLength: 5 }), id),
    one: id,
  },
  { requiredKeys: ['service', 'keys'] },
);

/** The executor has errors in the order in which they happen, which the protocol leaves open. */
function textOf(result: GraphResult): string {
  if (result.errors === undefined) return resultText(result);
  const byPath = [...result.errors].sort((a, b) => String(a.path).localeCompare(String(b.path)));
  return resultText({ ...result, errors: byPath });
}

describe('feature vectors that are answered directly have the answer of the executor, to the byte', () => {
  async function compare(): Promise<{ answered: number; failed: number }> {
    const seen = { answered: 0, failed: 0 };
    await fc.assert(
      fc.asyncProperty(document, variables, async (text, given) => {
        const parsed = parse(text);
        fc.pre(validate(world.graph.schema, parsed).length === 0);
        const request = { variables: given, principal: localPrincipal };
        const signal = new AbortController().signal;
        const whole = { document: parsed, operationName: null, requestId: 'r', signal, ...request };
        const executed = await world.graph.execute(whole);
        const direct = await world.graph.direct!(parsed, null)?.(request);
        if (isStream(executed)) throw new Error('a stream');
        if (direct === undefined || direct === null) return;
        seen.answered++;
        if (typeof direct === 'object' && 'errors' in direct) seen.failed++;
        expect(typeof direct === 'string' ? direct : textOf(direct as GraphResult)).toBe(textOf(executed));
      }),
      { numRuns: 300 },
    );
    return seen;
  }

  it('when all is well, and when the input is not', async () => {
    const { answered, failed } = await compare();
    expect(failed).toBeGreaterThan(20);
    expect(answered - failed).toBeGreaterThan(20);
  });

  it('while a shard is away', async () => {
    store.away.add('right');
    expect((await compare()).answered).toBeGreaterThan(75);
  });

  it('when a shard is not ready', async () => {
    for (const view of [...world.registry.views.values()].flat()) await store.delete([readyKey(view, 'left')]);
    expect((await compare()).answered).toBeGreaterThan(75);
  });
});

describe('a query of feature vectors and something else', () => {
  it('is left to the executor', () => {
    const text = '{ featureVectors(service: "things", keys: { id: 1 }) { rows } deadLetterCounts { count } }';
    expect(world.graph.direct!(parse(text), null)).toBeNull();
  });
});
