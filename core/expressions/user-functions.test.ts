import { describe, expect, it } from 'vitest';
import type { Expression, UserFunctionDefinition } from '../definitions/model.ts';
import type { CallFunction } from '../ports/user-functions.ts';
import type { Value } from '../values/types.ts';
import { noAnomalies } from './anomalies.ts';
import { batchOf } from './batch.ts';
import { compileInScope } from './compile.ts';
import { columnScope } from './scope.ts';
import { expressionSteps } from './steps.ts';
import { userFunctionScope } from './user-functions.ts';

const int64 = { kind: 'int64' } as const;
const plus = (name: string, onNull?: 'call'): UserFunctionDefinition => ({
  name,
  version: 1,
  args: [
    { name: 'a', type: int64 },
    { name: 'b', type: int64 },
  ],
  returns: int64,
  source: '',
  sourceHash: '',
  ...(onNull && { onNull }),
});

/** How many rows each call had. */
const batches: number[] = [];
const sum: CallFunction = (rows) => {
  batches.push(rows.length);
  return rows.map(([a, b]) => Number(a ?? 100) + Number(b ?? 100));
};
const functions = userFunctionScope([plus('plus'), plus('plus_or_100', 'call')], () => sum);

const col = (name: string): Expression => ({ op: 'col', name });
const lit = (value: number): Expression => ({ op: 'lit', type: int64, value });
const call = (name: string, ...args: readonly Expression[]): Expression => {
  return { op: 'call', function: name, version: 1, args };
};
const columns = [
  { name: 'x', type: int64 },
  { name: 'y', type: int64 },
];
const compiled = (tree: Expression) => compileInScope(tree, columnScope(columns, functions), 'f');

describe('calls of user functions', () => {
  const tree: Expression = {
    op: 'case',
    args: [
      { op: 'gt', args: [col('x'), lit(2)] },
      call('plus', call('plus', col('x'), col('y')), lit(1)),
      call('plus_or_100', col('y'), { op: 'neg', args: [col('x')] }),
    ],
  };
  const rows: readonly (readonly Value[])[] = [
    [1, 2],
    [3, 4],
    [null, 7],
    [5, null],
    [null, null],
  ];
  const values = [1, 8, 107, null, 200];

  it('are NULL without a call where an argument is, unless the function asks for it', () => {
    expect(rows.map(compiled(tree).evaluate)).toEqual(values);
  });

  it('are made once for all rows of a batch, with the same values', () => {
    const { typed } = compiled(tree);
    batches.length = 0;
    expect(batchOf(typed, noAnomalies())!(rows)).toEqual(values);
    expect(batches).toEqual([2, 2, 5]);
    expect(batchOf(typed, noAnomalies())!([])).toEqual([]);
    expect(batchOf(compiled(col('x')).typed, noAnomalies())).toBe(null);
  });

  it('on constants are made once, when the expression is compiled', () => {
    batches.length = 0;
    const { evaluate, typed } = compiled({ op: 'add', args: [col('x'), call('plus', lit(1), lit(2))] });
    expect([evaluate([1, 0]), evaluate([2, 0])]).toEqual([4, 5]);
    expect(batches).toEqual([1]);
    expect(batchOf(typed, noAnomalies())).toBe(null);
  });

  it('are steps of an explanation, with their arguments', () => {
    const steps = expressionSteps(compiled(call('plus', col('x'), lit(1))), [4, null]);
    expect(steps).toMatchObject({ text: 'plus@1(x, 1)', value: 5, args: [{ value: 4 }, { value: 1 }] });
  });
});
