import { createHash } from 'node:crypto';
import { stampPrefix } from '../../core/online/stamp-prefix.ts';
import type { OnlineWrite } from '../../core/ports/online-store.ts';
import type { RedisCommand } from './redis-client.ts';

/*
 * One compare-and-set after the other. KEYS: of each the value's key, then its companions' keys. ARGV: of each '1' when a
 * value is expected, else '0'; the bytes that it begins with (length and stamp); the new value; how many companions; then
 * for each companion 'S' and its value, or 'D' and ''. Replies 1 or 0 for each.
 * Bytes are compared as text and never as numbers, which in Lua are doubles.
 */
export const compareAndSetScript = `
local key, arg, replies = 1, 1, {}
while arg <= #ARGV do
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
return replies
`;

/** How Redis names the script. */
export const compareAndSetSha = createHash('sha1').update(compareAndSetScript).digest('hex');

/** Writes of one slot, or of one server, as one command. */
export function compareAndSetCommand(writes: readonly OnlineWrite[]): RedisCommand {
  const keys: string[] = [];
  const args: (string | Buffer | number)[] = [];
  for (const { key, expectedStamp, value, companions } of writes) {
    keys.push(key);
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
