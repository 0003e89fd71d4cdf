import { inferTypes } from '../expressions/infer.ts';
import type { ExpressionScope } from '../expressions/scope.ts';
import type { TypedExpression } from '../expressions/typed.ts';
import { decimalUnits } from '../values/decimal.ts';
import type { ValueType } from '../values/types.ts';
import type { AggregateDefinition, AggregateFunction, Expression } from './model.ts';
import type { Problems } from './problems.ts';
import {
  allKinds,
  exactKinds,
  identityKinds,
  numericKinds,
  orderedKinds,
  type TypeKind,
  typeText,
} from './value-types.ts';

type Parameter = 'k' | 'cap' | 'q' | 'buckets';

interface AggregateRule {
  /** Empty: no input. */
  readonly inputs: readonly TypeKind[];
  /** Of the value without `by`; for countRows it is called with its own result. */
  readonly result: (input: ValueType) => ValueType;
  readonly parameter?: Parameter;
}

const int64: ValueType = { kind: 'int64' };
const float64: ValueType = { kind: 'float64' };
const same = (input: ValueType): ValueType => input;
const list = (input: ValueType): ValueType => ({ kind: 'list', element: input });
const counted = (): ValueType => int64;

const summable: readonly TypeKind[] = [...exactKinds, 'float64', 'vector'];
const storable = allKinds.filter((kind) => kind !== 'map');
/** Above it, 2^63 values of all nines would leave 128 bits. */
const maxSumPrecision = 28;

function sumType(input: ValueType): ValueType {
  switch (input.kind) {
    case 'int32':
      return int64;
    case 'decimal':
      return { kind: 'decimal', precision: 38, scale: input.scale };
    default:
      return input;
  }
}

const spread: AggregateRule = { inputs: exactKinds, result: () => float64 };

/** SEMANTICS.md, section 4: what each function takes and gives. */
const aggregateRules: Readonly<Record<AggregateFunction, AggregateRule>> = {
  countRows: { inputs: [], result: counted },
  count: { inputs: allKinds, result: counted },
  sum: { inputs: summable, result: sumType },
  avg: { inputs: summable, result: (input) => (input.kind === 'vector' ? input : float64) },
  varSamp: spread,
  varPop: spread,
  stddevSamp: spread,
  stddevPop: spread,
  min: { inputs: orderedKinds, result: same },
  max: { inputs: orderedKinds, result: same },
  first: { inputs: storable, result: same },
  last: { inputs: storable, result: same },
  firstN: { inputs: storable, result: list, parameter: 'k' },
  lastN: { inputs: storable, result: list, parameter: 'k' },
  topK: { inputs: orderedKinds, result: list, parameter: 'k' },
  bottomK: { inputs: orderedKinds, result: list, parameter: 'k' },
  countDistinct: { inputs: identityKinds, result: counted, parameter: 'cap' },
  approxCountDistinct: { inputs: identityKinds, result: counted },
  approxQuantile: { inputs: exactKinds, result: same, parameter: 'q' },
  histogram: {
    inputs: [...exactKinds, 'float64', 'string'],
    result: () => ({ kind: 'map', value: int64 }),
    parameter: 'buckets',
  },
};

interface Place {
  readonly scope: ExpressionScope;
  readonly path: string;
  readonly problems: Problems;
}

/** The type of an aggregate's value; null when something is wrong, and then problems were added. */
export function inferAggregate(definition: AggregateDefinition, place: Place): ValueType | null {
  const before = place.problems.found.length;
  const rule = aggregateRules[definition.function];
  checkParameters(definition, rule, place);
  const input = inputType(definition, rule, place);
  checkCondition(definition.where, place);
  if (definition.by !== undefined) checkCategory(definition.by.expression, place);
  if (input === null || place.problems.found.length > before) return null;
  const value = rule.result(input);
  return definition.by === undefined ? value : { kind: 'map', value };
}

function inputType(definition: AggregateDefinition, rule: AggregateRule, place: Place): ValueType | null {
  const { problems, path } = place;
  if (rule.inputs.length === 0) {
    if (definition.input === undefined) return int64;
    problems.add(`${path}.input`, `${definition.function} takes no input`, { remedy: 'Use count(input).' });
    return null;
  }
  if (definition.input === undefined) {
    problems.add(`${path}.input`, 'is missing', { expected: `an input for ${definition.function}` });
    return null;
  }
  const typed = infer(definition.input, 'input', place);
  if (typed === null) return null;
  const { type } = typed;
  if (definition.function === 'histogram' && !fitsBuckets(definition, type)) {
    problems.add(`${path}.input`, 'does not go with these buckets', {
      expected: definition.edges === undefined ? `categories of ${identityKinds.join(', ')}` : 'edges of numbers',
      got: typeText(type),
    });
    return null;
  }
  const isTooWide = (definition.function === 'sum' || definition.function === 'avg') && isWide(type);
  if (rule.inputs.includes(type.kind) && !isTooWide) return type;
  problems.add(`${path}.input`, `${definition.function} does not take this type`, {
    expected: isTooWide ? `a precision of at most ${maxSumPrecision}` : rule.inputs.join(', '),
    got: typeText(type),
  });
  return null;
}

function fitsBuckets({ edges }: AggregateDefinition, { kind }: ValueType): boolean {
  return edges === undefined ? identityKinds.includes(kind) : numericKinds.includes(kind);
}

function isWide(type: ValueType): boolean {
  return type.kind === 'decimal' && type.precision > maxSumPrecision;
}

function infer(tree: Expression, part: string, { scope, path, problems }: Place): TypedExpression | null {
  return inferTypes(tree, scope, { path: `${path}.${part}`, problems });
}

function checkCondition(where: Expression | undefined, place: Place): void {
  const typed = where === undefined ? null : infer(where, 'where', place);
  if (typed === null || typed.type.kind === 'bool') return;
  place.problems.add(`${place.path}.where`, 'is no condition', { expected: 'bool', got: typeText(typed.type) });
}

function checkCategory(by: Expression, place: Place): void {
  const typed = infer(by, 'by', place);
  if (typed === null || identityKinds.includes(typed.type.kind)) return;
  place.problems.add(`${place.path}.by`, 'cannot be a category', {
    expected: identityKinds.join(', '),
    got: typeText(typed.type),
  });
}

const quantilePattern = /^(?:0?\.\d{1,18}|0|1)$/;

function checkParameters(definition: AggregateDefinition, rule: AggregateRule, { path, problems }: Place): void {
  const given: readonly (readonly [Parameter, boolean])[] = [
    ['k', definition.k !== undefined],
    ['cap', definition.cap !== undefined],
    ['q', definition.q !== undefined],
    ['buckets', definition.edges !== undefined || definition.categories !== undefined],
  ];
  for (const [parameter, isGiven] of given) {
    if (isGiven === (rule.parameter === parameter)) continue;
    problems.add(path, `${definition.function} ${isGiven ? 'takes no' : 'needs'} ${parameterText[parameter]}`);
  }
  if (definition.q !== undefined && !quantilePattern.test(definition.q)) {
    problems.add(`${path}.q`, 'is no quantile', { expected: 'an exact decimal from 0 to 1', got: definition.q });
  }
  if (definition.edges !== undefined) checkEdges(definition.edges, path, problems);
  if (definition.categories !== undefined) checkCategories(definition.categories, path, problems);
  if (definition.edges !== undefined && definition.categories !== undefined) {
    problems.add(path, 'has edges and categories', { remedy: 'Declare one of them.' });
  }
}

const parameterText: Readonly<Record<Parameter, string>> = {
  k: '"k" (how many)',
  cap: '"cap" (exact up to)',
  q: '"q" (the quantile)',
  buckets: '"edges" or "categories"',
};

const edgePattern = /^-?\d{1,20}(?:\.\d{1,18})?$/;

function checkEdges(edges: readonly string[], path: string, problems: Problems): void {
  const isForm = edges.length > 0 && edges.every((edge) => edgePattern.test(edge));
  const units = isForm ? edges.map((edge) => BigInt(decimalUnits(edge, 18) as number | bigint)) : [];
  if (isForm && units.every((unit, index) => index === 0 || units[index - 1]! < unit)) return;
  problems.add(`${path}.edges`, 'are no edges', {
    expected: 'ascending numbers without an exponent',
    got: JSON.stringify(edges),
  });
}

function checkCategories(categories: readonly string[], path: string, problems: Problems): void {
  const isDistinct = new Set(categories).size === categories.length && !categories.includes('other');
  if (isDistinct && categories.length > 0) return;
  problems.add(`${path}.categories`, 'are no categories', {
    expected: 'distinct texts, none of them "other"',
    got: JSON.stringify(categories),
  });
}
