import { createHash } from 'node:crypto';
import type { CompiledView } from '../definitions/compiled.ts';
import { canonicalText } from '../values/canonical-text.ts';
import type { Value, ValueType } from '../values/types.ts';

/*
 * f:<entity>|<part>|<part>:<view>:<version>:{<shard>}                   state of one key (features)
 * d:<entity>|<part>|<part>:<view>:<version>:<hour>:<chunk>:{<shard>}    its event ids of one hour, for dedupe
 * ready:<view>:<version>:{<shard>}                                      completeness marker, one in each shard
 * ready:<view>:<version>:filling:{<shard>}                              which fill is making it complete
 * progress:<topic>:<partition>:{<shard>}                                how far ingest has come in it
 * freshness:{<shard>}                                                   the monitor's newest reports, in one shard
 *
 * The braces are the hash tag: all that is in a shard is on one server. All views of one entity key are in one shard,
 * and what vouches for a value is kept, moved and lost with it. A view without a key has the entity `*`.
 */

const special = /[%|{}#\p{Cc}]/gu;
const longestTag = 400;

function escapeCharacter(character: string): string {
  return `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

/** Whether no character is one of `special`; most keys are so, and each read makes its keys. */
function isPlain(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const isLetterOrDigit = (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || (code >= 65 && code <= 90);
    if (!isLetterOrDigit && code !== 45 && code !== 46 && code !== 95 && code !== 58) return false;
  }
  return true;
}

/** One key part as text without `|`, `{` and `}`; distinct values of one type have distinct texts. */
function partText(type: ValueType, value: Exclude<Value, null>): string {
  const text = canonicalText(type, value);
  return typeof value === 'number' || isPlain(text) ? text : text.replace(special, escapeCharacter);
}

/** The key's parts as one text; two keys of one entity never share it. No part is NULL. */
export function keyText(view: CompiledView, key: readonly Value[]): string {
  let text = '';
  for (let i = 0; i < view.key.length; i++) {
    const part = key[i];
    if (part === null || part === undefined) throw new TypeError(`${view.name}: a key with a NULL part has no state`);
    text += i === 0 ? partText(view.key[i]!.type, part) : `|${partText(view.key[i]!.type, part)}`;
  }
  if (text.length <= longestTag / 4 || Buffer.byteLength(text) <= longestTag) return text;
  // Stores bound the length of a key; `#` never begins an escaped part.
  return `#${createHash('sha256').update(text).digest('hex')}`;
}

/** What the keys of a view's states begin with, whatever its version, and of their event ids. */
export function keyPrefixes({ entity }: Pick<CompiledView, 'entity'>): readonly [states: string, eventIds: string] {
  return [`f:${entity ?? '*'}|`, `d:${entity ?? '*'}|`];
}

/** Where the state of one key of one view version is stored. Injective; no part of `key` is NULL. */
export function onlineKey(view: CompiledView, key: readonly Value[], shards: readonly string[]): string {
  const { before, after } = surroundings(view);
  const text = before + keyText(view, key);
  return `${text}${after}${shardFor(text, shards)}}`;
}

/** What stands around the text of a key; a read makes it for each of its keys. */
function surroundings(view: CompiledView): { readonly before: string; readonly after: string } {
  let around = surroundingsOf.get(view);
  if (around === undefined) {
    around = { before: `f:${view.entity ?? '*'}|`, after: `:${view.name}:${view.version}:{` };
    surroundingsOf.set(view, around);
  }
  return around;
}

const surroundingsOf = new WeakMap<CompiledView, { readonly before: string; readonly after: string }>();

/** Beside an `onlineKey`, in its shard: a chunk of the ids of events of one hour since 1970. */
export function dedupeKey(ofOnlineKey: string, hour: number, chunk: number): string {
  const tag = ofOnlineKey.lastIndexOf('{');
  return `d${ofOnlineKey.slice(1, tag)}${hour}:${chunk}:${ofOnlineKey.slice(tag)}`;
}

/** The shard that one of the keys above is in. */
export function shardOf(key: string): string {
  return key.slice(key.lastIndexOf('{') + 1, -1);
}

/** Present once a shard has been filled completely with a view version; until then its cells are NOT_READY. */
export function readyKey({ name, version }: Pick<CompiledView, 'name' | 'version'>, shard: string): string {
  return `ready:${name}:${version}:{${shard}}`;
}

/** Put in a shard before it is filled; gone, or another's, when what was filled since may be. */
export function fillKey({ name, version }: Pick<CompiledView, 'name' | 'version'>, shard: string): string {
  return `ready:${name}:${version}:filling:{${shard}}`;
}

/** Where whoever applies a partition says how far it is. */
export function progressKey(topic: string, partition: number, shards: readonly string[]): string {
  const text = `progress:${topic.replace(special, escapeCharacter)}:${partition}`;
  return `${text}:{${shardFor(text, shards)}}`;
}

/** Where the monitor says how fresh views are. */
export function freshnessKey(shards: readonly string[]): string {
  return `freshness:{${shards[0]}}`;
}

/** FNV-1a of what follows the kind of a key, its high bits folded in: the same text is always in the same shard. */
function shardFor(text: string, shards: readonly string[]): string {
  if (shards.length === 1) return shards[0]!;
  let hash = 0x811c_9dc5;
  for (let i = text.indexOf(':') + 1; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x0100_0193);
  return shards[((hash ^ (hash >>> 15)) >>> 0) % shards.length]!;
}
