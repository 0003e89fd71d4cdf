import { createHash } from 'node:crypto';

/*
 * The stream of live messages. All its keys are in one slot:
 *
 *   live:{live}              the stream; of each entry `e`, its epoch; `p`, the id of the entry before it; `m`, the message;
 *                            `g`, '1' where its publisher had to leave out messages before it, else ''
 *   live:{live}:state        `<bytes of the messages in the stream> <id of the newest entry> <epoch>`
 *   live:{live}:from:<uuid>  the number of the last batch of a publisher, for an hour
 *
 * An entry names the one before it, so that a reader knows whether it has seen all: what Redis lost in a failover, when it
 * was emptied, or what was cut off before it was read shows as another `p` than the last id read. The epoch is drawn when
 * there is no state: a Redis that was emptied may give an id again. A cursor is `<epoch>.<id>`.
 */
export interface LiveKeys {
  readonly stream: string;
  readonly state: string;
  publisher(id: string): string;
}

/** @param name `live`; another one is another stream */
export function liveKeys(name: string): LiveKeys {
  const stream = `live:{${name}}`;
  return { stream, state: `${stream}:state`, publisher: (id) => `${stream}:from:${id}` };
}

/** In the place of a cursor: there is none before the first entry. */
export const noEntry = '0-0';

export const cursorForm = /^[0-9a-f]{12}\.\d{1,16}-\d{1,16}$/;

/** The id in a cursor, as Redis takes it. */
export function idOf(cursor: string): string {
  return cursor.slice(cursor.indexOf('.') + 1);
}

/** Whether one is at the other, or behind it in the same epoch; everything is behind `noEntry`. */
export function hasReached(cursor: string, other: string): boolean {
  if (other === noEntry) return true;
  if (cursor === noEntry || cursor.split('.')[0] !== other.split('.')[0]) return false;
  const [millis, sequence] = idOf(cursor).split('-').map(BigInt) as [bigint, bigint];
  const [otherMillis, otherSequence] = idOf(other).split('-').map(BigInt) as [bigint, bigint];
  return millis > otherMillis || (millis === otherMillis && sequence >= otherSequence);
}

/*
 * Appends a batch, once. KEYS: stream, state, publisher. ARGV: most entries; most bytes; the batch's number; an epoch, in case
 * there is none; then for each message '1' or '' (see `g`) and the message. Cuts off the oldest beyond the limits, never the newest.
 */
export const publishScript = `
local known = redis.call('MGET', KEYS[2], KEYS[3])
if known[2] == ARGV[3] then return 0 end
local bytes, last, epoch = 0, '${noEntry}', ARGV[4]
if known[1] then
  local textBytes, textLast, textEpoch = string.match(known[1], '^(%d+) (%S+) (%S+)$')
  bytes, last, epoch = tonumber(textBytes), textLast, textEpoch
end
for at = 5, #ARGV, 2 do
  last = redis.call('XADD', KEYS[1], '*', 'e', epoch, 'p', last, 'm', ARGV[at + 1], 'g', ARGV[at])
  bytes = bytes + #ARGV[at + 1]
end
local count = redis.call('XLEN', KEYS[1])
while count > tonumber(ARGV[1]) or (count > 1 and bytes > tonumber(ARGV[2])) do
  local oldest = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]
  redis.call('XDEL', KEYS[1], oldest[1])
  bytes = math.max(0, bytes - #oldest[2][6])
  count = count - 1
end
redis.call('SET', KEYS[2], string.format('%d %s %s', bytes, last, epoch))
redis.call('SET', KEYS[3], ARGV[3], 'EX', 3600)
return 1
`;

export const publishSha = createHash('sha1').update(publishScript).digest('hex');

/** The newest entry's cursor, by the state as MGET gives it; `noEntry` = there is no stream. */
export function readTail(reply: unknown): string {
  const [state] = Array.isArray(reply) ? (reply as readonly (Buffer | null)[]) : [];
  const [, id, epoch] = state?.toString().split(' ') ?? [];
  return id === undefined || epoch === undefined ? noEntry : `${epoch}.${id}`;
}

export interface StreamEntry {
  readonly cursor: string;
  /** The cursor of the entry before it, or `noEntry`. */
  readonly previous: string;
  readonly message: string;
  readonly isAfterLoss: boolean;
}

/** The entries of a reply of XREAD or XRANGE; one with other fields has a message that is not readable. */
export function readEntries(reply: unknown): readonly StreamEntry[] {
  if (!Array.isArray(reply)) return [];
  return reply.map((entry: unknown): StreamEntry => {
    const [id, fields] = entry as [Buffer, readonly Buffer[] | null];
    const byName = new Map<string, string>();
    for (let at = 0; at < (fields?.length ?? 0); at += 2) byName.set(String(fields![at]), String(fields![at + 1]));
    const epoch = byName.get('e') ?? '';
    const before = byName.get('p') ?? '';
    return {
      cursor: `${epoch}.${id}`,
      previous: before === noEntry ? noEntry : `${epoch}.${before}`,
      message: byName.get('m') ?? '',
      isAfterLoss: byName.get('g') === '1',
    };
  });
}
