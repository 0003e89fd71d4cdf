import type { CompiledView } from '../../core/definitions/compiled.ts';
import { keyPrefixes, readyKey, shardOf } from '../../core/online/keys.ts';
import type { Fence, OnlineStore } from '../../core/ports/online-store.ts';

const deletedAtOnce = 1_000;

/**
 * Removes all that some shards hold of a view version: its marker, the states of its keys and their dedupe ids.
 *
 * @param fence of the fill that is to begin there: what a later one makes of the shards is left alone
 */
export async function clearView(
  online: Pick<OnlineStore, 'scan' | 'delete'>,
  view: CompiledView,
  { shards, fence }: { readonly shards: readonly string[]; readonly fence: Fence },
): Promise<void> {
  if (shards.length === 0) return;
  // First: what is half removed must not be served.
  await online.delete(
    shards.map((shard) => readyKey(view, shard)),
    fence,
  );
  const cleared = new Set(shards);
  // A key part may hold colons, what follows it may not: the end of a key tells whose it is.
  const ofVersion = new RegExp(`:${view.name}:${view.version}(:\\d+:\\d+)?:\\{[^{]*$`);
  let keys: string[] = [];
  for (const prefix of keyPrefixes(view)) {
    for await (const key of online.scan(prefix)) {
      if (cleared.has(shardOf(key)) && ofVersion.test(key)) keys.push(key);
      if (keys.length < deletedAtOnce) continue;
      await online.delete(keys, fence);
      keys = [];
    }
  }
  if (keys.length > 0) await online.delete(keys, fence);
}
