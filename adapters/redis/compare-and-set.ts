import { createHash } from 'node:crypto';

/*
 * KEYS: the value's key, then its companions' keys.
 * ARGV: '1' when a value is expected, else '0'; the bytes that it begins with (length and stamp); the new value; then for
 * each companion 'S' and its value, or 'D' and ''.
 * Bytes are compared as text and never as numbers, which in Lua are doubles.
 */
export const compareAndSetScript = `
if ARGV[1] == '1' then
  if redis.call('GETRANGE', KEYS[1], 0, #ARGV[2] - 1) ~= ARGV[2] then return 0 end
elseif redis.call('EXISTS', KEYS[1]) == 1 then
  return 0
end
redis.call('SET', KEYS[1], ARGV[3])
for i = 2, #KEYS do
  if ARGV[2 * i] == 'S' then redis.call('SET', KEYS[i], ARGV[2 * i + 1]) else redis.call('DEL', KEYS[i]) end
end
return 1
`;

/** How Redis names the script. */
export const compareAndSetSha = createHash('sha1').update(compareAndSetScript).digest('hex');
