import type { RegistryStore } from '../../core/ports/registry-store.ts';
import { createMapAdoptions } from '../doubles/map-adoptions.ts';

type Documents = Pick<RegistryStore, 'putDocument' | 'getDocument' | 'listDocuments'>;

/** The documents of a registry store, as they survive a process: stored as text, newest first by creation. */
export function createMemoryDocuments(): RegistryStore {
  const stored = new Map<string, Map<string, string>>();
  const collection = (name: string): Map<string, string> => {
    const found = stored.get(name) ?? new Map<string, string>();
    stored.set(name, found);
    return found;
  };
  const documents: Documents = {
    putDocument: async (name, id, document) => void collection(name).set(id, JSON.stringify(document)),
    async getDocument(name, id) {
      const text = collection(name).get(id);
      return text === undefined ? null : JSON.parse(text);
    },
    listDocuments: async (name, limit) =>
      [...collection(name).values()]
        .reverse()
        .slice(0, limit)
        .map((text) => JSON.parse(text)),
  };
  const absent = (): never => {
    throw new Error('only documents are kept here');
  };
  return {
    name: 'memory',
    ...documents,
    load: absent,
    apply: absent,
    lastApplied: absent,
    watch: absent,
    adoptions: createMapAdoptions(),
    lead: async (work, signal) => (signal.aborted ? undefined : work(signal)),
    [Symbol.asyncDispose]: async () => {},
  };
}
