import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { valuesOfType } from '../../test/property/values-of-type.ts';
import type { Expression, JsonValue } from '../definitions/model.ts';
import { expressionOperators } from '../definitions/operators.ts';
import { toJson } from '../values/json.ts';
import { parseValue } from '../values/parse.ts';
import type { Field, Value } from '../values/types.ts';
import { compileExpression } from './compile.ts';
import { type LiteralNode, parametersFor, strictNulls } from './function.ts';
import { expressionFunctions } from './functions.ts';
import { printExpression } from './print.ts';
import { type Signature, signaturesOf } from './signatures.ts';

/** Calls the function with literals, as they stand in the example. */
function withLiterals(tree: Expression): JsonValue {
  const compiled = compileExpression(tree, [], 'f');
  return toJson(compiled.type, compiled.evaluate([])) as JsonValue;
}

/** Calls it with columns in place of all literals that need not be constant. */
function withColumns(op: Signature['op'], args: readonly Expression[]): JsonValue {
  const parameters = parametersFor(expressionFunctions[op], args.length)!;
  const literals = args as readonly LiteralNode[];
  const adapts = new Set(literals.map(({ type }) => type.kind)).size > 1;
  const columns: Field[] = [];
  const row: Value[] = [];
  const trees = literals.map((literal, index): Expression => {
    // An integer beside another number stays: a column does not adapt.
    if (parameters[index]!.constant !== undefined || (adapts && literal.type.kind === 'int64')) return literal;
    columns.push({ name: `x${index}`, type: literal.type });
    row.push(parseValue(literal.type, literal.value, 'example'));
    return { op: 'col', name: `x${index}` };
  });
  const compiled = compileExpression({ op, args: trees }, columns, 'f');
  return toJson(compiled.type, compiled.evaluate(row)) as JsonValue;
}

describe.each(expressionOperators)('%s', (op) => {
  const definition = expressionFunctions[op];
  const { documentation } = definition;
  const signatures = signaturesOf(op);

  it('is documented', () => {
    expect(documentation.examples.length).toBeGreaterThanOrEqual(2);
    for (const sentence of [documentation.summary, documentation.nulls, documentation.bounds]) {
      expect(sentence).toMatch(/^\S.*[.?]$/s);
    }
    expect(documentation.gives).not.toBe('');
  });

  it.each(documentation.examples.map(([args, result]) => ({ call: printExpression({ op, args }), args, result })))(
    '$call is $result',
    ({ args, result }) => {
      expect(withLiterals({ op, args })).toEqual(result);
      expect(withColumns(op, args)).toEqual(result);
    },
  );

  it('can be called', () => expect(signatures).not.toHaveLength(0));

  it('gives NULL or a value of its type, and follows its rule for NULL', () => {
    const isStrict = documentation.nulls.startsWith(strictNulls);
    fc.assert(
      fc.property(callOf(signatures), ({ signature, row }) => {
        const { evaluate, type } = compiledSignature(signature);
        expect(type).toEqual(signature.result);
        const result = evaluate(row);
        expect(parseValue(type, result, 'result')).toEqual(result);
        if (isStrict && row.includes(null)) expect(result).toBe(null);
      }),
      { numRuns: 200 },
    );
  });
});

/** A random signature and a row of values of its arguments. */
function callOf(signatures: readonly Signature[]) {
  return fc
    .constantFrom(...signatures)
    .chain((signature) =>
      fc
        .tuple(
          ...signature.args.flatMap((arg) =>
            arg.kind === 'value' ? [fc.option(valuesOfType(arg.type), { nil: null, freq: 12 })] : [],
          ),
        )
        .map((row) => ({ signature, row })),
    );
}

function compiledSignature({ op, args }: Signature) {
  const columns: Field[] = [];
  const trees = args.map((arg, index): Expression => {
    if (arg.kind === 'constant') return arg.literal;
    columns.push({ name: `x${index}`, type: arg.type });
    return { op: 'col', name: `x${index}` };
  });
  return compileExpression({ op, args: trees }, columns, 'f');
}
