import type { CompiledView } from '../../core/definitions/compiled.ts';
import { beginFill, markReady } from '../../core/online/ready.ts';
import type { Adoptions } from '../../core/ports/adoptions.ts';
import type { OnlineStore } from '../../core/ports/online-store.ts';

const token = 'from nothing';

/** As if views without any history had been filled: the stream is all there is. `prepareFromNothing` puts it into the store. */
export function filledFromNothing(views: readonly CompiledView[]): Pick<Adoptions, 'list' | 'watch'> {
  const all = views.map(({ name: view, version }, index) => ({
    view,
    version,
    token,
    number: index + 1,
    positions: {},
  }));
  return { list: async () => all, watch: () => () => {} };
}

export async function prepareFromNothing(online: OnlineStore, views: readonly CompiledView[]): Promise<void> {
  for (const view of views) {
    await beginFill(online, view, token);
    await markReady(online, view, token);
  }
}
