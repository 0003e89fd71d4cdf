import { expressionGiven } from '../definitions/builders/given.ts';
import type { Expression } from '../definitions/model.ts';
import type { ValueType } from '../values/types.ts';
import {
  type Agrees,
  type AnyExpression,
  ExpressionBuilder,
  type NeedsAs,
  type NeedsIn,
  type Operand,
  operandTree,
  type Takes,
  type TypeOf,
} from './builder.ts';
import type { bool } from './type-sets.ts';

/** `when(condition, value)`, then `.when(…)` for more, and `.otherwise(value)`; without a match NULL. */
export function when<C extends AnyExpression, V extends Operand>(condition: C & Condition<C>, value: V) {
  return new CaseBuilder<NeedsIn<C, 'case', 'condition', typeof bool> & NeedsAs<V, ValueType>, TypeOf<V>>([
    expressionGiven(condition, 'when(…)'),
    operandTree(value),
  ]);
}

type Condition<C> = Takes<C, 'case', 'condition', typeof bool>;
type Otherwise<Type extends ValueType, V> = Agrees<ExpressionBuilder<never, Type>, V, 'case', 'values of one type'>;

class CaseBuilder<in Needs, out Type extends ValueType> extends ExpressionBuilder<Needs, Type> {
  readonly #args: readonly Expression[];

  constructor(args: readonly Expression[]) {
    super({ op: 'case', args });
    this.#args = args;
  }

  when<C extends AnyExpression, V extends Operand>(condition: C & Condition<C>, value: V & Otherwise<Type, V>) {
    return new CaseBuilder<Needs & NeedsIn<C, 'case', 'condition', typeof bool> & NeedsAs<V, Type>, Type>([
      ...this.#args,
      expressionGiven(condition, 'when(…)'),
      operandTree(value),
    ]);
  }

  otherwise<V extends Operand>(value: V & Otherwise<Type, V>): ExpressionBuilder<Needs & NeedsAs<V, Type>, Type> {
    return new ExpressionBuilder({ op: 'case', args: [...this.#args, operandTree(value)] });
  }
}
