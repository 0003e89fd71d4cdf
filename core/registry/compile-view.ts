import { inferAggregate } from '../definitions/aggregate-types.ts';
import { canonicalJson } from '../definitions/canonical-json.ts';
import type { Accumulator, CompiledFeature, CompiledSource, CompiledView } from '../definitions/compiled.ts';
import type {
  AggregateDefinition,
  EntityDefinition,
  FeatureDefinition,
  FeatureViewDefinition,
  SourceDefinition,
} from '../definitions/model.ts';
import { createProblems } from '../definitions/problems.ts';
import { AsofError } from '../errors/asof-error.ts';
import { compileInScope } from '../expressions/compile.ts';
import { literalValue } from '../expressions/literals.ts';
import { columnScope, type ExpressionScope } from '../expressions/scope.ts';
import type { UserFunctionScope } from '../expressions/user-functions.ts';
import { parseDuration } from '../time/duration.ts';
import { second } from '../time/windows.ts';
import type { Value, ValueType } from '../values/types.ts';
import { createDerivedCompiler, keptColumns } from './compile-derived.ts';

export function compileSource(definition: SourceDefinition): CompiledSource {
  const isEvents = definition.kind === 'events';
  return {
    name: definition.name,
    kind: definition.kind,
    definition,
    fields: definition.fields,
    latenessMillis: isEvents ? parseDuration(definition.lateness) : 0,
    futureToleranceMillis: isEvents ? parseDuration(definition.futureTolerance) : 0,
  };
}

/** The source as a view reads it that opted out of the known-at rule. */
export function keepingUncreated(source: CompiledSource): CompiledSource {
  const { definition } = source;
  const isDeclared = definition.kind === 'rows' && definition.createdTime !== undefined;
  return isDeclared ? { ...source, keepsUncreated: true } : source;
}

/** What a view's version is compiled from. */
export interface ViewParts {
  readonly definition: FeatureViewDefinition;
  readonly version: number;
  readonly hash: string;
  /** null = the view has no key. */
  readonly entity: EntityDefinition | null;
  readonly source: CompiledSource;
  readonly functions: UserFunctionScope;
}

/** BAD_DEFINITION when its parts do not fit each other. */
export function compileView({ definition, version, hash, entity, source, functions }: ViewParts): CompiledView {
  const path = `views.${definition.name}`;
  const accumulators = createAccumulators(columnScope(source.fields, functions));
  const columns = keptColumns(definition, source);
  const compileDerived = createDerivedCompiler(definition, source, { columns, functions });
  const features = definition.features.map((feature) =>
    compileFeature(feature, { source, accumulators, compileDerived, path: `${path}.features.${feature.name}` }),
  );
  return {
    name: definition.name,
    version,
    hash,
    kind: source.kind === 'events' ? 'aggregate' : 'rows',
    entity: definition.entity ?? null,
    key: (entity?.key ?? []).map(({ name, type }) => ({
      name,
      type,
      column: columnIndex(source, definition.key[name] ?? name, `${path}.key.${name}`),
    })),
    source: definition.knownAt === false ? keepingUncreated(source) : source,
    features,
    columns,
    accumulators: accumulators.list,
    grainMillis: millis(definition.grain) ?? second,
    delayMillis: millis(definition.delay) ?? 0,
    maxAgeMillis: millis(definition.maxAge),
    retentionMillis: millis(definition.retention),
    freshnessMillis: millis(definition.freshness),
    knownAt: definition.knownAt ?? true,
    online: definition.online ?? true,
    offline: definition.offline ?? true,
  };
}

function millis(duration: string | undefined): number | null {
  return duration === undefined ? null : parseDuration(duration);
}

function columnIndex(source: CompiledSource, column: string, path: string): number {
  const index = source.fields.findIndex(({ name }) => name === column);
  if (index >= 0) return index;
  const problems = createProblems();
  problems.addUnknown(
    path,
    'column',
    column,
    source.fields.map(({ name }) => name),
  );
  problems.throwIfAny();
  return index;
}

interface FeaturePlace {
  readonly source: CompiledSource;
  readonly accumulators: Accumulators;
  readonly compileDerived: ReturnType<typeof createDerivedCompiler>;
  readonly path: string;
}

function compileFeature(feature: FeatureDefinition, place: FeaturePlace): CompiledFeature {
  const { source, accumulators, path } = place;
  const { name } = feature;
  switch (feature.kind) {
    case 'column': {
      const column = columnIndex(source, feature.column, `${path}.column`);
      const { type } = source.fields[column]!;
      return { kind: 'column', name, type, column, defaultValue: defaultOf(feature, type, path) };
    }
    case 'aggregate': {
      const accumulator = accumulators.indexOf(feature.aggregate, `${path}.aggregate`);
      const { type } = accumulators.list[accumulator]!;
      const windowMillis = windowOf(feature.window);
      return { kind: 'aggregate', name, type, accumulator, windowMillis, defaultValue: defaultOf(feature, type, path) };
    }
    case 'ratio': {
      const type: ValueType = { kind: 'float64' };
      return {
        kind: 'ratio',
        name,
        type,
        numerator: accumulators.indexOf(feature.numerator, `${path}.numerator`),
        denominator: accumulators.indexOf(feature.denominator, `${path}.denominator`),
        windowMillis: windowOf(feature.window),
        defaultValue: defaultOf(feature, type, path),
      };
    }
    case 'derived': {
      const derived = place.compileDerived(feature, path);
      return { ...derived, defaultValue: defaultOf(feature, derived.type, path) };
    }
  }
}

function windowOf(window: string): number | null {
  return window === 'lifetime' ? null : parseDuration(window);
}

/** null = none declared. BAD_DEFINITION for one that the type cannot hold. */
export function defaultOf(feature: { readonly default?: unknown }, type: ValueType, path: string): Value {
  if (feature.default === undefined) return null;
  const value = literalValue(type, feature.default);
  if (value === undefined) {
    throw new AsofError('BAD_DEFINITION', 'does not fit the feature', {
      path: `${path}.default`,
      expected: type.kind,
      got: JSON.stringify(feature.default) ?? 'nothing',
    });
  }
  return value;
}

interface Accumulators {
  readonly list: readonly Accumulator[];
  /** Of the aggregation, made where none of the view's features had it yet. */
  indexOf(definition: AggregateDefinition, path: string): number;
}

function createAccumulators(scope: ExpressionScope): Accumulators {
  const list: Accumulator[] = [];
  const indexes = new Map<string, number>();
  return {
    list,
    indexOf(definition, path) {
      const identity = canonicalJson(definition);
      const known = indexes.get(identity);
      if (known !== undefined) return known;
      const problems = createProblems();
      const type = inferAggregate(definition, { scope, path, problems });
      problems.throwIfAny();
      const compiled = (tree: AggregateDefinition['input'], part: string) =>
        tree === undefined ? null : compileInScope(tree, scope, `${path}.${part}`);
      indexes.set(identity, list.length);
      return (
        list.push({
          definition,
          input: compiled(definition.input, 'input'),
          where: compiled(definition.where, 'where'),
          by: compiled(definition.by?.expression, 'by'),
          type: type!,
        }) - 1
      );
    },
  };
}
