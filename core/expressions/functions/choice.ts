import { sameType } from '../../definitions/value-types.ts';
import type { Value, ValueType } from '../../values/types.ts';
import type { ExpressionFunction, Refusal } from '../function.ts';
import { anything, bool, scalar } from '../type-sets.ts';
import type { TypedExpression } from '../typed.ts';
import { decimal, int64, text, truth } from './literal-nodes.ts';

/** The type that all arguments share. */
export function oneType(args: readonly TypedExpression[]): ValueType | Refusal {
  const first = args[0]!.type;
  return args.every(({ type }) => sameType(type, first)) ? first : { expected: 'values of one type' };
}

export const coalesce: ExpressionFunction = {
  group: 'logic',
  documentation: {
    summary: 'The first that is not NULL.',
    nulls: 'NULL when all are.',
    bounds: 'The values have one type; those behind the first that is not NULL are not computed.',
    gives: "the values' type",
    examples: [
      [[int64(null), int64(7)], 7],
      [[text('ATL'), text('unknown')], 'ATL'],
      [[text(null), text(null)], null],
    ],
  },
  parameters: { x: { takes: anything } },
  repeated: ['x'],
  literals: 'same',
  resultType: oneType,
  compile: (args) => (row) => {
    for (const argument of args) {
      const value = argument(row);
      if (value !== null) return value;
    }
    return null;
  },
};

export const caseWhen: ExpressionFunction = {
  group: 'logic',
  documentation: {
    summary: 'The value behind the first condition that is TRUE, or else the last value.',
    nulls: 'A condition that is NULL is not TRUE. NULL when nothing is TRUE and there is no last value.',
    bounds: 'The values have one type; only the chosen one is computed.',
    gives: "the values' type",
    examples: [
      [[truth(true), text('late'), text('on time')], 'late'],
      [[truth(null), int64(1), truth(true), int64(2)], 2],
      [[truth(false), int64(1)], null],
    ],
  },
  parameters: { condition: { takes: bool }, value: { takes: anything }, otherwise: { takes: anything } },
  optional: 1,
  repeated: ['condition', 'value'],
  literals: 'same',
  resultType: (args) => oneType(args.filter((_, index) => isCaseValue(index, args.length))),
  compile: (args) => (row) => {
    for (let index = 0; index + 1 < args.length; index += 2) {
      if (args[index]!(row) === true) return args[index + 1]!(row);
    }
    return args.length % 2 === 1 ? args[args.length - 1]!(row) : null;
  },
};

function isCaseValue(index: number, count: number): boolean {
  return index % 2 === 1 || index === count - 1;
}

export const isIn: ExpressionFunction = {
  group: 'logic',
  documentation: {
    summary: 'Is it one of the candidates?',
    nulls: 'NULL when `x` is NULL; without a match, NULL when a candidate is NULL.',
    bounds: 'The candidates have the type of `x`.',
    gives: 'bool',
    examples: [
      [[text('ATL'), text('ORD'), text('ATL')], true],
      [[int64(3), int64(1), int64(2)], false],
      [[int64(3), int64(1), int64(null)], null],
      [[decimal('2.00'), int64(2)], true],
    ],
  },
  parameters: { x: { takes: scalar }, candidate: { takes: scalar } },
  repeated: ['candidate'],
  literals: 'same',
  resultType(args) {
    const type = oneType(args);
    return 'expected' in type ? { expected: 'a value and candidates of its type' } : { kind: 'bool' };
  },
  compile: ([argument, ...candidates]) => {
    const test = argument!;
    return (row) => {
      const value = test(row);
      if (value === null) return null;
      let result: Value = false;
      for (const candidate of candidates) {
        const other = candidate(row);
        if (other === value) return true;
        if (other === null) result = null;
      }
      return result;
    };
  },
};
