import type { CompiledFeature, CompiledOnDemandFeature } from '../../core/definitions/compiled.ts';
import type { BatchLocation, Described, FeatureDefinition, SourceDefinition } from '../../core/definitions/model.ts';
import { typeText } from '../../core/definitions/value-types.ts';
import { printExpression } from '../../core/expressions/print.ts';
import type { RegistryKind } from '../../core/ports/registry-store.ts';
import type { VersionOf } from '../../core/registry/snapshot.ts';
import type { Field } from '../../core/values/types.ts';
import { describeFeature } from './transformation.ts';

/** The facts that all kinds have. */
export function commonFacts(one: VersionOf<RegistryKind>, first: VersionOf<RegistryKind> = one) {
  return {
    ...described(one.definition),
    name: one.name,
    version: one.version,
    createdAt: first.createdAt,
    updatedAt: one.updatedAt,
    definition: one.definition,
  };
}

export function described({ description, owner, tags }: Described) {
  return { description: description ?? null, owner: owner ?? null, tags: tags ?? [] };
}

export function fieldFacts({ name, type }: Field) {
  return { name, type: typeText(type) };
}

export function featureFacts(definition: FeatureDefinition, compiled: CompiledFeature | undefined) {
  return {
    ...described(definition),
    name: definition.name,
    type: compiled === undefined ? 'unknown' : typeText(compiled.type),
    transformation: describeFeature(definition),
    window: 'window' in definition ? definition.window : null,
    default: definition.default ?? null,
  };
}

export function onDemandFeatureFacts(
  definition: VersionOf<'onDemandView'>['definition']['features'][number],
  compiled: CompiledOnDemandFeature | undefined,
) {
  return {
    ...described(definition),
    name: definition.name,
    type: compiled === undefined ? 'unknown' : typeText(compiled.type),
    transformation: printExpression(definition.expression),
    window: null,
    default: definition.default ?? null,
  };
}

/** The SQL query or the path of a batch source. */
export function batchQuery({ batch }: SourceDefinition): string | null {
  return batch === undefined ? null : batchText(batch);
}

function batchText(batch: BatchLocation): string {
  return batch.kind === 'sql' ? batch.query : batch.path;
}
