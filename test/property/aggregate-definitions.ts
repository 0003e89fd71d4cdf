import fc from 'fast-check';
import type {
  AggregateDefinition,
  Expression,
  FeatureDefinition,
  FeatureViewDefinition,
} from '../../core/definitions/model.ts';
import { millisOf, windows } from './instants.ts';

const col = (name: string): Expression => ({ op: 'col', name });
const input = (...names: readonly string[]) => fc.constantFrom(...names).map(col);

/** The columns of the event source of the property tests. */
export const columns = [
  { name: 'user', type: { kind: 'string' } },
  { name: 'shop', type: { kind: 'int64' } },
  { name: 'id', type: { kind: 'int64' } },
  { name: 'tag', type: { kind: 'string' } },
  { name: 'x', type: { kind: 'int64' } },
  { name: 'd', type: { kind: 'decimal', precision: 12, scale: 3 } },
  { name: 's', type: { kind: 'string' } },
  { name: 'f', type: { kind: 'float64' } },
  { name: 'w', type: { kind: 'timestamp' } },
  { name: 'ok', type: { kind: 'bool' } },
] as const;

const condition: fc.Arbitrary<Expression> = fc.constantFrom<Expression>(
  col('ok'),
  { op: 'not', args: [col('ok')] },
  { op: 'gt', args: [col('x'), { op: 'lit', type: { kind: 'int64' }, value: 0 }] },
  { op: 'or', args: [col('ok'), { op: 'isNull', args: [col('x')] }] },
  {
    op: 'lt',
    args: [
      { op: 'add', args: [col('x'), col('x')] },
      { op: 'lit', type: { kind: 'int64' }, value: 5 },
    ],
  },
);

const k = fc.integer({ min: 1, max: 4 });

/** One bare aggregate for each function, as the offline store gains them. */
const bare: Readonly<Record<AggregateDefinition['function'], fc.Arbitrary<AggregateDefinition>>> = {
  countRows: fc.constant({ function: 'countRows' }),
  count: input('x', 'd', 's', 'f', 'w', 'ok').map((x) => ({ function: 'count', input: x })),
  sum: input('x', 'd').map((x) => ({ function: 'sum', input: x })),
  avg: input('x', 'd').map((x) => ({ function: 'avg', input: x })),
  varSamp: input('x', 'd').map((x) => ({ function: 'varSamp', input: x })),
  varPop: input('x', 'd').map((x) => ({ function: 'varPop', input: x })),
  stddevSamp: input('x', 'd').map((x) => ({ function: 'stddevSamp', input: x })),
  stddevPop: input('x', 'd').map((x) => ({ function: 'stddevPop', input: x })),
  min: input('x', 'd', 's', 'f', 'w').map((x) => ({ function: 'min', input: x })),
  max: input('x', 'd', 's', 'f', 'w').map((x) => ({ function: 'max', input: x })),
  first: input('x', 'd', 's', 'f', 'w', 'ok').map((x) => ({ function: 'first', input: x })),
  last: input('x', 'd', 's', 'f', 'w', 'ok').map((x) => ({ function: 'last', input: x })),
  firstN: fc.tuple(input('x', 's'), k).map(([x, n]) => ({ function: 'firstN', input: x, k: n })),
  lastN: fc.tuple(input('x', 's'), k).map(([x, n]) => ({ function: 'lastN', input: x, k: n })),
  topK: fc.tuple(input('x', 'd', 's'), k).map(([x, n]) => ({ function: 'topK', input: x, k: n })),
  bottomK: fc.tuple(input('x', 'd', 's'), k).map(([x, n]) => ({ function: 'bottomK', input: x, k: n })),
  countDistinct: fc
    .tuple(input('x', 'd', 's', 'w', 'ok'), fc.constantFrom(1, 2, 100))
    .map(([x, cap]) => ({ function: 'countDistinct', input: x, cap })),
  approxCountDistinct: input('x', 's').map((x) => ({ function: 'approxCountDistinct', input: x })),
  approxQuantile: fc
    .tuple(input('x', 'd'), fc.constantFrom('0', '0.5', '0.95', '1'))
    .map(([x, q]) => ({ function: 'approxQuantile', input: x, q })),
  histogram: fc.constantFrom<AggregateDefinition>(
    { function: 'histogram', input: col('x'), edges: ['-1', '0', '2.5'] },
    { function: 'histogram', input: col('d'), edges: ['0.001', '1'] },
    { function: 'histogram', input: col('s'), categories: ['a', ''] },
  ),
};

export const allFunctions = Object.keys(bare) as readonly AggregateDefinition['function'][];

export interface Offered {
  readonly functions: readonly AggregateDefinition['function'][];
  readonly by: boolean;
}

function aggregate({ functions, by }: Offered): fc.Arbitrary<AggregateDefinition> {
  return fc
    .record({
      definition: fc.constantFrom(...functions).chain((name) => bare[name]),
      where: fc.option(condition, { freq: 2, nil: null }),
      by: by ? fc.option(fc.constantFrom('tag', 'ok', 'x'), { freq: 3, nil: null }) : fc.constant(null),
      cap: fc.constantFrom(1, 2, 32),
    })
    .map(({ definition, where, by: category, cap }) => ({
      ...definition,
      ...(where === null ? {} : { where }),
      ...(category === null ? {} : { by: { expression: col(category), cap } }),
    }));
}

const numeric: Offered = { functions: ['countRows', 'count', 'sum', 'max'], by: false };

function feature(offered: Offered): fc.Arbitrary<(name: string) => FeatureDefinition> {
  const window = fc.constantFrom(...windows);
  const single = fc.tuple(aggregate(offered), window).map(
    ([definition, over]) =>
      (name: string): FeatureDefinition => ({
        name,
        kind: 'aggregate',
        aggregate: definition,
        window: over,
      }),
  );
  const isNumber = ({ input: x }: AggregateDefinition) => x === undefined || !('name' in x) || 'xd'.includes(x.name);
  const number = aggregate({
    ...numeric,
    functions: numeric.functions.filter((name) => offered.functions.includes(name)),
  });
  const part = number.map((definition) =>
    definition.function === 'max' && !isNumber(definition) ? { ...definition, input: col('d') } : definition,
  );
  const ratio = fc.tuple(part, part, window).map(
    ([numerator, denominator, over]) =>
      (name: string): FeatureDefinition => ({
        name,
        kind: 'ratio',
        numerator,
        denominator,
        window: over,
      }),
  );
  return fc.oneof({ weight: 5, arbitrary: single }, { weight: 1, arbitrary: ratio });
}

const grains = ['1s', '1s', '10s', '1m', '1h'];

/** A view of the event source `events`, keyed by user, by user and shop, or not at all. */
export function aggregateView(offered: Offered): fc.Arbitrary<FeatureViewDefinition> {
  return fc
    .record({
      features: fc.array(feature(offered), { minLength: 1, maxLength: 4 }),
      grain: fc.constantFrom(...grains),
      delay: fc.constantFrom('0s', '0s', '0s', '30s', '1500ms', '1h'),
      key: fc.constantFrom<readonly string[]>(['user'], ['user'], ['user', 'shop'], []),
    })
    .map(({ features, grain, delay, key }) => ({
      name: 'view',
      ...(key.length === 0 ? {} : { entity: key.join('_') }),
      source: 'events',
      key: Object.fromEntries(key.map((name) => [name, name])),
      features: features.map((make, index) => widened(make(`f${index}`), grain)),
      grain,
      delay,
    }));
}

/** No window is shorter than the grain. */
function widened(definition: FeatureDefinition, grain: string): FeatureDefinition {
  if (definition.kind === 'column' || definition.window === 'lifetime') return definition;
  return millisOf(definition.window) >= millisOf(grain) ? definition : { ...definition, window: grain };
}
