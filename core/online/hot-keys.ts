import { createStateCache } from './state-cache.ts';

/** Which keys are asked for again and again. */
export interface HotKeys {
  /** Notes that `key` is asked for; whether it was before, within `hotMillis`. */
  ask(key: string, nowMillis: number): boolean;
}

/** A key that is asked for again after this is not hot. */
export const hotMillis = 10_000;

/** What remembering a key takes beside its text. */
const entryBytes = 120;

/** @param bytes memory for the keys that were asked for last */
export function createHotKeys(bytes: number): HotKeys {
  const lastAsked = createStateCache<number>(bytes);
  return {
    ask(key, nowMillis) {
      const before = lastAsked.take(key);
      lastAsked.put(key, nowMillis, key.length * 2 + entryBytes);
      return before !== undefined && nowMillis - before <= hotMillis;
    },
  };
}
