import type { DeadLetter, DeadLetters } from '../../core/ports/dead-letters.ts';

/** Dead letters of records that may come again after a crash: each place is reported once. */
export interface LetterBox {
  put(letters: readonly DeadLetter[]): Promise<void>;
  /** The places of a source that were reported last: `origin/partition/offset`. */
  reported(source: string): Promise<ReadonlySet<string>>;
  /** Other processes may have reported since: what was reported is read anew. */
  forget(): void;
}

/** A replay after a crash repeats at most what was not flushed, which is less. */
const recentLetters = 20_000;

export function createLetterBox(deadLetters: Pick<DeadLetters, 'put' | 'list'>): LetterBox {
  /** The places reported last, per source, those of an earlier process among them; in order of insertion. */
  const reported = new Map<string, Promise<Set<string>>>();

  const reportedOf = (source: string): Promise<Set<string>> => {
    const known = reported.get(source);
    if (known !== undefined) return known;
    const places = deadLetters
      .list(source, recentLetters)
      .then((letters) => new Set(letters.map(placeOf).toReversed()));
    reported.set(source, places);
    // A failure is this caller's; the next one asks again.
    places.catch(() => reported.delete(source));
    return places;
  };

  return {
    reported: reportedOf,
    forget: () => reported.clear(),
    async put(letters) {
      const fresh: DeadLetter[] = [];
      for (const letter of letters) if (!(await reportedOf(letter.source)).has(placeOf(letter))) fresh.push(letter);
      if (fresh.length === 0) return;
      await deadLetters.put(fresh);
      for (const letter of fresh) {
        const places = await reportedOf(letter.source);
        places.add(placeOf(letter));
        for (const oldest of places) {
          if (places.size <= recentLetters) break;
          places.delete(oldest);
        }
      }
    },
  };
}

export function placeOf({ origin, partition, offset }: Pick<DeadLetter, 'origin' | 'partition' | 'offset'>): string {
  return `${origin}/${partition}/${offset}`;
}
