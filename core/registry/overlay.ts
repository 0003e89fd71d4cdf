import type { Definitions } from '../definitions/model.ts';
import type { RegistrySnapshot } from '../ports/registry-store.ts';
import { historyOf, retiredNames } from './snapshot.ts';

/** What the registry holds now, as definitions: the newest version of each name, every version of each service and function. */
export function currentDefinitions(snapshot: RegistrySnapshot): Definitions {
  return {
    asof: 1,
    entities: currentOf(snapshot, 'entity'),
    sources: currentOf(snapshot, 'source'),
    views: currentOf(snapshot, 'view'),
    onDemandViews: currentOf(snapshot, 'onDemandView'),
    services: versionedOf(snapshot, 'service'),
    functions: versionedOf(snapshot, 'function'),
  };
}

/** `upper` laid over `lower`: a name (of a service or function: a name and version) that both define is `upper`'s. */
export function overlayDefinitions(lower: Definitions, upper: Definitions): Definitions {
  const versionId = ({ name, version }: { readonly name: string; readonly version: number }) => `${name} ${version}`;
  return {
    asof: 1,
    entities: overlay(lower.entities, upper.entities, nameOf),
    sources: overlay(lower.sources, upper.sources, nameOf),
    views: overlay(lower.views, upper.views, nameOf),
    onDemandViews: overlay(lower.onDemandViews, upper.onDemandViews, nameOf),
    services: overlay(lower.services, upper.services, versionId),
    functions: overlay(lower.functions, upper.functions, versionId),
  };
}

function currentOf<K extends 'entity' | 'source' | 'view' | 'onDemandView'>(snapshot: RegistrySnapshot, kind: K) {
  const retired = retiredNames(snapshot, kind);
  return [...historyOf(snapshot, kind)].flatMap(([name, versions]) =>
    retired.has(name) ? [] : [versions.at(-1)!.definition],
  );
}

/** Of what numbers its own versions all of them are current. */
function versionedOf<K extends 'service' | 'function'>(snapshot: RegistrySnapshot, kind: K) {
  const retired = retiredNames(snapshot, kind);
  return [...historyOf(snapshot, kind)].flatMap(([name, versions]) =>
    retired.has(name) ? [] : versions.map(({ definition }) => definition),
  );
}

function overlay<T>(lower: readonly T[], upper: readonly T[], idOf: (one: T) => string): T[] {
  const replaced = new Set(upper.map(idOf));
  return [...lower.filter((one) => !replaced.has(idOf(one))), ...upper];
}

function nameOf({ name }: { readonly name: string }): string {
  return name;
}
