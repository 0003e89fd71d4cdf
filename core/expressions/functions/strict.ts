import type { Value } from '../../values/types.ts';
import type { Evaluate } from '../typed.ts';

export type Present = Exclude<Value, null>;

/** NULL when the argument is. */
export function strictUnary(argument: Evaluate, operation: (x: Present) => Value): Evaluate {
  return (row) => {
    const x = argument(row);
    return x === null ? null : operation(x);
  };
}

/** NULL when either argument is; the second is not evaluated when the first is NULL. */
export function strictBinary(left: Evaluate, right: Evaluate, operation: (x: Present, y: Present) => Value): Evaluate {
  return (row) => {
    const x = left(row);
    if (x === null) return null;
    const y = right(row);
    return y === null ? null : operation(x, y);
  };
}
