import type { Expression, ExpressionOperator } from '../definitions/model.ts';
import type { Problems } from '../definitions/problems.ts';
import { numericKinds, typeText } from '../definitions/value-types.ts';
import type { ValueType } from '../values/types.ts';
import { expressionFunctions } from './functions.ts';
import { literalValue } from './literals.ts';
import { isDecimal } from './numbers.ts';
import type { ExpressionScope } from './scope.ts';
import type { TypedExpression } from './typed.ts';

/** Deeper trees are refused before they exhaust the stack. */
const maxDepth = 200;

/**
 * Resolves names and checks types. Null when something is wrong; every problem was added with the path inside
 * the tree, as in `views.v.features.f.where.args[0]`.
 */
export function inferTypes(
  tree: Expression,
  scope: ExpressionScope,
  { path, problems }: { readonly path: string; readonly problems: Problems },
): TypedExpression | null {
  return inferNode(tree, { scope, problems, path, depth: 0 });
}

interface Place {
  readonly scope: ExpressionScope;
  readonly problems: Problems;
  readonly path: string;
  readonly depth: number;
}

function inferNode(tree: Expression, place: Place): TypedExpression | null {
  const { problems, path, depth } = place;
  if (depth > maxDepth) {
    problems.add(path, 'the expression is nested too deeply', { expected: `at most ${maxDepth} levels` });
    return null;
  }
  switch (tree.op) {
    case 'col':
    case 'feature':
    case 'request': {
      const found = place.scope.resolve(tree, path, problems);
      return found === null ? null : { kind: 'input', ...found };
    }
    case 'lit':
      return literal(tree.type, tree.value, place);
    default:
      return call(tree.op, tree.args, place);
  }
}

function literal(type: ValueType, value: unknown, { path, problems }: Place): TypedExpression | null {
  const parsed = literalValue(type, value);
  if (parsed !== undefined) return { kind: 'literal', type, value: parsed };
  problems.add(path, 'the literal does not fit its type', {
    expected: typeText(type),
    got: JSON.stringify(value) ?? 'nothing',
  });
  return null;
}

function call(op: ExpressionOperator, trees: readonly Expression[], place: Place): TypedExpression | null {
  const definition = expressionFunctions[op];
  const { problems, path } = place;
  if (trees.length < definition.minArgs || trees.length > definition.maxArgs) {
    problems.add(path, `"${op}" has the wrong number of arguments`, {
      expected: arity(definition.minArgs, definition.maxArgs),
      got: String(trees.length),
    });
    return null;
  }
  const inferred = trees.map((tree, index) =>
    inferNode(tree, { ...place, path: `${path}.args[${index}]`, depth: place.depth + 1 }),
  );
  const present = inferred.filter((arg) => arg !== null);
  if (present.length < inferred.length) return null;
  const args = adaptLiterals(present, trees, definition.literals);
  const result = definition.resultType(args.map((arg) => arg.type));
  if (typeof result === 'string') {
    problems.add(path, `"${op}" does not take these types`, {
      expected: result,
      got: args.map((arg) => typeText(arg.type)).join(', '),
      remedy: 'There are no implicit conversions; give a literal its type with lit(value, t.…).',
    });
    return null;
  }
  return { kind: 'call', op, args, type: result };
}

function arity(min: number, max: number): string {
  if (min === max) return String(min);
  return max === Number.POSITIVE_INFINITY ? `at least ${min}` : `${min} to ${max}`;
}

/** Integer literals take the numeric type of the first operand that is none; nothing else ever adapts. */
function adaptLiterals(
  args: readonly TypedExpression[],
  trees: readonly Expression[],
  mode: 'same' | 'arithmetic' | 'asWritten',
): readonly TypedExpression[] {
  if (mode === 'asWritten') return args;
  const integerLiteral = (index: number) => {
    const tree = trees[index]!;
    return tree.op === 'lit' && tree.type.kind === 'int64';
  };
  const target = args.find((arg, index) => !integerLiteral(index) && numericKinds.includes(arg.type.kind))?.type;
  if (target === undefined || target.kind === 'int64') return args;
  return args.map((arg, index) =>
    integerLiteral(index) && arg.kind === 'literal' ? (adapted(arg, target, mode) ?? arg) : arg,
  );
}

/** Null when the integer does not fit: the types then differ, which is reported. */
function adapted(
  { value }: Extract<TypedExpression, { kind: 'literal' }>,
  target: ValueType,
  mode: 'same' | 'arithmetic',
): TypedExpression | null {
  const type =
    mode === 'arithmetic' && isDecimal(target) && value !== null
      ? ({ kind: 'decimal', precision: Math.max(1, String(value).replace('-', '').length), scale: 0 } as const)
      : target;
  const fitted = literalValue(type, type.kind === 'float64' && value !== null ? Number(value) : value);
  return fitted === undefined ? null : { kind: 'literal', type, value: fitted };
}
