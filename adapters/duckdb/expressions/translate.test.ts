import { expect, it } from 'vitest';
import type { Expression } from '../../../core/definitions/model.ts';
import { t } from '../../../core/definitions/value-types.ts';
import { compileExpression } from '../../../core/expressions/compile.ts';
import { type ReferenceCall, translateExpression, withInputs } from './translate.ts';

const columns = [
  { name: 'i', type: t.int64 },
  { name: 'x', type: t.float64 },
  { name: 's', type: t.string },
  { name: 'd', type: t.decimal(38, 2) },
];

const col = (name: string): Expression => ({ op: 'col', name });
const one: Expression = { op: 'lit', type: t.int64, value: 1 };

/** @returns the SQL, in which functions are called f1(…), f2(…), and what was called */
function translated(tree: Expression): { sql: string; calls: readonly ReferenceCall[] } {
  const calls: ReferenceCall[] = [];
  const { typed } = compileExpression(tree, columns, 'test');
  const { sql } = translateExpression(typed, (call) => {
    calls.push(call);
    return `f${calls.length}(${call.inputs.map((input) => input.sql).join(', ')})`;
  });
  return { sql: withInputs(sql, (column) => columns[column]!.name), calls };
}

it('computes in SQL what surely means the same there', () => {
  expect(
    translated({
      op: 'and',
      args: [
        { op: 'isNull', args: [col('s')] },
        { op: 'lt', args: [col('i'), one] },
      ],
    }),
  ).toEqual({ sql: "((s IS NULL) AND (i < CAST('1' AS BIGINT)))", calls: [] });
});

it('makes doubles finite once, where another function needs a value', () => {
  const product: Expression = { op: 'mul', args: [{ op: 'add', args: [col('x'), col('x')] }, col('x')] };
  expect(translated(product).sql).toBe('(CASE WHEN isfinite(((x + x) * x)) THEN ((x + x) * x) + 0.0 END)');
});

it('calls functions that are neighbours as one, over arguments in SQL', () => {
  const tree: Expression = { op: 'sin', args: [{ op: 'log', args: [{ op: 'abs', args: [col('x')] }] }] };
  const { sql, calls } = translated({ op: 'gt', args: [tree, col('x')] });
  expect(sql).toBe('(f1((CASE WHEN isfinite(abs(x)) THEN abs(x) + 0.0 END)) > x)');
  expect(calls).toHaveLength(1);
  expect(calls[0]!.tree).toMatchObject({ op: 'sin', args: [{ op: 'log', args: [{ kind: 'input', column: 0 }] }] });
});

it('gives a function each input once', () => {
  const log: Expression = { op: 'log', args: [col('x')] };
  expect(translated({ op: 'atan2', args: [log, col('x')] }).sql).toBe('f1(x)');
});

it('leaves to the function the rows of which it is not sure', () => {
  expect(translated({ op: 'lower', args: [col('s')] }).sql).toBe(
    '(CASE WHEN strlen(s) = length(s) THEN lower(s) ELSE f1(s) END)',
  );
});

it('leaves to the function all rows of what it would have to compute first to ask', () => {
  const { sql } = translated({ op: 'lower', args: [{ op: 'cross', args: [col('i'), col('i')] }] });
  expect(sql).toBe("f1((CAST(i AS VARCHAR) || '|' || CAST(i AS VARCHAR)))");
});

it('takes types into account', () => {
  expect(translated({ op: 'add', args: [col('d'), col('d')] }).sql).toBe('f1(d)');
});

it('computes constants once', () => {
  const { sql, calls } = translated({ op: 'mul', args: [col('x'), { op: 'exp', args: [one] }] });
  expect(calls).toEqual([]);
  expect(sql).toContain(`CAST('${Math.E}' AS DOUBLE)`);
});

it('prefers a function to SQL that repeats itself without end', () => {
  let tree = col('i');
  for (let level = 0; level < 30; level++) tree = { op: 'idiv', args: [tree, col('i')] };
  expect(translated(tree).sql.length).toBeLessThan(10_000);
});
