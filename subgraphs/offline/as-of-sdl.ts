import { describedAs, graphqlTypeOf } from '../../codegen/graphql-types.ts';
import { currentViews, viewTypesSdl } from '../../codegen/value-types.ts';
import type { CompiledView } from '../../core/definitions/compiled.ts';
import type { EntityDefinition } from '../../core/definitions/model.ts';
import type { CompiledRegistry } from '../../core/definitions/registry-view.ts';
import { type GraphqlNames, graphqlNames } from '../../core/names/graphql-names.ts';

/** `AirportAsOf` for the entity type `Airport`; `AsOf` for the views without a key. */
export function asOfTypeName(entityType: string | null): string {
  return `${entityType ?? ''}AsOf`;
}

/** The views that have a past, by the entity they are of; null = without a key. */
export function viewsWithPast(registry: CompiledRegistry, entity: string | null): CompiledView[] {
  return currentViews(registry).filter((view) => view.offline && view.entity === entity);
}

/** SDL that gives each entity its `asOf`, with the value types of the views below it. */
export function asOfSdl(registry: CompiledRegistry, names: GraphqlNames = graphqlNames(registry)): string {
  const entities = [...registry.entities.values()].map((entity) => entitySdl(entity, registry, names));
  const keyless = viewsWithPast(registry, null);
  const query = `extend type Query {
  "The views without a key in the past."
  asOf(time: DateTime!, knownAt: DateTime): AsOf
}
type AsOf {
${keyless.map((view) => viewField(view, registry, names)).join('')}}
`;
  return [viewTypesSdl(registry, ({ offline }) => offline, names), ...entities, keyless.length === 0 ? '' : query].join(
    '\n',
  );
}

function entitySdl({ name, key }: EntityDefinition, registry: CompiledRegistry, names: GraphqlNames): string {
  const typed = names.entities.get(name)!;
  const parts = key.map((part, index) => `  ${typed.keys[index]}: ${graphqlTypeOf(part.type)}!\n`).join('');
  const fields = viewsWithPast(registry, name).map((view) => viewField(view, registry, names));
  const past = asOfTypeName(typed.type);
  return `type ${typed.type} @key(fields: "${typed.keys.join(' ')}") {
${parts}  "What a read at that time returned, having what had arrived by \`knownAt\` (default: the time). Not after now."
  asOf(time: DateTime!, knownAt: DateTime): ${past}
}
"Values of \`${typed.type}\` in the past."
type ${past} {
${parts}${fields.join('')}}
`;
}

function viewField(view: CompiledView, registry: CompiledRegistry, names: GraphqlNames): string {
  const { field, type } = names.views.get(view.name)!;
  const versions = registry.views.get(view.name)!.map(({ version }) => version);
  const text = `The view '${view.name}'. Servable versions: ${versions.join(', ')}; default the last. maxAge only tightens.`;
  return `${describedAs(text, '  ')}  ${field}(version: Int, maxAge: Duration): ${type}\n`;
}
