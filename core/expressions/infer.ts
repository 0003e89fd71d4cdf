import type { Expression } from '../definitions/model.ts';
import type { ExpressionOperator } from '../definitions/operators.ts';
import type { Problems } from '../definitions/problems.ts';
import { sameType, typeText } from '../definitions/value-types.ts';
import type { ValueType } from '../values/types.ts';
import { adaptLiterals } from './adapt-literals.ts';
import { arityText, isRefusal, type NamedParameter, parametersFor } from './function.ts';
import { expressionFunctions } from './functions.ts';
import { literalValue } from './literals.ts';
import { printExpression } from './print.ts';
import { constantProblem, type RefusalText, typeProblem, typesProblem } from './refusals.ts';
import type { ExpressionScope } from './scope.ts';
import { includesType } from './type-sets.ts';
import type { TypedExpression } from './typed.ts';
import type { UserCallTree } from './user-functions.ts';

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
    case 'call':
      return userCall(tree, place);
    default:
      return call(tree.op, tree.args, place);
  }
}

function inferArguments(trees: readonly Expression[], place: Place): readonly TypedExpression[] | null {
  const inferred = trees.map((tree, index) =>
    inferNode(tree, { ...place, path: `${place.path}.args[${index}]`, depth: place.depth + 1 }),
  );
  const present = inferred.filter((arg) => arg !== null);
  return present.length < inferred.length ? null : present;
}

/** A user's function takes exactly the types that it declares. */
function userCall(tree: UserCallTree, place: Place): TypedExpression | null {
  const { problems, path } = place;
  const bound = place.scope.functions.resolve(tree, path, problems);
  const args = inferArguments(tree.args, place);
  if (bound === null || args === null) return null;
  const { name, args: declared, returns } = bound.definition;
  if (args.length !== declared.length) {
    problems.add(path, `${name} takes other arguments`, {
      expected: declared.map((one) => `${one.name}: ${typeText(one.type)}`).join(', '),
      got: args.length === 0 ? 'none' : args.map(({ type }) => typeText(type)).join(', '),
    });
    return null;
  }
  const wrong = declared.filter((one, index) => !sameType(one.type, args[index]!.type));
  for (const one of wrong) {
    const index = declared.indexOf(one);
    report(problems, `${path}.args[${index}]`, {
      message: `is not what ${name} takes as "${one.name}"`,
      expected: typeText(one.type),
      got: typeText(args[index]!.type),
      remedy: 'There are no implicit conversions; give a literal its type with lit(value, t.…).',
    });
  }
  return wrong.length > 0 ? null : { kind: 'userCall', ...bound, args, type: returns };
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
  const parameters = parametersFor(definition, trees.length);
  if (parameters === null) {
    problems.add(path, `"${op}" has the wrong number of arguments`, {
      expected: arityText(definition),
      got: String(trees.length),
    });
    return null;
  }
  const inferred = inferArguments(trees, place);
  if (inferred === null) return null;
  const args = adaptLiterals(inferred, parameters, definition.literals);
  let isFit = true;
  for (let index = 0; index < args.length; index++) {
    if (fitsParameter(args[index]!, parameters[index]!)) continue;
    isFit = false;
    const misfit = { arg: args[index]!, parameter: parameters[index]!, tree: trees[index]! };
    report(problems, `${path}.args[${index}]`, refusalOf(op, misfit));
  }
  if (!isFit) return null;
  const result = definition.resultType(args);
  if (!isRefusal(result)) return { kind: 'call', op, args, type: result };
  const { argument, expected } = result;
  if (argument === undefined) {
    const got = args.map((arg) => typeText(arg.type)).join(', ');
    report(problems, path, typesProblem({ op, expected, got }));
  } else {
    const refused = { op, name: parameters[argument]!.name, expected, got: printExpression(trees[argument]!) };
    report(problems, `${path}.args[${argument}]`, constantProblem(refused));
  }
  return null;
}

function fitsParameter(arg: TypedExpression, { takes, constant }: NamedParameter): boolean {
  if (!includesType(takes, arg.type)) return false;
  if (constant === undefined) return true;
  return arg.kind === 'literal' && arg.value !== null && constant.accepts(arg.value, arg.type);
}

interface Misfit {
  readonly arg: TypedExpression;
  readonly parameter: NamedParameter;
  readonly tree: Expression;
}

/** What is wrong with one argument by itself. */
function refusalOf(op: ExpressionOperator, { arg, parameter, tree }: Misfit): RefusalText {
  const { name, takes, constant } = parameter;
  const isWritten = constant === undefined || arg.kind === 'literal';
  if (isWritten && !includesType(takes, arg.type)) {
    return typeProblem({ op, name, expected: takes.text, got: typeText(arg.type) });
  }
  return constantProblem({ op, name, expected: `a literal: ${constant!.text}`, got: printExpression(tree) });
}

function report(problems: Problems, path: string, { message, ...details }: RefusalText): void {
  problems.add(path, message, details);
}
