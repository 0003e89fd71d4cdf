import type { CompiledView } from '../../core/definitions/compiled.ts';
import type { CompiledRegistry } from '../../core/definitions/registry-view.ts';
import type { RegistryKind } from '../../core/ports/registry-store.ts';
import { type History, historyOf, retiredNames, type VersionOf } from '../../core/registry/snapshot.ts';
import type { RegistryState } from '../../runtime/registry-watcher.ts';

type Kind = RegistryKind;

/** One revision, by kind and name, for people who look things up. */
export interface Catalog {
  readonly compiled: CompiledRegistry;
  /** Every version of every name, retired ones too; ascending. */
  history<K extends Kind>(kind: K): History<K>;
  isRetired(kind: Kind, name: string): boolean;
  /** The newest version of every name that is still defined. */
  current<K extends Kind>(kind: K): readonly VersionOf<K>[];
  /** null for an unknown name; retired ones are found. */
  newest<K extends Kind>(kind: K, name: string): VersionOf<K> | null;
}

const catalogs = new WeakMap<RegistryState, Catalog>();

export function catalogOf(state: RegistryState): Catalog {
  const known = catalogs.get(state) ?? createCatalog(state);
  catalogs.set(state, known);
  return known;
}

function createCatalog({ snapshot, compiled }: RegistryState): Catalog {
  const histories = {
    entity: historyOf(snapshot, 'entity'),
    source: historyOf(snapshot, 'source'),
    view: historyOf(snapshot, 'view'),
    onDemandView: historyOf(snapshot, 'onDemandView'),
    service: historyOf(snapshot, 'service'),
    function: historyOf(snapshot, 'function'),
  };
  const retired = {
    entity: retiredNames(snapshot, 'entity'),
    source: retiredNames(snapshot, 'source'),
    view: retiredNames(snapshot, 'view'),
    onDemandView: retiredNames(snapshot, 'onDemandView'),
    service: retiredNames(snapshot, 'service'),
    function: retiredNames(snapshot, 'function'),
  };
  const history = <K extends Kind>(kind: K): History<K> => histories[kind] as History<Kind> as History<K>;
  return {
    compiled,
    history,
    isRetired: (kind, name) => retired[kind].has(name),
    current: (kind) =>
      [...history(kind)].filter(([name]) => !retired[kind].has(name)).map(([, versions]) => versions.at(-1)!),
    newest: (kind, name) => history(kind).get(name)?.at(-1) ?? null,
  };
}

/** A version of a view as it is executed; null for one that is not registered. */
export function compiledView({ compiled }: Catalog, name: string, version: number): CompiledView | null {
  const versions = compiled.views.get(name) ?? compiled.retiredViews.get(name) ?? [];
  return versions.find((one) => one.version === version) ?? null;
}
