import type { JsonValue } from '../definitions/model.ts';
import { AsofError } from '../errors/asof-error.ts';
import { describeInput } from '../values/describe-input.ts';
import type { ValueType } from '../values/types.ts';

/** A constant of TypeScript: whole numbers become int64 (and adapt), others float64, dates timestamps. */
export type Constant = string | number | bigint | boolean | Date;

/** What `lit` takes. */
export type WrittenConstant = Constant | null | readonly JsonValue[];

/** @throws AsofError BAD_DEFINITION for what has no type of its own */
export function constantType(value: WrittenConstant): ValueType {
  switch (typeof value) {
    case 'boolean':
      return { kind: 'bool' };
    case 'number':
      return Number.isInteger(value) ? { kind: 'int64' } : { kind: 'float64' };
    case 'bigint':
      return { kind: 'int64' };
    case 'string':
      return { kind: 'string' };
    default:
      if (value instanceof Date) return { kind: 'timestamp' };
      throw new AsofError('BAD_DEFINITION', 'is no operand', {
        path: 'an expression',
        expected: 'another expression, or a constant: text, a number, true, false or a Date',
        got: describeInput(value),
        remedy: 'Ask for NULL with isNull(); a list or a NULL takes its type from lit(value, t.…).',
      });
  }
}

export function constantJson(value: WrittenConstant): JsonValue {
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  return value;
}
