import type { DocumentCollection, RegistryStore } from '../../core/ports/registry-store.ts';
import { type ErrorForm, fromErrorForm, toErrorForm } from './error-form.ts';
import { asking, type Link } from './link.ts';

/** What who serves the registry's features needs of it. */
type FollowedRegistry = Pick<RegistryStore, 'load' | 'watch' | 'getDocument'>;

type Told = { readonly revision: number } | { readonly lost: ErrorForm | null };

export function registryCalls(open: () => Promise<FollowedRegistry>) {
  return {
    'registry.load': async () => (await open()).load(),
    'registry.getDocument': async (collection: DocumentCollection, id: string) =>
      (await open()).getDocument(collection, id),
  };
}

export function registryStreams(open: () => Promise<FollowedRegistry>) {
  return {
    async 'registry.watch'(tell: (told: Told) => void) {
      const store = await open();
      const stop = store.watch(
        (revision) => tell({ revision }),
        (lost) => tell({ lost: lost === null ? null : toErrorForm(lost) }),
      );
      // What came between the look of who watches and this.
      tell({ revision: (await store.load()).revision });
      return stop;
    },
  };
}

/** The registry as the primary knows it, in a worker. */
export function createLinkedRegistry(link: Link): FollowedRegistry {
  const primary = asking<ReturnType<typeof registryCalls>, ReturnType<typeof registryStreams>>(link);
  let loaded = 0;
  return {
    async load() {
      const snapshot = await primary.call('registry.load');
      loaded = Math.max(loaded, snapshot.revision);
      return snapshot;
    },
    getDocument: (collection, id) => primary.call('registry.getDocument', collection, id),
    watch(onRevision, onContact) {
      let newest = loaded;
      let isStopped = false;
      const hear = (told: Told): void => {
        if (isStopped) return;
        if ('lost' in told) onContact?.(told.lost === null ? null : fromErrorForm(told.lost));
        else if (told.revision > newest) {
          newest = told.revision;
          onRevision(newest);
        }
      };
      const following = primary.follow('registry.watch', hear);
      following.catch((error: unknown) => onContact?.(error));
      return () => {
        isStopped = true;
        following.then(
          (stop) => stop(),
          () => {},
        );
      };
    },
  };
}
