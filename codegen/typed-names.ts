import type { CompiledRegistry } from '../core/definitions/registry-view.ts';

/** How the typed API names an entity: `Airport`, `airport(iata:)`, `airports(iata:)`, `airportChanged`, `AirportKey`. */
export interface EntityNames {
  readonly type: string;
  readonly one: string;
  readonly many: string;
  readonly changed: string;
  readonly keyInput: string;
  /** One per key part, in declared order. */
  readonly keys: readonly string[];
}

/** How the typed API names a view: `OriginDelays`, the field `originDelays`, and its features in declared order. */
export interface ViewNames {
  readonly type: string;
  readonly field: string;
  readonly features: readonly string[];
}

export interface TypedNames {
  readonly entities: ReadonlyMap<string, EntityNames>;
  /** Feature views and on-demand views, which share one space of names. */
  readonly views: ReadonlyMap<string, ViewNames>;
  readonly requestInputs: (names: readonly string[]) => readonly string[];
}

const camel = (name: string): string => name.replace(/_+([a-zA-Z0-9])/g, (_, next: string) => next.toUpperCase());
const pascal = (name: string): string => camel(name).replace(/^./, (first) => first.toUpperCase());

export function typedNames(registry: CompiledRegistry): TypedNames {
  const entities = new Map<string, EntityNames>();
  for (const { name, key, plural } of registry.entities.values()) {
    const one = camel(name);
    entities.set(name, {
      type: pascal(name),
      one,
      many: camel(plural ?? `${name}s`),
      changed: `${one}Changed`,
      keyInput: `${pascal(name)}Key`,
      keys: key.map((part) => camel(part.name)),
    });
  }
  const views = new Map<string, ViewNames>();
  const add = (name: string, features: readonly { readonly name: string }[]): void => {
    views.set(name, {
      type: pascal(name),
      field: camel(name),
      features: features.map((feature) => camel(feature.name)),
    });
  };
  for (const [name, versions] of registry.views) add(name, versions.at(-1)!.features);
  for (const [name, view] of registry.onDemandViews) add(name, view.features);
  return { entities, views, requestInputs: (names) => names.map(camel) };
}
