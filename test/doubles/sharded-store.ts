import { createMemoryOnlineStore } from '../../adapters/memory/online-store.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import { shardOf } from '../../core/online/keys.ts';
import type { OnlineStore } from '../../core/ports/online-store.ts';

/** A store in memory with two shards, either of which can be away or come back empty. */
export interface ShardedStore extends OnlineStore {
  /** Shards that do not answer. */
  readonly away: Set<string>;
  lose(shard: string): Promise<void>;
}

export function createShardedStore(): ShardedStore {
  const memory = createMemoryOnlineStore();
  const away = new Set<string>();
  return {
    ...memory,
    shards: ['left', 'right'],
    away,
    async getMany(keys) {
      const answers = await memory.getMany(keys);
      return answers.map((answer, i) => {
        return away.has(shardOf(keys[i]!)) ? new AsofError('UNAVAILABLE', 'this shard is away') : answer;
      });
    },
    async lose(shard) {
      for await (const key of memory.scan('')) if (shardOf(key) === shard) await memory.delete([key]);
    },
  };
}
