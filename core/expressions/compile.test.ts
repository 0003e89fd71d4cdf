import { describe, expect, it } from 'vitest';
import type { Expression, JsonValue } from '../definitions/model.ts';
import type { ExpressionOperator } from '../definitions/operators.ts';
import { t, typeText } from '../definitions/value-types.ts';
import type { Field, Value, ValueType } from '../values/types.ts';
import { compileExpression } from './compile.ts';

const columns: readonly Field[] = [
  { name: 'i', type: t.int64 },
  { name: 'j', type: t.int64 },
  { name: 'small', type: t.int32 },
  { name: 'f', type: t.float64 },
  { name: 'd', type: t.decimal(6, 2) },
  { name: 'e', type: t.decimal(5, 3) },
  { name: 's', type: t.string },
  { name: 'b', type: t.bool },
  { name: 'at', type: t.timestamp },
  { name: 'v', type: t.vector(2) },
];

type Row = Partial<Record<(typeof columns)[number]['name'], Value>>;
const col = (name: string): Expression => ({ op: 'col', name });
const lit = (value: JsonValue, type: ValueType = t.int64): Expression => ({ op: 'lit', type, value });
const call = (op: ExpressionOperator, ...args: Expression[]): Expression => ({ op, args });

function evaluate(tree: Expression, row: Row = {}): Value {
  return compileExpression(tree, columns, 'f').evaluate(columns.map(({ name }) => row[name] ?? null));
}
function typeOf(tree: Expression): string {
  return typeText(compileExpression(tree, columns, 'f').type);
}

const max = 2n ** 63n - 1n;
const min = -(2n ** 63n);

describe('int64', () => {
  it.each<[ExpressionOperator, Value, Value, Value]>([
    ['add', Number.MAX_SAFE_INTEGER, 1, 2n ** 53n],
    ['add', 2n ** 53n, -1, Number.MAX_SAFE_INTEGER],
    ['add', max, 1, null],
    ['sub', min, 1, null],
    ['mul', 3_037_000_500, 3_037_000_500, null],
    ['mul', 3_037_000_499, 3_037_000_499, 9_223_372_030_926_249_001n],
    ['mul', 0, -5, 0],
    ['idiv', -7, 2, -3],
    ['idiv', 7, -2, -3],
    ['idiv', min, -1, null],
    ['idiv', 7, 0, null],
    ['idiv', 0, -3, 0],
    ['mod', -7, 2, -1],
    ['mod', 7, -2, 1],
    ['mod', -4, 2, 0],
    ['mod', max, 0, null],
    ['add', null, 1, null],
    ['mul', 2, null, null],
  ])('%s(%s, %s) is %s', (op, i, j, expected) => {
    expect(evaluate(call(op, col('i'), col('j')), { i, j })).toBe(expected);
    expect(Object.is(expected, -0)).toBe(false);
  });

  it('negates and takes the magnitude, NULL where there is none', () => {
    expect([5, -5, 0, min, max].map((i) => evaluate(call('neg', col('i')), { i }))).toEqual([-5, 5, 0, null, -max]);
    expect([5, -5, min].map((i) => evaluate(call('abs', col('i')), { i }))).toEqual([5, 5, null]);
  });

  it('compares across the two representations exactly', () => {
    expect(evaluate(call('lt', col('i'), col('j')), { i: Number.MAX_SAFE_INTEGER, j: 2n ** 53n })).toBe(true);
    expect(evaluate(call('eq', col('i'), lit('9007199254740993')), { i: 9007199254740993n })).toBe(true);
    expect(evaluate(call('eq', col('i'), lit('9007199254740993')), { i: 9007199254740992n })).toBe(false);
  });

  it('keeps int32 in its own range', () => {
    expect(evaluate(call('add', col('small'), lit(1)), { small: 2 ** 31 - 1 })).toBe(null);
    expect(typeOf(call('add', col('small'), lit(1)))).toBe('int32');
  });
});

describe('division and float64', () => {
  it('divides any two numbers as doubles, and by zero to NULL', () => {
    expect(typeOf(call('div', col('i'), col('d')))).toBe('float64');
    expect(evaluate(call('div', col('i'), col('d')), { i: 1, d: '4.00' })).toBe(0.25);
    expect(evaluate(call('div', col('i'), lit(0)), { i: 1 })).toBe(null);
    expect(evaluate(call('div', col('d'), col('i')), { i: 3, d: '0.10' })).toBe(0.1 / 3);
  });

  it('has no infinity, no NaN and no -0', () => {
    expect(evaluate(call('mul', col('f'), lit(10)), { f: 1e308 })).toBe(null);
    expect(evaluate(call('mul', col('f'), lit(-1)), { f: 0 })).toBe(0);
    expect(evaluate(call('neg', col('f')), { f: 0 })).toBe(0);
    expect(evaluate(call('div', col('f'), lit(-1)), { f: 0 })).toBe(0);
  });
});

describe('decimals', () => {
  it('add, subtract and multiply exactly, with room for every digit', () => {
    expect(typeOf(call('add', col('d'), col('e')))).toBe('decimal(8,3)');
    expect(evaluate(call('add', col('d'), col('e')), { d: '0.10', e: '0.203' })).toBe('0.303');
    expect(evaluate(call('sub', col('d'), col('d')), { d: '0.10' })).toBe('0.00');
    expect(typeOf(call('mul', col('d'), col('e')))).toBe('decimal(11,5)');
    expect(evaluate(call('mul', col('d'), col('e')), { d: '-1.50', e: '0.500' })).toBe('-0.75000');
    expect(evaluate(call('mul', col('d'), lit(2)), { d: '9999.99' })).toBe('19999.98');
    expect(typeOf(call('mul', col('d'), lit(2)))).toBe('decimal(7,2)');
    expect(evaluate(call('neg', col('d')), { d: '0.00' })).toBe('0.00');
    expect(evaluate(call('abs', col('d')), { d: '-1.20' })).toBe('1.20');
  });

  it('compare by value across scales', () => {
    expect(evaluate(call('eq', col('d'), col('e')), { d: '1.50', e: '1.500' })).toBe(true);
    expect(evaluate(call('lt', col('d'), col('e')), { d: '-2.00', e: '-10.000' })).toBe(false);
    expect(evaluate(call('gte', col('d'), lit(2)), { d: '2.00' })).toBe(true);
    expect(evaluate(call('in', col('d'), lit(1), lit(2)), { d: '2.00' })).toBe(true);
  });

  it('are NULL beyond 38 digits', () => {
    const wide: readonly Field[] = [{ name: 'w', type: t.decimal(38, 0) }];
    const square = compileExpression(call('mul', col('w'), col('w')), wide, 'f');
    expect(square.evaluate(['9'.repeat(19)])).toBe(String(BigInt('9'.repeat(19)) ** 2n));
    expect(square.evaluate(['9'.repeat(20)])).toBe(null);
  });
});

describe('three-valued logic', () => {
  const values = [true, false, null];
  it.each<[ExpressionOperator, readonly Value[]]>([
    ['and', [true, false, null, false, false, false, null, false, null]],
    ['or', [true, true, true, true, false, null, true, null, null]],
  ])('%s', (op, expected) => {
    const pairs = values.flatMap((a) => values.map((b) => [a, b]));
    expect(pairs.map(([a, b]) => evaluate(call(op, col('b'), lit(b!, t.bool)), { b: a! }))).toEqual(expected);
  });

  it('not, isNull, coalesce, case, in', () => {
    expect(values.map((b) => evaluate(call('not', col('b')), { b }))).toEqual([false, true, null]);
    expect(values.map((b) => evaluate(call('isNull', col('b')), { b }))).toEqual([false, false, true]);
    expect(evaluate(call('coalesce', col('i'), col('j'), lit(7)))).toBe(7);
    const size = call(
      'case',
      call('gt', col('i'), lit(10)),
      lit('big', t.string),
      call('gt', col('i'), lit(5)),
      lit('mid', t.string),
    );
    expect([11, 6, 1, null].map((i) => evaluate(size, { i }))).toEqual(['big', 'mid', null, null]);
    const otherwise = call('case', call('gt', col('i'), lit(10)), col('f'), lit(0));
    expect([typeOf(otherwise), evaluate(otherwise, { i: null })]).toEqual(['float64', 0]);
    const within = call('in', col('i'), lit(1), lit(null), lit(2));
    expect([1, 2, 3, null].map((i) => evaluate(within, { i }))).toEqual([true, true, null, null]);
    expect(evaluate(call('in', col('i'), lit(1)), { i: 3 })).toBe(false);
  });

  it('compares text by UTF-8 bytes', () => {
    expect(evaluate(call('lt', col('s'), lit('\u{1F600}', t.string)), { s: '\uFFFD' })).toBe(true);
    expect(evaluate(call('eq', col('s'), lit('é', t.string)), { s: 'e\u0301' })).toBe(false);
  });
});

describe('types', () => {
  it.each<[string, Expression, RegExp]>([
    ['an unknown column', call('not', col('bb')), /^f\.args\[0\]: there is no column "bb".*Did you mean/],
    ['int64 with int32', call('add', col('i'), col('small')), /^f: "add" does not take these types;.*got int64, int32/],
    ['int64 with float64', call('lt', col('i'), col('f')), /^f: "lt" .*got int64, float64/],
    ['a float literal beside int64', call('gt', col('i'), lit(1.5, t.float64)), /got int64, float64.*lit\(value, t/],
    [
      'the order of bools',
      call('lt', col('b'), col('b')),
      /f.args\[0\]: "lt" does not take this type as a; expected a number, string or timestamp; got bool/,
    ],
    ['equal vectors', call('eq', col('v'), col('v')), /got vector\(2\)/],
    ['a literal out of its type', lit(1.5), /^f: the literal does not fit its type; expected int64; got 1.5/],
    ['a decimal literal out of its precision', lit('100', t.decimal(3, 2)), /the literal does not fit/],
    ['a literal too big to adapt', call('eq', col('small'), lit(2 ** 31)), /got int32, int64/],
    ['too few arguments', call('and', col('b')), /"and" has the wrong number of arguments; expected at least 2; got 1/],
    ['too many arguments', call('neg', col('i'), col('i')), /expected 1; got 2/],
    ['a case of two types', call('case', col('b'), col('i'), col('s')), /"case".*values of one type/],
    ['a feature in a source', { op: 'feature', view: 'v', feature: 'x' }, /"feature" cannot be read here/],
    ['scales beyond 38', call('mul', lit('1', t.decimal(38, 20)), lit('1', t.decimal(38, 20))), /at most 38/],
  ])('refuses %s', (_, tree, message) => {
    expect(() => compileExpression(tree, columns, 'f')).toThrow(message);
  });

  it('refuses a tree that is too deep for the stack', () => {
    let tree: Expression = col('b');
    for (let depth = 0; depth < 50_000; depth++) tree = call('not', tree);
    expect(() => compileExpression(tree, columns, 'f')).toThrow(/nested too deeply/);
  });
});
