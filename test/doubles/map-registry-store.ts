import { AsofError } from '../../core/errors/asof-error.ts';
import type { RegistrySnapshot, RegistryStore } from '../../core/ports/registry-store.ts';
import { applyChange } from '../../core/registry/snapshot.ts';

/** A registry in memory; `silent` keeps its watchers from hearing, as if another process had applied. */
export function createMapRegistryStore(): RegistryStore & { silent: boolean } {
  let snapshot: RegistrySnapshot = { revision: 0, versions: [], retired: [] };
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
        throw new AsofError('CONFLICT', 'applied in between', { got: String(snapshot.revision) });
      }
      snapshot = applyChange(snapshot, change);
      if (!store.silent) for (const watcher of watchers) watcher(snapshot.revision);
      return snapshot;
    },
    watch(onRevision) {
      watchers.add(onRevision);
      return () => watchers.delete(onRevision);
    },
    async putDocument(name, id, document) {
      collection(name).set(id, document);
    },
    getDocument: async (name, id) => collection(name).get(id) ?? null,
    listDocuments: async (name, limit) => [...collection(name).values()].reverse().slice(0, limit),
    [Symbol.asyncDispose]: async () => {},
  };
  return store;
}
