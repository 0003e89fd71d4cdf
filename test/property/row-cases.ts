import fc from 'fast-check';
import type { CaseSettings, PropertyCase } from './cases.ts';
import type { Row } from './event-histories.ts';
import { boundaryInstant, text } from './instants.ts';

const fields = [
  { name: 'user', type: { kind: 'string' } },
  { name: 'value', type: { kind: 'int64' } },
  { name: 'note', type: { kind: 'string' } },
];

const user = fc.constantFrom('a', 'a', 'a', 'b', '', null);

const row = fc
  .record({
    user,
    value: fc.option(fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constant('9007199254740993')), { nil: null }),
    note: fc.option(fc.constantFrom('', 'x', 'é'), { nil: null }),
    at: boundaryInstant,
    /** Created before, when and after it became valid. */
    lag: fc.constantFrom(0, 0, 0, 1, -1, 60_000, -60_000, 3_600_000, -86_400_000),
    gone: fc.constantFrom(false, false, false, null, true),
  })
  .map(({ at, lag, ...values }) => ({ ...values, at: text(at), created: text(at + lag) }));

const settings = fc.record({
  hasCreated: fc.boolean(),
  isKeyed: fc.constantFrom(true, true, true, false),
  maxAge: fc.constantFrom(null, '1s', '1m', '1h'),
  retention: fc.constantFrom(null, '1h', '1d'),
  hasDefault: fc.boolean(),
  knownAt: fc.constantFrom(true, true, true, false),
});

/** A case of a row view: corrections, tombstones, rows dated ahead, maxAge and retention to the millisecond. */
export function rowCase({ mode, withKnownAt }: CaseSettings): fc.Arbitrary<PropertyCase> {
  return fc.record({ drawn: settings, rows: fc.array(row, { maxLength: 16 }) }).chain(({ drawn, rows }) =>
    fc.array(spineRow(rows, withKnownAt), { minLength: 1, maxLength: 8 }).map((spine) => ({
      name: 'rows',
      mode,
      definitions: definitionsOf(drawn),
      rows: { profiles: rows },
      spine,
    })),
  );
}

type Drawn = typeof settings extends fc.Arbitrary<infer T> ? T : never;

function definitionsOf({ hasCreated, isKeyed, maxAge, retention, hasDefault, knownAt }: Drawn): object {
  return {
    asof: 1,
    entities: isKeyed ? [{ name: 'user', key: fields.slice(0, 1) }] : [],
    sources: [
      {
        kind: 'rows',
        name: 'profiles',
        fields,
        eventTime: 'at',
        ...(hasCreated ? { createdTime: 'created' } : {}),
        deleted: 'gone',
      },
    ],
    views: [
      {
        name: 'profile',
        ...(isKeyed ? { entity: 'user' } : {}),
        source: 'profiles',
        key: isKeyed ? { user: 'user' } : {},
        features: [
          { name: 'value', kind: 'column', column: 'value', ...(hasDefault ? { default: 7 } : {}) },
          { name: 'note', kind: 'column', column: 'note' },
        ],
        ...(maxAge === null ? {} : { maxAge }),
        ...(retention === null ? {} : { retention }),
        ...(knownAt ? {} : { knownAt }),
      },
    ],
    onDemandViews: [],
    services: [],
  };
}

function spineRow(rows: readonly Row[], withKnownAt: boolean): fc.Arbitrary<Row> {
  const times = rows.flatMap(({ at, created }) => [Date.parse(String(at)), Date.parse(String(created))]);
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
    .record({ user, time: instant, knownAt: withKnownAt ? fc.option(instant, { nil: null }) : fc.constant(null) })
    .map(({ user: key, time, knownAt }) => ({
      user: key,
      __time: text(time),
      ...(knownAt === null ? {} : { __knownAt: text(knownAt) }),
    }));
}
