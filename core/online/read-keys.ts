import type { CompiledView } from '../definitions/compiled.ts';
import { AsofError } from '../errors/asof-error.ts';
import type { Value } from '../values/types.ts';
import { onlineKey, readyKey, shardOf } from './keys.ts';

/** What a read asks the store for. */
export interface ReadKeys {
  readonly keys: readonly string[];
  /** Per request where its value's key is; −1 = its key has a NULL part, or is not asked for. */
  readonly slots: readonly number[];
  /** Per request where the key is of the marker that vouches for the value, from the same shard. */
  readonly markers: readonly number[];
}

/** So many are found without making their keys: a read asks for few views, and most stores are few shards. */
const mostRecent = 8;

/** @param isAtHand whether the store need not be asked for the request at an index */
export function keysOf(
  requests: readonly { readonly view: CompiledView; readonly key: readonly Value[] }[],
  shards: readonly string[],
  isAtHand: (index: number) => boolean,
): ReadKeys {
  const keys: string[] = [];
  const markers: number[] = new Array(requests.length);
  const slots: number[] = new Array(requests.length);
  const known = new Map<string, number>();
  const recent: { readonly view: CompiledView; readonly shard: string; readonly slot: number }[] = [];
  const markerSlot = (view: CompiledView, shard: string): number => {
    for (let i = 0; i < recent.length; i++) {
      const one = recent[i]!;
      if (one.view === view && one.shard === shard) return one.slot;
    }
    const marker = readyKey(view, shard);
    const slot = known.get(marker) ?? keys.push(marker) - 1;
    known.set(marker, slot);
    if (recent.length < mostRecent) recent.push({ view, shard, slot });
    return slot;
  };
  for (let i = 0; i < requests.length; i++) {
    const { view, key } = requests[i]!;
    markers[i] = slots[i] = -1;
    if (isAtHand(i) || !isWhole(view, key)) continue;
    const stored = onlineKey(view, key, shards);
    markers[i] = markerSlot(view, shards.length === 1 ? shards[0]! : shardOf(stored));
    slots[i] = keys.push(stored) - 1;
  }
  return { keys, slots, markers };
}

function isWhole(view: CompiledView, key: readonly Value[]): boolean {
  if (key.length !== view.key.length) {
    throw new AsofError('BAD_INPUT', 'wrong number of key parts', {
      path: view.name,
      expected: `${view.key.length} (${view.key.map(({ name }) => name).join(', ')})`,
      got: `${key.length}`,
    });
  }
  return !key.includes(null);
}
