import { columnsRead } from '../definitions/columns-read.ts';
import type { CompiledFeature, CompiledSource, DerivedInput } from '../definitions/compiled.ts';
import { featureTypes } from '../definitions/feature-types.ts';
import type { FeatureDefinition, FeatureViewDefinition } from '../definitions/model.ts';
import { createProblems } from '../definitions/problems.ts';
import { compileInScope } from '../expressions/compile.ts';
import { leavesOf } from '../expressions/leaves.ts';
import { derivedScope } from '../expressions/scope.ts';
import type { UserFunctionScope } from '../expressions/user-functions.ts';
import type { Field, ValueType } from '../values/types.ts';

export type DerivedDefinition = Extract<FeatureDefinition, { readonly kind: 'derived' }>;

/** Compiles the derived features of one view. BAD_DEFINITION when they do not fit the rest of it. */
export function createDerivedCompiler(
  view: FeatureViewDefinition,
  source: CompiledSource,
  { columns, functions }: { readonly columns: readonly number[]; readonly functions: UserFunctionScope },
): (feature: DerivedDefinition, path: string) => Omit<Extract<CompiledFeature, { kind: 'derived' }>, 'defaultValue'> {
  const names = view.features.map(({ name }) => name);
  let types: ReadonlyMap<string, ValueType> | null = null;
  const typed = (name: string): Field => {
    types ??= typesOf(view, source, functions);
    return { name, type: types.get(name)! };
  };
  return ({ name, expression: tree }, path) => {
    const leaves = leavesOf(tree);
    const features = names.filter((other) => leaves.some((leaf) => leaf.op === 'feature' && leaf.feature === other));
    const kept = columns.filter((column, index) => {
      const isFirst = columns.indexOf(column) === index;
      return isFirst && leaves.some((leaf) => leaf.op === 'col' && leaf.name === source.fields[column]?.name);
    });
    const read = { features: features.map(typed), columns: kept.map((column) => source.fields[column]!) };
    const expression = compileInScope(tree, derivedScope(read, functions), `${path}.expression`);
    const inputs: DerivedInput[] = [
      ...read.features.map(
        ({ name: other, type }) => ({ kind: 'feature', feature: names.indexOf(other), type }) as const,
      ),
      ...kept.map((column) => {
        return { kind: 'column', column: columns.indexOf(column), type: source.fields[column]!.type } as const;
      }),
    ];
    return { kind: 'derived', name, type: expression.type, expression, inputs };
  };
}

function typesOf(
  view: FeatureViewDefinition,
  source: CompiledSource,
  functions: UserFunctionScope,
): ReadonlyMap<string, ValueType> {
  const problems = createProblems();
  const types = featureTypes(view, source.definition, { problems, functions });
  problems.throwIfAny();
  return types;
}

/** What is kept of a row; see `CompiledView.columns`. */
export function keptColumns(view: FeatureViewDefinition, source: CompiledSource): readonly number[] {
  if (source.kind === 'events') return [];
  const ofKind = (isDerived: boolean) =>
    view.features
      .filter(({ kind }) => (kind === 'derived') === isDerived)
      .flatMap(columnsRead)
      .map(({ column }) => source.fields.findIndex(({ name }) => name === column));
  // A column that two column features read stands twice: each state has the values of its column features first.
  const ofFeatures = ofKind(false);
  const others = ofKind(true).filter((column) => column >= 0 && !ofFeatures.includes(column));
  return [...ofFeatures, ...new Set(others)];
}
