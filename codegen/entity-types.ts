import type { CompiledOnDemandView, CompiledView } from '../core/definitions/compiled.ts';
import type { Duration, EntityDefinition } from '../core/definitions/model.ts';
import type { CompiledRegistry } from '../core/definitions/registry-view.ts';
import { type EntityNames, type GraphqlNames, graphqlNames } from '../core/names/graphql-names.ts';
import { describedAs, graphqlTypeOf } from './graphql-types.ts';
import { currentViews } from './value-types.ts';

/** Where a request-time view stands: on the entity that all views it reads share, or on Query when none has a key. */
export interface OnDemandPlace {
  readonly view: CompiledOnDemandView;
  /** null = a field of Query. */
  readonly entity: string | null;
  /** The views it reads, each once, under the names that its inputs use. */
  readonly reads: readonly OnDemandRead[];
}

export interface OnDemandRead {
  readonly alias: string;
  readonly view: CompiledView;
  readonly maxAge: Duration | undefined;
}

/**
 * The request-time views that have a typed field. Those that read several entities, or one entity under two keys, need
 * the join columns of a service and are served there alone.
 */
export function onDemandPlaces(registry: CompiledRegistry): OnDemandPlace[] {
  return [...registry.onDemandViews.values()].flatMap((view) => {
    const used = new Set(view.inputs.flatMap((input) => (input.kind === 'feature' ? [input.view] : [])));
    const references = view.from.filter((reference) => used.has(reference.alias ?? reference.view));
    const reads = references.flatMap((reference): OnDemandRead[] => {
      const versions = registry.views.get(reference.view) ?? [];
      const read =
        reference.version === undefined ? versions.at(-1) : versions.find((one) => one.version === reference.version);
      return read?.online ? [{ alias: reference.alias ?? reference.view, view: read, maxAge: reference.maxAge }] : [];
    });
    const entities = new Set(reads.flatMap(({ view: { entity } }) => entity ?? []));
    const joins = new Set(references.map(({ joinOn }) => JSON.stringify(Object.entries(joinOn ?? {}).sort())));
    if (reads.length < references.length || entities.size > 1 || joins.size > 1) return [];
    return [{ view, entity: [...entities][0] ?? null, reads }];
  });
}

/**
 * SDL of the entities with their views as fields, and of the fields they add to Query and Subscription. The views'
 * value types come from `viewTypesSdl` and `onDemandTypesSdl`.
 */
export function entityTypesSdl(registry: CompiledRegistry, names: GraphqlNames = graphqlNames(registry)): string {
  const views = currentViews(registry).filter(({ online }) => online);
  const places = onDemandPlaces(registry);
  const fieldsOf = (entity: string | null): string =>
    [
      ...views.filter((view) => view.entity === entity).map((view) => viewField(view, registry, names)),
      ...places.filter((place) => place.entity === entity).map(({ view }) => onDemandField(view, names)),
    ].join('');
  const entities = [...registry.entities.values()].map((entity) =>
    entitySdl(entity, names.entities.get(entity.name)!, fieldsOf(entity.name)),
  );
  const keyless = fieldsOf(null);
  return [...entities, keyless === '' ? '' : `extend type Query {\n${keyless}}\n`].join('\n');
}

function entitySdl(entity: EntityDefinition, names: EntityNames, fields: string): string {
  const types = entity.key.map((part) => `${graphqlTypeOf(part.type)}!`);
  const parts = names.keys.map((name, index) => `${name}: ${types[index]}`);
  const composite = parts.length > 1;
  const many = composite ? `keys: [${names.keyInput}!]!` : `${names.keys[0]}: [${types[0]}]!`;
  const input = composite ? `input ${names.keyInput} { ${parts.join(', ')} }\n` : '';
  return `${describedAs(entity.description)}type ${names.type} @key(fields: "${names.keys.join(' ')}") {
${parts.map((part) => `  ${part}\n`).join('')}${fields}}
${input}extend type Query {
  ${names.one}(${parts.join(', ')}): ${names.type}
  "In the order of the keys; one read of the online store for all of them and all their views."
  ${names.many}(${many}): [${names.type}]!
}
extend type Subscription {
  "Each time a selected view of one of these keys changes; \`initial\` also emits the present values at once."
  ${names.changed}(${many}, initial: Boolean = false): ${names.type}
}
`;
}

function viewField(view: CompiledView, registry: CompiledRegistry, names: GraphqlNames): string {
  const { field, type } = names.views.get(view.name)!;
  const versions = registry.views.get(view.name)!.map(({ version }) => version);
  const text = `The view '${view.name}'. Servable versions: ${versions.join(', ')}; default the last. maxAge only tightens.`;
  return `${describedAs(text, '  ')}  ${field}(version: Int, maxAge: Duration): ${type}\n`;
}

function onDemandField(view: CompiledOnDemandView, names: GraphqlNames): string {
  const { field, type } = names.views.get(view.name)!;
  const inputs = names.requestInputs(view.request.map(({ name }) => name));
  const args = view.request.map((input, index) => `${inputs[index]}: ${graphqlTypeOf(input.type)}!`);
  return `  ${field}${args.length === 0 ? '' : `(${args.join(', ')})`}: ${type}\n`;
}
