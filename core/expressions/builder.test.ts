import { describe, expect, it } from 'vitest';
import { avg, col, countDistinct, countRows, fn, lit, t, when } from '../index.ts';
import type { Field } from '../values/types.ts';
import { compileExpression } from './compile.ts';
import { printExpression } from './print.ts';

const columns: readonly Field[] = [
  { name: 's', type: t.string },
  { name: 'n', type: t.int64 },
  { name: 'x', type: t.float64 },
  { name: 'at', type: t.timestamp },
  { name: 'v', type: t.vector(2) },
];

/** As a definition stores it: through JSON, as another language would send it. */
const refusal = (written: { readonly tree: unknown }) => () =>
  compileExpression(JSON.parse(JSON.stringify(written.tree)), columns, 'f');

/**
 * Each expression is refused twice: by the compiler, which `@ts-expect-error` shows, and as JSON by the plan, with
 * the path inside the tree. test/cli/compiler-words.test.ts holds the words of both to be the same.
 */
describe('an expression of a wrong type does not compile, and its JSON is refused', () => {
  const many = col('n').gt(1);
  const number = 'a number \\(int32, int64, float64 or decimal\\)';
  it.each<[string, { readonly tree: unknown }, RegExp]>([
    [
      'the logarithm of a bool',
      // @ts-expect-error: expected a number
      fn.log(col('s').eq('a')),
      new RegExp(`^f\\.args\\[0\\]: "log" does not take this type as x; expected ${number}; got bool`),
    ],
    [
      'a sum with a bool',
      // @ts-expect-error: expected a number
      col('n').gt(1).add(2),
      new RegExp(`^f\\.args\\[0\\]: "add" does not take this type as a; expected ${number}; got bool`),
    ],
    [
      'a length compared with a text',
      // @ts-expect-error: two values of the same type
      fn.length(col('s')).eq('a'),
      /^f: "eq" does not take these types; expected two values of the same type; got int64, string/,
    ],
    [
      'the hour of a number',
      // @ts-expect-error: expected a timestamp
      fn.hour(fn.length(col('s')), 'Europe/Berlin'),
      /^f\.args\[0\]: "hour" does not take this type as at; expected a timestamp; got int64/,
    ],
    [
      'a number as a condition',
      // @ts-expect-error: expected a bool
      when(fn.length(col('s')), 1),
      /^f\.args\[0\]: "case" does not take this type as condition; expected a bool; got int64/,
    ],
    [
      'cases of two types',
      // @ts-expect-error: values of one type
      when(col('n').gt(1), 'many').otherwise(0),
      /^f: "case" does not take these types; expected values of one type/,
    ],
    [
      'bounds of another type',
      // @ts-expect-error: expected a number
      fn.clip(col('n'), 0, 'a'),
      new RegExp(`^f\\.args\\[2\\]: "clip" does not take this type as hi; expected ${number}; got string`),
    ],
    [
      'a cross with a float64',
      // @ts-expect-error: expected an integer, decimal, string, bool or timestamp
      fn.cross(col('s'), fn.log(col('x'))),
      /^f\.args\[1\]: "cross" does not take this type as b; expected an integer, .*; got float64/,
    ],
    [
      'a conjunction with a number, deep in a tree',
      // @ts-expect-error: expected a bool
      many.and(many.and(fn.sign(col('n')))),
      /^f\.args\[1\]\.args\[1\]: "and" does not take this type as b; expected a bool; got int64/,
    ],
    [
      'the dot product of texts',
      // @ts-expect-error: expected a vector
      fn.dot(col('v'), 'a'),
      /^f\.args\[1\]: "dot" does not take this type as b; expected a vector; got string/,
    ],
  ])('%s', (_, written, message) => {
    expect(refusal(written)).toThrow(message);
  });

  it('as what an aggregate reads', () => {
    const wrong = () => {
      // @ts-expect-error: the average of a text
      avg(fn.lower(col('s')));
      // @ts-expect-error: a number as a condition
      countRows().where(fn.length(col('s')));
      // @ts-expect-error: a float64 as a category
      countRows().by(fn.log(col('x')));
      // @ts-expect-error: distinct float64
      countDistinct(fn.log(col('x')));
    };
    expect(wrong).toBeTypeOf('function');
  });
});

describe('the functions', () => {
  const text = (written: { readonly tree: unknown }) => {
    const { tree } = compileExpression(JSON.parse(JSON.stringify(written.tree)), columns, 'f');
    return printExpression(tree);
  };

  it('write the trees that the plan accepts', () => {
    expect(text(fn.clip(fn.log1p(col('x')), 0, 10))).toBe('clip(log1p(x), 0, 10)');
    expect(text(fn.zScore(col('n'), { mean: 2.5, stddev: 1 }))).toBe('zScore(n, 2.5, 1)');
    expect(text(fn.minMax(col('n'), { min: 0, max: 9.5 }))).toBe('minMax(n, 0, 9.5)');
    expect(text(fn.bucketize(col('n'), [0, 15]))).toBe('bucketize(n, [0,15])');
    expect(text(fn.bucketize(col('x'), [0.5, 15]))).toBe('bucketize(x, [0.5,15])');
    expect(text(fn.bucketize(fn.toDecimal(col('s'), 10, 2), lit(['9.99'], t.list(t.decimal(10, 2)))))).toBe(
      'bucketize(toDecimal(s, 10, 2), ["9.99"])',
    );
    expect(text(fn.ordinal(col('s'), ['ATL', 'ORD'], { unseen: 4 }))).toBe('ordinal(s, ["ATL","ORD"], 4)');
    expect(text(fn.oneHot(col('n'), [1, 2]))).toBe('oneHot(n, [1,2])');
    expect(text(fn.hashBucket(fn.cross(col('s'), fn.dayOfWeek(col('at'))), 1_000))).toBe(
      'hashBucket(cross(s, dayOfWeek(at)), 1000)',
    );
    expect(text(fn.truncate(col('at'), 'day', 'Europe/Berlin'))).toBe('truncate(at, "day", "Europe/Berlin")');
    expect(text(fn.get(fn.toVector(col('n'), col('x')), 1))).toBe('get(toVector(n, x), 1)');
    expect(text(fn.least(col('n'), 5, 7))).toBe('least(n, 5, 7)');
    expect(text(fn.substring(col('s'), 2))).toBe('substring(s, 2)');
    expect(text(when(col('n').gt(1), fn.log(col('n'))).otherwise(0))).toBe('case(n > 1, log(n), 0)');
    expect(text(fn.haversine(col('x'), col('x'), 33.64, -84.43))).toBe('haversine(x, x, 33.64, -84.43)');
  });
});
