import type { Value, ValueType } from '../../values/types.ts';
import type { Example, ExpressionFunction } from '../function.ts';
import { anything, bool } from '../type-sets.ts';
import { int64, text, truth } from './literal-nodes.ts';
import { strictUnary } from './strict.ts';

const boolType: ValueType = { kind: 'bool' };

/** AND is decided by the first FALSE, OR by the first TRUE; undecided, a NULL makes it NULL. */
function connective(decisive: boolean, documented: Connective): ExpressionFunction {
  return {
    group: 'logic',
    documentation: { ...documented, bounds: 'Three-valued logic.', gives: 'bool' },
    parameters: { a: { takes: bool }, b: { takes: bool } },
    repeated: ['b'],
    literals: 'asWritten',
    resultType: () => boolType,
    compile: (args) => (row) => {
      let result: Value = !decisive;
      for (const argument of args) {
        const value = argument(row);
        if (value === decisive) return decisive;
        if (value === null) result = null;
      }
      return result;
    },
  };
}

interface Connective {
  readonly summary: string;
  readonly nulls: string;
  readonly examples: readonly Example[];
}

export const and = connective(false, {
  summary: 'Are all of them TRUE?',
  nulls: 'FALSE when one is FALSE; else NULL when one is NULL.',
  examples: [
    [[truth(true), truth(true)], true],
    [[truth(null), truth(false)], false],
    [[truth(true), truth(null), truth(true)], null],
  ],
});

export const or = connective(true, {
  summary: 'Is one of them TRUE?',
  nulls: 'TRUE when one is TRUE; else NULL when one is NULL.',
  examples: [
    [[truth(false), truth(false)], false],
    [[truth(null), truth(true)], true],
    [[truth(false), truth(null)], null],
  ],
});

export const not: ExpressionFunction = {
  group: 'logic',
  documentation: {
    summary: 'The opposite.',
    nulls: 'NULL stays NULL.',
    bounds: 'Three-valued logic.',
    gives: 'bool',
    examples: [
      [[truth(true)], false],
      [[truth(null)], null],
    ],
  },
  parameters: { a: { takes: bool } },
  literals: 'asWritten',
  resultType: () => boolType,
  compile: ([argument]) => strictUnary(argument!, (value) => !value),
};

function nullTest(whenNull: boolean, documented: Pick<Connective, 'summary' | 'examples'>): ExpressionFunction {
  return {
    group: 'logic',
    documentation: { ...documented, nulls: 'Never NULL.', bounds: 'Takes values of any type.', gives: 'bool' },
    parameters: { x: { takes: anything } },
    literals: 'asWritten',
    resultType: () => boolType,
    compile:
      ([argument]) =>
      (row) =>
        (argument!(row) === null) === whenNull,
  };
}

export const isNull = nullTest(true, {
  summary: 'Is it NULL?',
  examples: [
    [[int64(null)], true],
    [[text('')], false],
  ],
});

export const isNotNull = nullTest(false, {
  summary: 'Is there a value?',
  examples: [
    [[int64(0)], true],
    [[text(null)], false],
  ],
});
