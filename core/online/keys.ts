import { createHash } from 'node:crypto';
import type { CompiledView } from '../definitions/compiled.ts';
import { canonicalText } from '../values/canonical-text.ts';
import type { Value, ValueType } from '../values/types.ts';

/*
 * f:{<entity>|<part>|<part>}:<view>:<version>          state of one key (features)
 * d:{<entity>|<part>|<part>}:<view>:<version>:<hour>:<chunk>   its event ids of one hour, for dedupe
 * ready:<view>:<version>                               completeness marker
 *
 * The braces are the hash tag: all views of one entity key share a slot. A view without a key has the entity `*`.
 */

const special = /[%|{}#\p{Cc}]/gu;
const longestTag = 400;

function escapeCharacter(character: string): string {
  return `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

/** One key part as text without `|`, `{` and `}`; distinct values of one type have distinct texts. */
function partText(type: ValueType, value: Exclude<Value, null>): string {
  return canonicalText(type, value).replace(special, escapeCharacter);
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

function tagged(kind: 'f' | 'd', view: CompiledView, key: readonly Value[]): string {
  return `${kind}:{${view.entity ?? '*'}|${keyText(view, key)}}:${view.name}:${view.version}`;
}

/** Where the state of one key of one view version is stored. Injective; no part of `key` is NULL. */
export function onlineKey(view: CompiledView, key: readonly Value[]): string {
  return tagged('f', view, key);
}

/** Beside `onlineKey`, in the same slot: a chunk of the ids of events of one hour since 1970. */
export function dedupeKey(view: CompiledView, key: readonly Value[], hour: number, chunk: number): string {
  return `${tagged('d', view, key)}:${hour}:${chunk}`;
}

/** Present once a view version has been filled completely; until then its cells are NOT_READY. */
export function readyKey(view: CompiledView): string {
  return `ready:${view.name}:${view.version}`;
}
