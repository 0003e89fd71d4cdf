import { AsofError } from '../../core/errors/asof-error.ts';
import type { Adoption, Adoptions, ViewFill } from '../../core/ports/adoptions.ts';

/** No registry of this process, lost or not, gives a number twice. */
let newest = 0;

/** Adoptions in memory. */
export function createMapAdoptions(): Adoptions {
  const fills = new Map<string, ViewFill | Adoption>();
  const watchers = new Set<() => void>();
  const idOf = ({ view, version }: ViewFill): string => `${view}@${version}`;
  return {
    begin: async (fill) => void fills.set(idOf(fill), fill),
    async publish(fill, positions) {
      if (fills.get(idOf(fill))?.token !== fill.token) throw new AsofError('CONFLICT', 'another fill was begun since');
      const adoption = { ...fill, number: ++newest, positions: Object.fromEntries(positions) };
      fills.set(idOf(fill), adoption);
      for (const watcher of [...watchers]) watcher();
      return adoption;
    },
    list: async () =>
      [...fills.values()].filter((fill): fill is Adoption => 'number' in fill).sort((a, b) => a.number - b.number),
    watch(onPublished) {
      watchers.add(onPublished);
      return () => watchers.delete(onPublished);
    },
  };
}
