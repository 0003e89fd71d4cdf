import type { CellStatus } from '../definitions/compiled.ts';
import { toJson } from '../values/json.ts';
import type { Value, ValueType } from '../values/types.ts';
import type { Explained } from './computed.ts';
import type { Explanation, ServedValue } from './explanation.ts';

/** What a store answered to the question of an explanation. */
export interface StoreAnswer {
  readonly store: string;
  readonly type: ValueType;
  readonly value: Value;
  readonly status: CellStatus;
  readonly defaulted: boolean;
}

/** The explanation, with what stores answer and whether they agree with it. */
export function withServed({ explanation }: Explained, answers: readonly StoreAnswer[]): Explanation {
  return { ...explanation, served: answers.map((answer) => compareServed(explanation, answer)) };
}

function compareServed(explanation: Explanation, answer: StoreAnswer): ServedValue {
  const { store, type, status, defaulted } = answer;
  const value = toJson(type, answer.value);
  const isSame = isWithin(explanation.tolerance, explanation.value, value);
  const agrees = isSame && status === explanation.status && defaulted === explanation.defaulted;
  return { store, value, status, defaulted, agrees };
}

/** Equal but for rounding, element by element. */
function isWithin(tolerance: number, a: unknown, b: unknown): boolean {
  if (typeof a === 'number' && typeof b === 'number') return Math.abs(a - b) <= tolerance;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const [left, right] = [Object.entries(a), Object.entries(b)];
  return (
    left.length === right.length &&
    left.every(([name, value], index) => right[index]![0] === name && isWithin(tolerance, value, right[index]![1]))
  );
}
