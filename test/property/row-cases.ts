import fc from 'fast-check';
import type { Expression, FeatureDefinition } from '../../core/definitions/model.ts';
import type { ExpressionOperator } from '../../core/definitions/operators.ts';
import type { Field } from '../../core/values/types.ts';
import type { CaseSettings, PropertyCase } from './cases.ts';
import { longUsers, type Row, users } from './event-histories.ts';
import { boundaryInstant, notation, text } from './instants.ts';

const fields: readonly Field[] = [
  { name: 'world', type: { kind: 'int32' } },
  { name: 'user', type: { kind: 'string' } },
  { name: 'shop', type: { kind: 'int64' } },
  { name: 'value', type: { kind: 'int64' } },
  { name: 'note', type: { kind: 'string' } },
  { name: 'price', type: { kind: 'decimal', precision: 38, scale: 10 } },
  { name: 'ratio', type: { kind: 'float64' } },
  { name: 'since', type: { kind: 'timestamp' } },
  { name: 'tags', type: { kind: 'list', element: { kind: 'string' } } },
  { name: 'point', type: { kind: 'vector', length: 2 } },
  { name: 'ok', type: { kind: 'bool' } },
];
const featureNames = ['value', 'note', 'price', 'ratio', 'since', 'tags', 'point', 'ok'] as const;

/** From a feature that may have a default, from columns that are features too or not, and from each other. */
const derivedFeatures: readonly FeatureDefinition[] = [
  { name: 'is_more', kind: 'derived', expression: call('gt', feature('doubled'), feature('value')), default: false },
  { name: 'doubled', kind: 'derived', expression: call('add', feature('value'), col('value')) },
  { name: 'of_user', kind: 'derived', expression: call('coalesce', col('note'), col('user')), default: 'nobody' },
  { name: 'is_known', kind: 'derived', expression: call('isNotNull', feature('value')) },
];

const user = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('a', 'a', 'a', 'b', '', null) },
  { weight: 1, arbitrary: fc.constantFrom(...users, ...longUsers) },
);
const shop = fc.constantFrom(1, 1, 2, null);
const nullable = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { freq: 4, nil: null });

function call(op: ExpressionOperator, ...args: readonly Expression[]): Expression {
  return { op, args };
}

function feature(name: string): Expression {
  return { op: 'feature', feature: name };
}

function col(name: string): Expression {
  return { op: 'col', name };
}

interface DrawnRow {
  readonly at: number;
  readonly lag: number;
  /** Without a created time: a dead letter, unless the view opted out of the known-at rule. */
  readonly isUncreated: boolean;
  readonly partition: number;
  readonly write: (instant: number) => string | number;
  readonly values: Row;
}

const row: fc.Arbitrary<DrawnRow> = fc.record({
  at: boundaryInstant,
  /** Created before, when and after it became valid. */
  lag: fc.constantFrom(0, 0, 0, 1, -1, 60_000, -60_000, 3_600_000, -86_400_000),
  isUncreated: fc.nat({ max: 5 }).map((drawn) => drawn === 0),
  partition: fc.constantFrom(0, 0, 1),
  write: notation,
  values: fc.record({
    user,
    shop,
    value: nullable(fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constant('9007199254740993'))),
    note: nullable(fc.constantFrom('', 'x', 'é')),
    price: nullable(fc.constantFrom('0', '-0.0000000001', '9999999999999999999999999999.9999999999', '1.5')),
    ratio: nullable(fc.constantFrom(0, -0, 0.1, 1e300, 5e-324)),
    since: nullable(boundaryInstant.map(text)),
    tags: nullable(fc.array(nullable(fc.constantFrom('', 'a', ',', 'é')), { maxLength: 3 })),
    point: nullable(fc.array(fc.constantFrom(0.5, -1, 1e300), { minLength: 2, maxLength: 2 })),
    ok: nullable(fc.boolean()),
    gone: fc.constantFrom(false, false, false, null, true),
  }),
});

const settings = fc.record({
  created: fc.constantFrom('absent', 'column', 'column'),
  key: fc.constantFrom<readonly string[]>(['user'], ['user'], ['user', 'shop']),
  maxAge: fc.constantFrom(null, '1s', '1m', '1h'),
  retention: fc.constantFrom(null, '1h', '1d'),
  hasDefault: fc.boolean(),
  knownAt: fc.constantFrom(true, true, true, false),
  /** A second view by alias, and a tighter maxAge there. */
  tightened: fc.constantFrom(null, '1ms', '1m'),
});

type Drawn = typeof settings extends fc.Arbitrary<infer T> ? T : never;

/** A case of a row view: corrections, tombstones, rows dated ahead, maxAge and retention to the millisecond. */
export function rowCase({ mode, withKnownAt, worlds }: CaseSettings, isAlone: boolean): fc.Arbitrary<PropertyCase> {
  const world = fc.array(row, { maxLength: 16 }).chain((rows) =>
    fc.record({
      rows: fc.constant(rows),
      spine: fc.array(spineRow(rows, withKnownAt), { minLength: 1, maxLength: 8 }),
    }),
  );
  return fc
    .record({ drawn: settings, histories: fc.array(world, { minLength: worlds, maxLength: worlds }) })
    .map(({ drawn, histories }) => ({
      name: 'rows',
      mode,
      definitions: definitionsOf(drawn, isAlone),
      rows: { profiles: placed(histories.map(({ rows }) => rows)) },
      spine: histories.flatMap(({ spine }, number) => spine.map((asked) => ({ world: number, ...asked }))),
    }));
}

function placed(worlds: readonly (readonly DrawnRow[])[]): Row[] {
  const rows = worlds.flatMap((world, number) => world.map((drawn) => ({ ...drawn, number })));
  return rows.map(({ at, lag, isUncreated, partition, write, values, number }, position) => ({
    world: number,
    ...values,
    at: write(at),
    created: isUncreated ? null : write(at + lag),
    __partition: partition,
    __offset: position,
  }));
}

function definitionsOf(drawn: Drawn, isAlone: boolean): object {
  const { created, maxAge, retention, hasDefault, knownAt, tightened } = drawn;
  const key = isAlone ? [] : [...drawn.key, 'world'];
  return {
    asof: 1,
    entities: isAlone ? [] : [{ name: 'user', key: key.map((name) => fields.find((field) => field.name === name)) }],
    sources: [
      {
        kind: 'rows',
        name: 'profiles',
        fields,
        eventTime: 'at',
        ...(created === 'column' ? { createdTime: 'created' } : {}),
        deleted: 'gone',
      },
    ],
    views: [
      {
        name: 'profile',
        ...(isAlone ? {} : { entity: 'user' }),
        source: 'profiles',
        key: Object.fromEntries(key.map((name) => [name, name])),
        features: [
          ...derivedFeatures,
          ...featureNames.map((name) => ({
            name,
            kind: 'column',
            column: name,
            ...(name === 'value' && hasDefault ? { default: 7 } : {}),
          })),
        ],
        ...(maxAge === null ? {} : { maxAge }),
        ...(retention === null ? {} : { retention }),
        ...(knownAt ? {} : { knownAt }),
      },
    ],
    onDemandViews: [],
    services:
      tightened === null
        ? []
        : [{ name: 'pair', version: 1, features: [{ view: 'profile', alias: 'recent', maxAge: tightened }] }],
  };
}

function spineRow(rows: readonly DrawnRow[], withKnownAt: boolean): fc.Arbitrary<Row> {
  const times = rows.flatMap(({ at, lag }) => [at, at + lag]);
  const near =
    times.length === 0
      ? boundaryInstant
      : fc
          .record({
            time: fc.constantFrom(...times),
            age: fc.constantFrom(0, 0, 0, 1_000, 60_000, 3_600_000, 86_400_000),
            nudge: fc.constantFrom(0, 1, -1),
          })
          .map(({ time, age, nudge }) => time + age + nudge);
  const instant = fc.oneof({ weight: 4, arbitrary: near }, boundaryInstant);
  return fc
    .record({
      user,
      shop,
      time: instant,
      write: notation,
      knownAt: withKnownAt ? fc.option(instant, { nil: null }) : fc.constant(null),
    })
    .map(({ user: key, shop: part, time, write, knownAt }) => ({
      user: key,
      shop: part,
      __time: write(time),
      ...(knownAt === null ? {} : { __knownAt: write(knownAt) }),
    }));
}
