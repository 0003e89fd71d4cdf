import { canonicalHash } from '../../core/definitions/canonical-json.ts';
import type { CompiledSource } from '../../core/definitions/compiled.ts';
import type { RegistryStore } from '../../core/ports/registry-store.ts';
import { shapeOf } from '../ingest/routes.ts';
import { type ImportDeps, importBatch } from './import-batch.ts';
import type { JobProgress } from './jobs.ts';

/** What an import remembers of a source; a document of the collection `viewStates`. */
interface ImportState {
  readonly read: Readonly<Record<string, number>>;
  /** What the offline store held afterwards. */
  readonly held: Readonly<Record<string, number>>;
}

/** The batch locations of sources, and how far they have been read. */
export interface Imports {
  /** Reads what is new in the source's batch location, if it has one. */
  read(source: CompiledSource, progress: JobProgress): Promise<void>;
  /** A source with a batch location that no import has read to its end. */
  isUnread(source: CompiledSource): Promise<boolean>;
}

export interface ImportsDeps extends ImportDeps {
  readonly documents: Pick<RegistryStore, 'getDocument' | 'putDocument'>;
}

export function createImports(deps: ImportsDeps): Imports {
  const { documents, offline } = deps;

  /** Null when it was never imported, or the offline store has lost what it held since. */
  async function stateOf(source: CompiledSource): Promise<ImportState | null> {
    const state = (await documents.getDocument('viewStates', importId(source))) as ImportState | null;
    if (state === null) return null;
    const held = await offline.durablePositions(source);
    return Object.entries(state.held).every(([place, offset]) => (held.get(place) ?? -1) >= offset) ? state : null;
  }

  return {
    async read(source, { signal, done, expect }) {
      if (source.definition.batch === undefined) return;
      const before = await stateOf(source);
      const readBefore = new Map(Object.entries(before?.read ?? {}));
      let rows = 0;
      const onRows = (more: number): void => {
        rows += more;
        done(more, 0);
      };
      const { read } = await importBatch(deps, source, { signal, readBefore, onRows });
      // Only now: as long as the files are read nobody knows how many rows there are.
      expect(rows);
      const held = await offline.durablePositions(source);
      const state: ImportState = { read: Object.fromEntries(read), held: Object.fromEntries(held) };
      await documents.putDocument('viewStates', importId(source), state);
    },
    isUnread: async (source) => source.definition.batch !== undefined && (await stateOf(source)) === null,
  };
}

/** Views of an older version may be built from an older shape of their source, which is imported for itself. */
function importId(source: CompiledSource): string {
  return `import:${source.name}:${canonicalHash(shapeOf(source)).slice(0, 12)}`;
}
