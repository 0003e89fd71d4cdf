import { createProblems, type Problems } from '../definitions/problems.ts';
import type { CompiledRegistry } from '../definitions/registry-view.ts';
import {
  reservedArguments,
  reservedEntityFields,
  reservedRootFields,
  reservedTypes,
  reservedValueFields,
} from './reserved.ts';
import { camelCase, englishPlural, pascalCase } from './words.ts';

/** How the typed API names an entity: `Airport`, `airport(iata:)`, `airports(iata:)`, `airportChanged`, `AirportKey`. */
export interface EntityNames {
  readonly type: string;
  readonly one: string;
  readonly many: string;
  readonly changed: string;
  readonly keyInput: string;
  readonly asOf: string;
  /** One per key part, in declared order. */
  readonly keys: readonly string[];
}

/** How the typed API names a view: `OriginDelays`, the field `originDelays`, and its features in declared order. */
export interface ViewNames {
  readonly type: string;
  readonly field: string;
  readonly features: readonly string[];
}

export interface GraphqlNames {
  readonly entities: ReadonlyMap<string, EntityNames>;
  /** Feature views and on-demand views, which share one space of names. */
  readonly views: ReadonlyMap<string, ViewNames>;
  /** The way back: what the registry calls the entity or view of a type. */
  readonly byType: ReadonlyMap<string, string>;
  readonly requestInputs: (names: readonly string[]) => readonly string[];
}

/**
 * The names of the typed API by one rule: snake_case → camelCase for fields, PascalCase for types, and the English
 * plural (or the declared one) for lists. BAD_DEFINITION lists every name that collides with another or is reserved.
 */
export function graphqlNames(registry: CompiledRegistry): GraphqlNames {
  const problems = createProblems();
  const entities = new Map([...registry.entities.values()].map((entity) => [entity.name, entityNames(entity)]));
  const views = new Map<string, ViewNames>();
  for (const [name, versions] of registry.views) views.set(name, viewNames(name, versions.at(-1)!.features));
  for (const [name, view] of registry.onDemandViews) views.set(name, viewNames(name, view.features));

  checkTypes({ entities, views }, problems);
  checkRootFields(registry, { entities, views }, problems);
  for (const [name, entity] of entities) checkEntityFields(name, entity, { registry, views, problems });
  for (const [name, { features }] of views) {
    const kind = registry.views.has(name) ? 'views' : 'onDemandViews';
    const names = registry.views.get(name)?.at(-1)?.features ?? registry.onDemandViews.get(name)?.features ?? [];
    const claims = createClaims(`field of the type ${views.get(name)!.type}`, reservedValueFields, problems);
    features.forEach((field, index) => {
      claims.add(field, `${kind}.${name}.features.${names[index]!.name}`);
    });
  }
  for (const view of registry.onDemandViews.values()) {
    const claims = createClaims(`argument of ${views.get(view.name)!.field}`, reservedArguments, problems);
    for (const { name } of view.request) claims.add(camelCase(name), `onDemandViews.${view.name}.request.${name}`);
  }
  problems.throwIfAny();
  const byType = new Map([...entities, ...views].map(([name, { type }]) => [type, name]));
  return { entities, views, byType, requestInputs: (names) => names.map(camelCase) };
}

function entityNames(entity: {
  readonly name: string;
  readonly plural?: string;
  readonly key: readonly { readonly name: string }[];
}): EntityNames {
  const type = pascalCase(entity.name);
  const one = camelCase(entity.name);
  return {
    type,
    one,
    many: camelCase(entity.plural ?? englishPlural(entity.name)),
    changed: `${one}Changed`,
    keyInput: `${type}Key`,
    asOf: `${type}AsOf`,
    keys: entity.key.map(({ name }) => camelCase(name)),
  };
}

function viewNames(name: string, features: readonly { readonly name: string }[]): ViewNames {
  return { type: pascalCase(name), field: camelCase(name), features: features.map((one) => camelCase(one.name)) };
}

interface Named {
  readonly entities: ReadonlyMap<string, EntityNames>;
  readonly views: ReadonlyMap<string, ViewNames>;
}

function checkTypes({ entities, views }: Named, problems: Problems): void {
  const claims = createClaims('type', reservedTypes, problems);
  for (const [name, { type, keyInput, asOf }] of entities) {
    for (const claimed of [type, keyInput, asOf]) claims.add(claimed, `entities.${name}`);
  }
  for (const [name, { type }] of views) claims.add(type, `views.${name}`);
}

/** Query and Subscription take the entities, and Query the views without a key. */
function checkRootFields(registry: CompiledRegistry, { entities, views }: Named, problems: Problems): void {
  const claims = createClaims('field of Query or Subscription', reservedRootFields, problems);
  for (const [name, { one, many, changed }] of entities) {
    claims.add(one, `entities.${name}`);
    claims.add(many, `entities.${name}.plural`);
    claims.add(changed, `entities.${name}`);
  }
  for (const [name, { field }] of views) if (isOn(registry, name, null)) claims.add(field, `views.${name}`);
}

interface EntityPlace {
  readonly registry: CompiledRegistry;
  readonly views: ReadonlyMap<string, ViewNames>;
  readonly problems: Problems;
}

function checkEntityFields(
  entity: string,
  { type, keys }: EntityNames,
  { registry, views, problems }: EntityPlace,
): void {
  const claims = createClaims(`field of the type ${type}`, reservedEntityFields, problems);
  const parts = registry.entities.get(entity)!.key;
  keys.forEach((key, index) => {
    claims.add(key, `entities.${entity}.key.${parts[index]!.name}`);
  });
  for (const [name, { field }] of views) if (isOn(registry, name, entity)) claims.add(field, `views.${name}`);
}

/** An on-demand view stands on the entities of the views that it reads; on none, on Query. */
function isOn(registry: CompiledRegistry, name: string, entity: string | null): boolean {
  const view = registry.views.get(name)?.at(-1);
  if (view !== undefined) return view.entity === entity;
  const from = registry.onDemandViews.get(name)?.from ?? [];
  const entities = from.map((reference) => registry.views.get(reference.view)?.at(-1)?.entity ?? null);
  return entities.length === 0 ? entity === null : entities.includes(entity);
}

interface Claims {
  /** Reports the path when the name is reserved, or taken by another path. */
  add(name: string, path: string): void;
}

function createClaims(what: string, reserved: ReadonlySet<string>, problems: Problems): Claims {
  const taken = new Map<string, string>();
  return {
    add(name, path) {
      const other = taken.get(name);
      if (other === undefined && !reserved.has(name)) {
        taken.set(name, path);
        return;
      }
      problems.add(path, `its GraphQL name "${name}" is taken`, {
        expected: `a ${what} that nothing else is`,
        got: other === undefined ? `"${name}", which the schema itself has` : `"${name}", which is also ${other}`,
        remedy: path.endsWith('.plural') ? 'Declare another plural.' : 'Rename one of them.',
      });
    },
  };
}
