import type { AppliedRevision, RegistrySnapshot, RegistryStore } from '../../core/ports/registry-store.ts';
import { revisionConflict } from '../../core/registry/revision-conflict.ts';
import { applyChange } from '../../core/registry/snapshot.ts';
import { createMapAdoptions } from './map-adoptions.ts';

/** A registry in memory; `silent` keeps its watchers from hearing, as if another process had applied. */
export function createMapRegistryStore(): RegistryStore & { silent: boolean } {
  let snapshot: RegistrySnapshot = { revision: 0, versions: [], retired: [] };
  let last: AppliedRevision | null = null;
  const watchers = new Set<(revision: number) => void>();
  const documents = new Map<string, Map<string, object>>();
  const collection = (name: string) => {
    const found = documents.get(name) ?? new Map<string, object>();
    documents.set(name, found);
    return found;
  };
  const store: RegistryStore & { silent: boolean } = {
    name: 'map',
    silent: false,
    load: async () => snapshot,
    async apply(change, expectedRevision) {
      if (expectedRevision !== snapshot.revision) {
        throw revisionConflict(expectedRevision, last);
      }
      snapshot = applyChange(snapshot, change);
      last = { revision: snapshot.revision, appliedBy: change.appliedBy, appliedAt: '2026-01-01T00:00:00.000Z' };
      if (!store.silent) for (const watcher of watchers) watcher(snapshot.revision);
      return snapshot;
    },
    lastApplied: async () => last,
    watch(onRevision) {
      watchers.add(onRevision);
      return () => watchers.delete(onRevision);
    },
    async putDocument(name, id, document) {
      collection(name).set(id, document);
    },
    getDocument: async (name, id) => collection(name).get(id) ?? null,
    listDocuments: async (name, limit) => [...collection(name).values()].reverse().slice(0, limit),
    adoptions: createMapAdoptions(),
    lead: async (work, signal) => (signal.aborted ? undefined : work(signal)),
    [Symbol.asyncDispose]: async () => {},
  };
  return store;
}
