import { inferTypes } from '../expressions/infer.ts';
import { leavesOf } from '../expressions/leaves.ts';
import { columnScope, derivedScope } from '../expressions/scope.ts';
import type { UserFunctionScope } from '../expressions/user-functions.ts';
import type { ValueType } from '../values/types.ts';
import { inferAggregate } from './aggregate-types.ts';
import type { AggregateDefinition, FeatureDefinition, FeatureViewDefinition, SourceDefinition } from './model.ts';
import type { Problems } from './problems.ts';
import { numericKinds, typeText } from './value-types.ts';

type DerivedDefinition = Extract<FeatureDefinition, { readonly kind: 'derived' }>;

/** A longer chain of derived features is refused before it exhausts a stack, ours or an engine's, or whoever reads it. */
const longestChain = 16;

interface FeatureContext {
  readonly problems: Problems;
  /** What expressions may call. */
  readonly functions: UserFunctionScope;
}

/** The types of a view's features by name. One that is wrong is not among them, and its problems were added. */
export function featureTypes(
  view: FeatureViewDefinition,
  source: SourceDefinition,
  { problems, functions }: FeatureContext,
): ReadonlyMap<string, ValueType> {
  const byName = new Map(view.features.map((feature) => [feature.name, feature]));
  const types = new Map<string, ValueType>();
  const done = new Set<string>();
  const chain: string[] = [];

  const infer = (feature: FeatureDefinition): void => {
    const { name } = feature;
    if (done.has(name)) return;
    const place = { path: `views.${view.name}.features.${name}`, problems };
    const type =
      feature.kind === 'derived' ? derived(feature, place) : inferRead(feature, source, { ...place, functions });
    done.add(name);
    if (type !== null) types.set(name, type);
  };

  const derived = (feature: DerivedDefinition, { path }: Place): ValueType | null => {
    const { name, expression } = feature;
    const place = { path: `${path}.expression`, problems };
    if (chain.includes(name)) {
      problems.add(place.path, 'is derived from itself', {
        expected: 'features that do not lead back to it',
        got: [...chain.slice(chain.indexOf(name)), name].join(' → '),
        remedy: 'Take one of them out of the circle.',
      });
      return null;
    }
    if (chain.length >= longestChain) {
      problems.add(place.path, 'is at the end of too long a chain of derived features', {
        expected: `at most ${longestChain}`,
      });
      return null;
    }
    const leaves = leavesOf(expression);
    if (leaves.length === 0) {
      problems.add(place.path, 'reads nothing', {
        expected: `another feature${source.kind === 'rows' ? ', or a column' : ''}`,
        remedy: 'A constant is no feature: write it where it is used.',
      });
      return null;
    }
    chain.push(name);
    const read = leaves.flatMap((leaf) => (leaf.op === 'feature' ? (byName.get(leaf.feature) ?? []) : []));
    read.forEach(infer);
    chain.pop();
    // What is wrong with an input was said there.
    if (read.some((input) => !types.has(input.name))) return null;
    const siblings = view.features.flatMap((one) => {
      const type = types.get(one.name);
      return type === undefined ? [] : [{ name: one.name, type }];
    });
    const columns = source.kind === 'rows' ? source.fields : null;
    const scope = derivedScope({ features: siblings, columns }, functions);
    return inferTypes(expression, scope, place)?.type ?? null;
  };

  view.features.forEach(infer);
  return types;
}

interface Place extends Pick<FeatureContext, 'problems'> {
  readonly path: string;
}

type ReadPlace = Place & FeatureContext;

function inferRead(
  feature: Exclude<FeatureDefinition, DerivedDefinition>,
  source: SourceDefinition,
  place: ReadPlace,
): ValueType | null {
  const { path, problems } = place;
  if ((feature.kind === 'column') !== (source.kind === 'rows')) {
    problems.add(path, `does not fit the source "${source.name}"`, {
      expected: source.kind === 'rows' ? 'a column of its rows, as in col("city")' : 'an aggregate over its events',
      got: feature.kind === 'column' ? `the column ${feature.column}` : `an ${feature.kind}`,
      remedy: 'Row sources hold state, and events are aggregated; derive the rest from those features.',
    });
    return null;
  }
  switch (feature.kind) {
    case 'column': {
      const field = source.fields.find(({ name }) => name === feature.column);
      const columns = source.fields.map(({ name }) => name);
      if (field === undefined) problems.addUnknown(`${path}.column`, 'column', feature.column, columns);
      return field?.type ?? null;
    }
    case 'aggregate':
      return inferAggregate(feature.aggregate, {
        scope: columnScope(source.fields, place.functions),
        path: `${path}.aggregate`,
        problems,
      });
    case 'ratio': {
      const top = inferRatioPart(feature.numerator, source, { ...place, path: `${path}.numerator` });
      const bottom = inferRatioPart(feature.denominator, source, { ...place, path: `${path}.denominator` });
      return top && bottom ? { kind: 'float64' } : null;
    }
  }
}

function inferRatioPart(aggregate: AggregateDefinition, source: SourceDefinition, place: ReadPlace): boolean {
  const scope = columnScope(source.fields, place.functions);
  const type = inferAggregate(aggregate, { ...place, scope });
  if (type === null) return false;
  if (numericKinds.includes(type.kind)) return true;
  place.problems.add(place.path, 'is no number', { expected: numericKinds.join(', '), got: typeText(type) });
  return false;
}
