import type {
  EntityDefinition,
  FeatureServiceDefinition,
  FeatureViewDefinition,
  OnDemandViewDefinition,
  SourceDefinition,
  UserFunctionDefinition,
} from '../definitions/model.ts';
import type { RegisteredVersion, RegistryChange, RegistryKind, RegistrySnapshot } from '../ports/registry-store.ts';

interface DefinitionOf {
  readonly entity: EntityDefinition;
  readonly source: SourceDefinition;
  readonly view: FeatureViewDefinition;
  readonly onDemandView: OnDemandViewDefinition;
  readonly service: FeatureServiceDefinition;
  readonly function: UserFunctionDefinition;
}

export interface VersionOf<K extends RegistryKind> extends Omit<RegisteredVersion, 'definition'> {
  readonly kind: K;
  readonly definition: DefinitionOf[K];
}

/** Registered versions by name, ascending. */
export type History<K extends RegistryKind> = ReadonlyMap<string, readonly VersionOf<K>[]>;

export function historyOf<K extends RegistryKind>(snapshot: RegistrySnapshot, kind: K): History<K> {
  const history = new Map<string, VersionOf<K>[]>();
  for (const version of snapshot.versions) {
    if (version.kind !== kind) continue;
    // A stored version's definition is of its kind: the registry never writes another.
    const typed = version as VersionOf<K>;
    const versions = history.get(version.name);
    if (versions === undefined) history.set(version.name, [typed]);
    else versions.push(typed);
  }
  for (const versions of history.values()) versions.sort((a, b) => a.version - b.version);
  return history;
}

export function retiredNames(snapshot: RegistrySnapshot, kind: RegistryKind): ReadonlySet<string> {
  return new Set(snapshot.retired.filter((one) => one.kind === kind).map(({ name }) => name));
}

/** The snapshot that the store returns after this change; pure, for planning and tests. */
export function applyChange(snapshot: RegistrySnapshot, change: RegistryChange): RegistrySnapshot {
  const identity = ({ kind, name, version }: RegisteredVersion) => `${kind} ${name} ${version}`;
  const versions = new Map(snapshot.versions.map((one) => [identity(one), one]));
  for (const one of change.versions) versions.set(identity(one), one);
  const restored = new Set(change.restore.map(({ kind, name }) => `${kind} ${name}`));
  const kept = snapshot.retired.filter(({ kind, name }) => !restored.has(`${kind} ${name}`));
  return { revision: snapshot.revision + 1, versions: [...versions.values()], retired: [...kept, ...change.retire] };
}
