import type { HeldValue } from '../ports/online-store.ts';
import { type Aged, AgeList } from './age-list.ts';

/**
 * Values of a store by key, bounded by the bytes they take in memory, for whoever reads far more often than they change: a
 * hit moves nothing. What was read since it was last considered stays once more; of the rest the oldest goes first.
 */
export interface ValueCache {
  find(key: string): HeldValue | undefined;
  /**
   * Instead of what was held.
   *
   * @param until when it is no longer good, by the clock of those who read it
   */
  set(key: string, value: Uint8Array | null, until?: number): void;
  delete(key: string): void;
  clear(): void;
}

/** Asked of what is no longer good, until when it is good after all; null = it is not. */
export type Renew = (key: string, value: Uint8Array | null, now: number) => number | null;

/** What an entry takes beside its key and value, with what a reader makes of a short value. */
const entryBytes = 500;

class Entry implements HeldValue, Aged<Entry> {
  older: Entry | null = null;
  newer: Entry | null = null;
  made: unknown = undefined;
  wasRead = false;
  readonly key: string;
  readonly #renew: Renew | null;
  #until: number;
  value: Uint8Array | null | undefined;

  constructor(key: string, value: Uint8Array | null, { until, renew }: { until: number; renew: Renew | null }) {
    this.key = key;
    this.value = value;
    this.#until = until;
    this.#renew = renew;
  }

  read(now: number): Uint8Array | null | undefined {
    if (this.#until <= now && !this.#isGoodAfterAll(now)) return undefined;
    this.wasRead = true;
    return this.value;
  }

  #isGoodAfterAll(now: number): boolean {
    if (this.#renew === null || this.value === undefined) return false;
    const until = this.#renew(this.key, this.value, now);
    if (until !== null) this.#until = until;
    return until !== null;
  }

  /** Whoever still knows it reads nothing, and keeps nothing of it in memory. */
  end(): void {
    this.value = undefined;
    this.made = undefined;
  }
}

export function createValueCache(maxBytes: number, renew: Renew | null = null): ValueCache {
  const entries = new Map<string, Entry>();
  const ages = new AgeList<Entry>();
  let total = 0;

  const bytesOf = ({ length }: string, value: Uint8Array | null | undefined): number =>
    length * 2 + (value?.length ?? 0) * 2 + entryBytes;
  const remove = (entry: Entry): void => {
    entries.delete(entry.key);
    total -= bytesOf(entry.key, entry.value);
    ages.remove(entry);
    entry.end();
  };
  const makeRoom = (bytes: number): void => {
    for (let oldest = ages.oldest; oldest !== null && total + bytes > maxBytes; oldest = ages.oldest) {
      if (oldest.wasRead) {
        oldest.wasRead = false;
        ages.remove(oldest);
        ages.append(oldest);
      } else remove(oldest);
    }
  };
  const forget = (key: string): void => {
    const entry = entries.get(key);
    if (entry !== undefined) remove(entry);
  };

  return {
    find: (key) => entries.get(key),
    set(key, value, until = Number.POSITIVE_INFINITY) {
      forget(key);
      const bytes = bytesOf(key, value);
      if (bytes > maxBytes) return;
      makeRoom(bytes);
      const entry = new Entry(key, value, { until, renew });
      entries.set(key, entry);
      ages.append(entry);
      total += bytes;
    },
    delete: forget,
    clear() {
      for (let oldest = ages.oldest; oldest !== null; oldest = ages.oldest) remove(oldest);
    },
  };
}
