import type { CompiledView } from '../definitions/compiled.ts';
import type { OnlineStore } from '../ports/online-store.ts';
import { allAnswered } from './answers.ts';
import { fillKey, readyKey } from './keys.ts';

type View = Pick<CompiledView, 'name' | 'version'>;

const marker = new Uint8Array([1]);

/** Puts a token into every shard, which `keptSince` looks for when the shards are filled. */
export async function beginFill(store: Pick<OnlineStore, 'shards' | 'put'>, view: View, token: string): Promise<void> {
  await Promise.all(store.shards.map((shard) => store.put(fillKey(view, shard), Buffer.from(token))));
}

/** Whether every shard still has all that was put into it since `beginFill` with this token. */
export async function keptSince(
  store: Pick<OnlineStore, 'shards' | 'getMany'>,
  view: View,
  token: string,
): Promise<boolean> {
  const found = allAnswered(await store.getMany(store.shards.map((shard) => fillKey(view, shard))));
  return found.every((value) => value !== null && Buffer.from(value).toString() === token);
}

/** Says of every shard that it holds the view version whole. */
export async function markReady(store: Pick<OnlineStore, 'shards' | 'put'>, view: View): Promise<void> {
  await Promise.all(store.shards.map((shard) => store.put(readyKey(view, shard), marker)));
}

/** Per view, the shards without its completeness marker. Throws UNAVAILABLE when a shard cannot be asked. */
export async function unreadyShards(
  store: Pick<OnlineStore, 'shards' | 'getMany'>,
  views: readonly View[],
): Promise<readonly (readonly string[])[]> {
  const { shards } = store;
  const keys = views.flatMap((view) => shards.map((shard) => readyKey(view, shard)));
  const markers = allAnswered(keys.length === 0 ? [] : await store.getMany(keys));
  return views.map((_, i) => shards.filter((_shard, j) => markers[i * shards.length + j] === null));
}
