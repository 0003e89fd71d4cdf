import type { CompiledView } from '../definitions/compiled.ts';
import type { Fence, OnlineStore } from '../ports/online-store.ts';
import { allAnswered } from './answers.ts';
import { fillKey, readyKey } from './keys.ts';
import { stampPrefix } from './stamp-prefix.ts';

type View = Pick<CompiledView, 'name' | 'version'>;

/*
 * Each fill of a view version has a token. It is put into every shard before the fill and stays: what is lost with a shard,
 * or belongs to an earlier fill, is told by it, and whoever writes values builds upon one fill and says which.
 */

/** Lets only those write who build upon this fill. */
export function fillFence(view: View, token: string): Fence {
  return { keyIn: (shard) => fillKey(view, shard), value: Buffer.from(token) };
}

/** Makes every shard this fill's: who builds upon an earlier one is refused from here on. */
export async function beginFill(store: Pick<OnlineStore, 'shards' | 'put'>, view: View, token: string): Promise<void> {
  await Promise.all(store.shards.map((shard) => store.put(fillKey(view, shard), Buffer.from(token))));
}

/**
 * Says of every shard that it holds the view version whole.
 *
 * @param token of the fill that has made it so: a shard that is not its any more gets no marker. Absent: whatever did
 */
export async function markReady(
  store: Pick<OnlineStore, 'shards' | 'compareAndSet'>,
  view: View,
  token?: string,
): Promise<void> {
  const marker = stampPrefix(Buffer.from(token ?? ''));
  const writes = store.shards.map((shard) => {
    return { key: readyKey(view, shard), expectedStamp: null, value: marker, companions: [] };
  });
  // A marker that is there already is of a shard that was whole before, and stays.
  await store.compareAndSet(writes, token === undefined ? undefined : fillFence(view, token));
}

/** Per view, the shards without its completeness marker. Throws UNAVAILABLE when a shard cannot be asked. */
export async function unreadyShards(
  store: Pick<OnlineStore, 'shards' | 'getMany'>,
  views: readonly View[],
): Promise<readonly (readonly string[])[]> {
  return shardsWithout(store, views, readyKey, () => null);
}

/** Per view, the shards that are not, or no more, of the fill with its token. Throws UNAVAILABLE as `unreadyShards`. */
export async function foreignShards(
  store: Pick<OnlineStore, 'shards' | 'getMany'>,
  fills: readonly (View & { readonly token: string })[],
): Promise<readonly (readonly string[])[]> {
  return shardsWithout(store, fills, fillKey, ({ token }) => token);
}

/** @param expected what has to stand there; null = anything */
async function shardsWithout<V extends View>(
  store: Pick<OnlineStore, 'shards' | 'getMany'>,
  views: readonly V[],
  keyOf: (view: View, shard: string) => string,
  expected: (view: V) => string | null,
): Promise<readonly (readonly string[])[]> {
  const keys = views.flatMap((view) => store.shards.map((shard) => keyOf(view, shard)));
  const found = allAnswered(keys.length === 0 ? [] : await store.getMany(keys));
  return views.map((view, i) => {
    const token = expected(view);
    return store.shards.filter((_shard, j) => {
      const value = found[i * store.shards.length + j] ?? null;
      return value === null || (token !== null && Buffer.from(value).toString() !== token);
    });
  });
}
