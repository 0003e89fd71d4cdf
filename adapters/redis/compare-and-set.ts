import { createHash } from 'node:crypto';
import { stampPrefix } from '../../core/online/stamp-prefix.ts';
import type { OnlineWrite } from '../../core/ports/online-store.ts';
import type { RedisCommand } from './redis-client.ts';

/*
 * One write after the other, if the fence stands. KEYS: the fence's key if there is one; of each write the value's key, then
 * its companions' keys. ARGV: the fence's value, '' = there is none; of each write '1' when a value is expected, else '0';
 * the bytes that it begins with (length and stamp); the new value; how many companions; then for each companion 'S' and its
 * value, or 'D' and ''. Of a removal 'D' alone. Replies 1 or 0 for each, or -1 for all when the fence does not stand.
 * Bytes are compared as text and never as numbers, which in Lua are doubles.
 */
export const compareAndSetScript = `
local key, arg, replies = 1, 2, {}
if ARGV[1] ~= '' then
  if redis.call('GETRANGE', KEYS[1], 0, -1) ~= ARGV[1] then return -1 end
  key = 2
end
while arg <= #ARGV do
  if ARGV[arg] == 'D' then
    redis.call('UNLINK', KEYS[key])
    replies[#replies + 1] = 1
    key = key + 1
    arg = arg + 1
  else
    local prefix, companions = ARGV[arg + 1], tonumber(ARGV[arg + 3])
    local isExpected
    if ARGV[arg] == '1' then
      isExpected = redis.call('GETRANGE', KEYS[key], 0, #prefix - 1) == prefix
    else
      isExpected = redis.call('EXISTS', KEYS[key]) == 0
    end
    if isExpected then
      redis.call('SET', KEYS[key], ARGV[arg + 2])
      for i = 1, companions do
        local action = arg + 2 + 2 * i
        if ARGV[action] == 'S' then redis.call('SET', KEYS[key + i], ARGV[action + 1]) else redis.call('DEL', KEYS[key + i]) end
      end
    end
    replies[#replies + 1] = isExpected and 1 or 0
    key = key + 1 + companions
    arg = arg + 4 + 2 * companions
  end
end
return replies
`;

/** How Redis names the script. */
export const compareAndSetSha = createHash('sha1').update(compareAndSetScript).digest('hex');

/** The script's reply when the fence does not stand. */
export const fenced = -1;

/** A compare-and-set, or the removal of a key. */
export type RedisWrite = OnlineWrite | { readonly key: string; readonly value: null };

/** A fence in one shard. */
export interface ShardFence {
  readonly key: string;
  readonly value: Uint8Array;
}

/** Writes of one slot, or of one server, as one command; with a fence of one shard. */
export function compareAndSetCommand(writes: readonly RedisWrite[], fence: ShardFence | null): RedisCommand {
  const keys: string[] = fence === null ? [] : [fence.key];
  const args: (string | Buffer | number)[] = [fence === null ? '' : asBuffer(fence.value)];
  for (const write of writes) {
    keys.push(write.key);
    if (write.value === null) {
      args.push('D');
      continue;
    }
    const { expectedStamp, value, companions } = write;
    if (expectedStamp === null) args.push('0', '');
    else args.push('1', asBuffer(stampPrefix(expectedStamp)));
    args.push(asBuffer(value), companions.length);
    for (const companion of companions) {
      keys.push(companion.key);
      if (companion.value === null) args.push('D', '');
      else args.push('S', asBuffer(companion.value));
    }
  }
  return { name: 'evalsha', args: [compareAndSetSha, keys.length, ...keys, ...args] };
}

export function asBuffer(value: Uint8Array): Buffer {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
