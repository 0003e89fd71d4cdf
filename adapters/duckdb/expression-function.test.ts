import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Expression } from '../../core/definitions/model.ts';
import { compileExpression } from '../../core/expressions/compile.ts';
import type { Field, Value, ValueType } from '../../core/values/types.ts';
import { appendColumns } from './append-columns.ts';
import { openSession, type Session } from './engine.ts';
import { createExpressionCompiler, type ExpressionCompiler } from './expression-function.ts';
import { sqlTypeOf } from './sql-type-names.ts';
import { duckTypeOf, fromDuck, toDuck } from './sql-types.ts';

const columns: readonly Field[] = [
  { name: 'a', type: { kind: 'int64' } },
  { name: 'b', type: { kind: 'int64' } },
  { name: 's', type: { kind: 'string' } },
  { name: 'z', type: { kind: 'string' } },
  { name: 'p', type: { kind: 'bool' } },
  { name: 'q', type: { kind: 'bool' } },
  { name: 'd', type: { kind: 'decimal', precision: 10, scale: 2 } },
];

const domains: readonly (readonly Value[])[] = [
  [null, 0, 1, -5, 2n ** 62n, -(2n ** 63n)],
  [null, 1, 2n ** 62n],
  [null, '', 'a', 'é', '💡', 'ｱ', "it's"],
  [null, 'a', '💡'],
  [null, true, false],
  [null, true, false],
  [null, '0.00', '-1.10', '99999999.99'],
];

/** Every value of each column beside varying values of the others. */
const rows: readonly (readonly Value[])[] = Array.from({ length: 400 }, (_, index) =>
  domains.map((domain, column) => domain[Math.floor(index / (column + 1) ** 2) % domain.length]!),
);

const col = (name: string): Expression => ({ op: 'col', name });
const lit = (type: ValueType, value: string | number | boolean | null): Expression => ({ op: 'lit', type, value });
const int64: ValueType = { kind: 'int64' };
const text: ValueType = { kind: 'string' };

const trees: readonly Expression[] = [
  ...(['eq', 'ne', 'lt', 'lte', 'gt', 'gte'] as const).flatMap((op): Expression[] => [
    { op, args: [col('a'), col('b')] },
    { op, args: [col('s'), col('z')] },
    { op, args: [col('a'), lit(int64, 1)] },
    { op, args: [col('s'), lit(text, "it's")] },
  ]),
  { op: 'and', args: [col('p'), col('q')] },
  { op: 'or', args: [col('p'), col('q')] },
  { op: 'not', args: [{ op: 'or', args: [col('p'), { op: 'lt', args: [col('a'), col('b')] }] }] },
  { op: 'isNull', args: [{ op: 'and', args: [col('p'), col('q')] }] },
  { op: 'isNotNull', args: [col('d')] },
  col('a'),
  { op: 'add', args: [col('a'), col('b')] },
  { op: 'div', args: [col('a'), col('b')] },
  { op: 'mod', args: [col('a'), lit(int64, 2)] },
  { op: 'coalesce', args: [col('s'), col('z')] },
  { op: 'in', args: [col('s'), lit(text, 'a'), lit(text, '💡')] },
  { op: 'neg', args: [col('d')] },
];

let instance: DuckDBInstance;
let session: Session;
let compiler: ExpressionCompiler;
beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:');
  session = await openSession(instance);
  compiler = createExpressionCompiler(session.connection);
  const typed = columns.map(({ name, type }) => `${name} ${sqlTypeOf(type)}`);
  await session.run(`CREATE TEMP TABLE samples (r BIGINT, ${typed.join(', ')})`);
  await appendColumns(session.connection, 'samples', rows.length, [
    { type: duckTypeOf(int64), value: BigInt },
    ...columns.map(({ type }, index) => ({
      type: duckTypeOf(type),
      value: (row: number) => toDuck(type, rows[row]![index]!),
    })),
  ]);
});
afterAll(() => {
  session.close();
  instance.closeSync();
});

it.each(trees)('means in the engine what it means in the reference: %j', async (tree) => {
  const expression = compileExpression(tree, columns, 'test');
  const found = await session.all(`SELECT ${compiler.toSql(expression, columns)} FROM samples ORDER BY r`);
  expect(found.map(([value]) => fromDuck(expression.type, value))).toEqual(rows.map((row) => expression.evaluate(row)));
});
