import fc from 'fast-check';
import type {
  AggregateDefinition,
  Expression,
  FeatureDefinition,
  FeatureViewDefinition,
} from '../../core/definitions/model.ts';
import type { Field } from '../../core/values/types.ts';
import { millisOf, windows } from './instants.ts';

const col = (name: string): Expression => ({ op: 'col', name });
const input = (...names: readonly string[]) => fc.constantFrom(...names).map(col);

/** The columns of the event source of the property tests. `world` keeps the histories of one case apart. */
const columns: readonly Field[] = [
  { name: 'world', type: { kind: 'int32' } },
  { name: 'user', type: { kind: 'string' } },
  { name: 'shop', type: { kind: 'int64' } },
  { name: 'day', type: { kind: 'timestamp' } },
  { name: 'price', type: { kind: 'decimal', precision: 22, scale: 2 } },
  { name: 'tag', type: { kind: 'string' } },
  { name: 'x', type: { kind: 'int64' } },
  { name: 'd', type: { kind: 'decimal', precision: 12, scale: 3 } },
  { name: 's', type: { kind: 'string' } },
  { name: 'f', type: { kind: 'float64' } },
  { name: 'w', type: { kind: 'timestamp' } },
  { name: 'ok', type: { kind: 'bool' } },
  { name: 'v', type: { kind: 'vector', length: 2 } },
  { name: 'l', type: { kind: 'list', element: { kind: 'int64' } } },
];

export function eventColumns(idType: 'int64' | 'string' | null): readonly Field[] {
  return [...columns, { name: 'id', type: { kind: idType ?? 'int64' } }];
}

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
  count: input('x', 'd', 's', 'f', 'w', 'ok', 'v', 'l').map((x) => ({ function: 'count', input: x })),
  sum: input('x', 'd', 'v').map((x) => ({ function: 'sum', input: x })),
  avg: input('x', 'd', 'v').map((x) => ({ function: 'avg', input: x })),
  varSamp: input('x', 'd').map((x) => ({ function: 'varSamp', input: x })),
  varPop: input('x', 'd').map((x) => ({ function: 'varPop', input: x })),
  stddevSamp: input('x', 'd').map((x) => ({ function: 'stddevSamp', input: x })),
  stddevPop: input('x', 'd').map((x) => ({ function: 'stddevPop', input: x })),
  min: input('x', 'd', 's', 'f', 'w').map((x) => ({ function: 'min', input: x })),
  max: input('x', 'd', 's', 'f', 'w').map((x) => ({ function: 'max', input: x })),
  first: input('x', 'd', 's', 'f', 'w', 'ok', 'v', 'l').map((x) => ({ function: 'first', input: x })),
  last: input('x', 'd', 's', 'f', 'w', 'ok', 'v', 'l').map((x) => ({ function: 'last', input: x })),
  firstN: fc.tuple(input('x', 's', 'd', 'w', 'v', 'l'), k).map(([x, n]) => ({ function: 'firstN', input: x, k: n })),
  lastN: fc.tuple(input('x', 's', 'f', 'ok', 'v', 'l'), k).map(([x, n]) => ({ function: 'lastN', input: x, k: n })),
  topK: fc.tuple(input('x', 'd', 's', 'f', 'w'), k).map(([x, n]) => ({ function: 'topK', input: x, k: n })),
  bottomK: fc.tuple(input('x', 'd', 's', 'f', 'w'), k).map(([x, n]) => ({ function: 'bottomK', input: x, k: n })),
  countDistinct: fc
    .tuple(input('x', 'd', 's', 'w', 'ok'), fc.constantFrom(1, 2, 100))
    .map(([x, cap]) => ({ function: 'countDistinct', input: x, cap })),
  approxCountDistinct: input('x', 'd', 's', 'w', 'ok').map((x) => ({ function: 'approxCountDistinct', input: x })),
  approxQuantile: fc
    .tuple(input('x', 'd'), fc.constantFrom('0', '0.25', '0.5', '0.95', '1'))
    .map(([x, q]) => ({ function: 'approxQuantile', input: x, q })),
  histogram: fc.constantFrom<AggregateDefinition>(
    { function: 'histogram', input: col('x'), edges: ['-1', '0', '2.5'] },
    { function: 'histogram', input: col('d'), edges: ['0.001', '1'] },
    { function: 'histogram', input: col('f'), edges: ['-2.5', '0', '0.1'] },
    { function: 'histogram', input: col('s'), categories: ['a', ''] },
    { function: 'histogram', input: col('x'), categories: ['1', '-1'] },
  ),
};

export const allFunctions = Object.keys(bare) as readonly AggregateDefinition['function'][];

export interface Offered {
  readonly functions: readonly AggregateDefinition['function'][];
  readonly by: boolean;
  readonly vectors: boolean;
}

interface Choice {
  readonly where: Expression | null;
  readonly category: string | null;
  readonly cap: number;
}

function choice(by: boolean): fc.Arbitrary<Choice> {
  return fc.record({
    where: fc.option(condition, { freq: 2, nil: null }),
    category: by ? fc.option(fc.constantFrom('tag', 'ok', 'x', 'd', 'w'), { freq: 3, nil: null }) : fc.constant(null),
    cap: fc.constantFrom(1, 2, 32),
  });
}

function chosen(definition: AggregateDefinition, { where, category, cap }: Choice): AggregateDefinition {
  return {
    ...definition,
    ...(where === null ? {} : { where }),
    ...(category === null ? {} : { by: { expression: col(category), cap } }),
  };
}

function isVector({ input: x }: AggregateDefinition): boolean {
  return x !== undefined && 'name' in x && x.name === 'v';
}

function aggregate({ functions, by, vectors }: Offered): fc.Arbitrary<AggregateDefinition> {
  return fc
    .tuple(
      fc
        .constantFrom(...functions)
        .chain((name) => bare[name])
        .map((definition) => (isVector(definition) && !vectors ? { ...definition, input: col('d') } : definition)),
      choice(by),
    )
    .map(([definition, made]) => chosen(definition, made));
}

/** Makes one or several features of a view, whose names begin with this one. */
type MakeFeatures = (name: string) => readonly FeatureDefinition[];

const window = fc.constantFrom(...windows);

function single(offered: Offered): fc.Arbitrary<MakeFeatures> {
  return fc.tuple(aggregate(offered), window, fc.boolean()).map(([definition, over, hasDefault]) => (name) => {
    const isCount = definition.function.startsWith('count') && definition.by === undefined;
    const isSum = definition.function === 'sum' && !isVector(definition) && definition.by === undefined;
    const withDefault = hasDefault && (isCount || isSum) ? { default: isCount ? 7 : '7' } : {};
    return [{ name, kind: 'aggregate', aggregate: definition, window: over, ...withDefault }];
  });
}

/** One aggregate over two windows: they share its tiles. */
function twice(offered: Offered): fc.Arbitrary<MakeFeatures> {
  return fc.tuple(aggregate(offered), window, window).map(([definition, shorter, longer]) => (name) => [
    { name, kind: 'aggregate', aggregate: definition, window: shorter },
    { name: `${name}_too`, kind: 'aggregate', aggregate: definition, window: longer },
  ]);
}

function ratio(offered: Offered): fc.Arbitrary<MakeFeatures> {
  const functions = (['countRows', 'count', 'sum', 'max'] as const).filter((name) => offered.functions.includes(name));
  const isNumber = ({ input: x }: AggregateDefinition) => x === undefined || !('name' in x) || 'xd'.includes(x.name);
  const part = aggregate({ functions, by: false, vectors: false }).map((definition) =>
    definition.function === 'max' && !isNumber(definition) ? { ...definition, input: col('d') } : definition,
  );
  return fc.tuple(part, part, window).map(([numerator, denominator, over]) => (name) => [
    { name, kind: 'ratio', numerator, denominator, window: over },
  ]);
}

/**
 * A sum or average of float64, with what its bound is made of beside it: how many inputs there are, and the sum of
 * their magnitudes. `equality.ts` knows them by their names.
 */
function approximate(offered: Offered): fc.Arbitrary<MakeFeatures> {
  return fc.tuple(fc.constantFrom('sum', 'avg'), choice(offered.by), window).map(([name, made, over]) => {
    const feature = (suffix: string, definition: AggregateDefinition): FeatureDefinition => ({
      name: suffix,
      kind: 'aggregate',
      aggregate: chosen(definition, made),
      window: over,
    });
    return (prefix) => [
      feature(`${prefix}_${name}_approximate`, { function: name, input: col('f') }),
      feature(`${prefix}_${name}_inputs`, { function: 'count', input: col('f') }),
      feature(`${prefix}_${name}_magnitude`, { function: 'sum', input: { op: 'abs', args: [col('f')] } }),
    ];
  });
}

const grains = ['1s', '1s', '10s', '1m', '1h'];

/** Keys of one and of several parts, of every type that a key may have. */
const keys: readonly (readonly string[])[] = [['user'], ['user'], ['user'], ['user', 'shop'], ['day', 'ok'], ['price']];

/** A view of the event source `events`. Its key ends with the world, unless there is only one: then it may have none. */
export function aggregateView(name: string, offered: Offered, isAlone: boolean): fc.Arbitrary<FeatureViewDefinition> {
  const features = fc.oneof(
    { weight: 4, arbitrary: single(offered) },
    { weight: 2, arbitrary: twice(offered) },
    { weight: 1, arbitrary: ratio(offered) },
    { weight: 1, arbitrary: approximate(offered) },
  );
  return fc
    .record({
      features: fc.array(features, { minLength: 1, maxLength: 4 }),
      grain: fc.constantFrom(...grains),
      delay: fc.constantFrom('0s', '0s', '0s', '30s', '1500ms', '1h'),
      key: fc.constantFrom(...(isAlone ? [[]] : keys)),
    })
    .map(({ features: makers, grain, delay, key }) => ({
      name,
      ...(isAlone ? {} : { entity: entityOf(key) }),
      source: 'events',
      key: isAlone ? {} : Object.fromEntries([...key, 'world'].map((column) => [column, column])),
      features: withDerived(
        makers.flatMap((make, index) => make(`f${index}`)).map((feature) => widened(feature, grain)),
      ),
      grain,
      delay,
    }));
}

function entityOf(key: readonly string[]): string {
  return key.join('_');
}

/** The entities of all views, once each. */
export function entitiesOf(views: readonly FeatureViewDefinition[]): readonly object[] {
  const entities = new Map(
    views.flatMap(({ entity, key }) => (entity === undefined ? [] : [[entity, Object.keys(key)] as const])),
  );
  return [...entities].map(([name, key]) => ({
    name,
    key: key.map((column) => columns.find((field) => field.name === column)),
  }));
}

/** No window is shorter than the grain. */
function widened(definition: FeatureDefinition, grain: string): FeatureDefinition {
  if (!('window' in definition) || definition.window === 'lifetime') return definition;
  return millisOf(definition.window) >= millisOf(grain) ? definition : { ...definition, window: grain };
}

/** What can be derived from a feature of any type: whether it is there, as a chain that stands before what it reads. */
function withDerived(features: readonly FeatureDefinition[]): readonly FeatureDefinition[] {
  const [first] = features;
  const read = (feature: string): Expression => ({ op: 'feature', feature });
  return [
    { name: 'is_absent', kind: 'derived', expression: { op: 'not', args: [read('is_there')] }, default: true },
    { name: 'is_there', kind: 'derived', expression: { op: 'isNotNull', args: [read(first!.name)] } },
    ...features,
  ];
}
