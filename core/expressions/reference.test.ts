import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Expression } from '../definitions/model.ts';
import type { ExpressionOperator } from '../definitions/operators.ts';
import { t } from '../definitions/value-types.ts';
import type { Field, Value } from '../values/types.ts';
import { compileExpression } from './compile.ts';

/**
 * A naive evaluator of int64 and bool trees: everything a bigint, everything written out. It shares nothing with the
 * compiled one, so a difference is an error in one of them.
 */
type Plain = bigint | boolean | null;

const columns: readonly Field[] = ['a', 'b', 'c'].map((name) => ({ name, type: t.int64 }));

function naive(tree: Expression, row: readonly Plain[]): Plain {
  if (tree.op === 'col') return row['abc'.indexOf(tree.name)]!;
  if (tree.op === 'lit') return tree.value === null ? null : BigInt(tree.value as string);
  const args = (tree as { readonly args: readonly Expression[] }).args.map((arg) => naive(arg, row));
  const [x, y] = args as [Plain, Plain];
  switch (tree.op) {
    case 'and':
      return args.includes(false) ? false : args.includes(null) ? null : true;
    case 'or':
      return args.includes(true) ? true : args.includes(null) ? null : false;
    case 'isNull':
      return x === null;
    case 'coalesce':
      return args.find((arg) => arg !== null) ?? null;
    case 'case':
      return x === true ? y : args[2]!;
    case 'in':
      if (x === null) return null;
      return args.slice(1).includes(x) ? true : args.includes(null) ? null : false;
  }
  if (args.includes(null)) return null;
  const [m, n] = [x, y] as [bigint, bigint];
  const int64 = (result: bigint): Plain => (BigInt.asIntN(64, result) === result ? result : null);
  switch (tree.op) {
    case 'eq':
      return m === n;
    case 'ne':
      return m !== n;
    case 'lt':
      return m < n;
    case 'lte':
      return m <= n;
    case 'gt':
      return m > n;
    case 'gte':
      return m >= n;
    case 'not':
      return x !== true;
    case 'add':
      return int64(m + n);
    case 'sub':
      return int64(m - n);
    case 'mul':
      return int64(m * n);
    case 'idiv':
      return n === 0n ? null : int64(m / n);
    case 'mod':
      return n === 0n ? null : int64(m % n);
    case 'neg':
      return int64(-m);
    case 'abs':
      return int64(m < 0n ? -m : m);
    default:
      throw new Error(`no rule for ${tree.op}`);
  }
}

const edges = [
  0n,
  1n,
  -1n,
  2n,
  7n,
  -7n,
  2n ** 53n - 1n,
  2n ** 53n,
  -(2n ** 53n),
  2n ** 62n,
  2n ** 63n - 1n,
  -(2n ** 63n),
];
const integer = fc.oneof(fc.constantFrom(...edges), fc.bigInt(-20n, 20n), fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n));
const cell = fc.option(integer, { freq: 8 });

const call = (ops: readonly ExpressionOperator[], ...args: fc.Arbitrary<Expression>[]) =>
  fc.tuple(fc.constantFrom(...ops), fc.tuple(...args)).map(([op, parts]): Expression => ({ op, args: parts }));

const { number } = fc.letrec<{ number: Expression; bool: Expression }>((tie) => ({
  number: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom('a', 'b', 'c').map((name): Expression => ({ op: 'col', name })),
    cell.map((value): Expression => ({ op: 'lit', type: t.int64, value: value === null ? null : String(value) })),
    call(['add', 'sub', 'mul', 'idiv', 'mod'], tie('number'), tie('number')),
    call(['neg', 'abs'], tie('number')),
    call(['coalesce'], tie('number'), tie('number')),
    call(['case'], tie('bool'), tie('number'), tie('number')),
  ),
  bool: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    call(['eq', 'ne', 'lt', 'lte', 'gt', 'gte'], tie('number'), tie('number')),
    call(['isNull'], tie('number')),
    call(['in'], tie('number'), tie('number'), tie('number')),
    call(['and', 'or'], tie('bool'), tie('bool')),
    call(['not'], tie('bool')),
  ),
}));

function represented(value: Plain): Value {
  if (typeof value !== 'bigint') return value;
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

it('the compiled function equals the naive evaluator on random trees and rows', () => {
  fc.assert(
    fc.property(number, fc.tuple(cell, cell, cell), (tree, row) => {
      const compiled = compileExpression(tree, columns, 'f').evaluate(row.map(represented));
      expect(compiled).toBe(represented(naive(tree, row)));
    }),
    { numRuns: 3_000 },
  );
});
