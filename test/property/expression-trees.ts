import fc from 'fast-check';
import type { Expression } from '../../core/definitions/model.ts';
import { expressionOperators } from '../../core/definitions/operators.ts';
import { sameType, t, typeText } from '../../core/definitions/value-types.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import { compileExpression } from '../../core/expressions/compile.ts';
import { type Signature, sampleTypes, signaturesOf } from '../../core/expressions/signatures.ts';
import { toJson } from '../../core/values/json.ts';
import type { Field, ValueType } from '../../core/values/types.ts';
import { valuesOfType } from './values-of-type.ts';

/** The types of columns: the samples, and a decimal for each integer that DuckDB keeps one in. */
export const columnTypes: readonly ValueType[] = [
  ...sampleTypes,
  t.decimal(4, 1),
  t.decimal(18, 0),
  t.decimal(38, 10),
  t.list(t.float64),
];

const signatures: readonly Signature[] = expressionOperators.flatMap((op) => signaturesOf(op, columnTypes));

type ByOperator = ReadonlyMap<string, readonly Signature[]>;

function byOperator(found: readonly Signature[]): ByOperator {
  const groups = new Map<string, Signature[]>();
  for (const signature of found) {
    const group = groups.get(signature.op);
    if (group === undefined) groups.set(signature.op, [signature]);
    else group.push(signature);
  }
  return groups;
}

const all = byOperator(signatures);

/** The ways to get a value of a type, by the function that gives it. */
const givers = new Map<string, ByOperator>(
  columnTypes.map((type) => [typeText(type), byOperator(signatures.filter(({ result }) => sameType(result, type)))]),
);

/**
 * Random well-typed trees over these columns, drawn from the table of functions: each function is the outermost equally
 * often, and a new one is drawn as soon as it has its row.
 */
export function expressionTree(columns: readonly Field[], depth: number): fc.Arbitrary<Expression> {
  return callOfAny(all, columns, depth).filter((tree) => isWellTyped(tree, columns));
}

function callOfAny(ways: ByOperator, columns: readonly Field[], depth: number): fc.Arbitrary<Expression> {
  return fc
    .constantFrom(...ways.keys())
    .chain((op) => fc.constantFrom(...ways.get(op)!))
    .chain((signature) => callOf(signature, columns, depth));
}

function callOf({ op, args }: Signature, columns: readonly Field[], depth: number): fc.Arbitrary<Expression> {
  const parts = args.map((arg) =>
    arg.kind === 'constant' ? fc.constant<Expression>(arg.literal) : treeOf(arg.type, columns, depth - 1),
  );
  return fc.tuple(...parts).map((drawn): Expression => ({ op, args: drawn }));
}

function treeOf(type: ValueType, columns: readonly Field[], depth: number): fc.Arbitrary<Expression> {
  const ways = givers.get(typeText(type));
  if (depth <= 0 || ways === undefined || ways.size === 0) return leafOf(type, columns);
  return fc.oneof(
    { weight: 2, arbitrary: leafOf(type, columns) },
    { weight: 3, arbitrary: callOfAny(ways, columns, depth) },
  );
}

function leafOf(type: ValueType, columns: readonly Field[]): fc.Arbitrary<Expression> {
  const literal = fc
    .option(valuesOfType(type), { nil: null, freq: 12 })
    .map((value): Expression => ({ op: 'lit', type, value: toJson(type, value) as string | number | null }));
  const names = columns.filter((column) => sameType(column.type, type)).map(({ name }) => name);
  if (names.length === 0) return literal;
  const column = fc.constantFrom(...names).map((name): Expression => ({ op: 'col', name }));
  return fc.oneof({ weight: 4, arbitrary: column }, { weight: 1, arbitrary: literal });
}

/** Literals adapt to what stands beside them, and some are refused: not every tree of fitting types is one. */
function isWellTyped(tree: Expression, columns: readonly Field[]): boolean {
  try {
    compileExpression(tree, columns, 'drawn');
    return true;
  } catch (error) {
    if (error instanceof AsofError && error.code === 'BAD_DEFINITION') return false;
    throw error;
  }
}
