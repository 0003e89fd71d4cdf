import { describe, expect, it } from 'vitest';
import type { Expression } from '../definitions/model.ts';
import { compileExpression } from './compile.ts';
import { expressionSteps } from './steps.ts';

const columns = [
  { name: 'delay', type: { kind: 'int64' } },
  { name: 'planned', type: { kind: 'float64' } },
] as const;
const lit = (value: number): Expression => ({ op: 'lit', type: { kind: 'int64' }, value });
const col = (name: string): Expression => ({ op: 'col', name });

describe('the steps of an expression', () => {
  const tree: Expression = {
    op: 'or',
    args: [
      { op: 'gt', args: [col('delay'), lit(15)] },
      { op: 'lt', args: [col('planned'), lit(1)] },
    ],
  };
  const compiled = compileExpression(tree, columns, 'where');

  it('say what each node gave, with its text and type', () => {
    const steps = expressionSteps(compiled, [42, null]);
    expect(steps).toMatchObject({ op: 'or', text: '(delay > 15) or (planned < 1)', value: true });
    expect(steps.args).toMatchObject([
      { op: 'gt', text: 'delay > 15', type: { kind: 'bool' }, value: true, args: [{ value: 42 }, { value: 15 }] },
      {
        op: 'lt',
        text: 'planned < 1',
        value: null,
        args: [
          { op: 'input', value: null },
          { op: 'literal', value: 1 },
        ],
      },
    ]);
  });

  it('give literals the type that they took on beside another operand', () => {
    expect(expressionSteps(compiled, [0, 0.5]).args[1]!.args[1]!.type).toEqual({ kind: 'float64' });
  });
});
