import type { DeadLetter, DeadLetters } from '../../core/ports/dead-letters.ts';

/** Dead letters of records that may come again after a crash: each place is reported once. */
export interface LetterBox {
  put(letters: readonly DeadLetter[]): Promise<void>;
}

/** A replay after a crash repeats at most what was not flushed, which is less. */
const recentLetters = 20_000;

export function createLetterBox(deadLetters: Pick<DeadLetters, 'put' | 'list'>): LetterBox {
  /** Places reported by an earlier process, per source. */
  const reported = new Map<string, Promise<ReadonlySet<string>>>();

  const reportedOf = (source: string): Promise<ReadonlySet<string>> => {
    const known = reported.get(source);
    if (known !== undefined) return known;
    const places = deadLetters.list(source, recentLetters).then((letters) => new Set(letters.map(placeOf)));
    reported.set(source, places);
    return places;
  };

  return {
    async put(letters) {
      const fresh: DeadLetter[] = [];
      for (const letter of letters) if (!(await reportedOf(letter.source)).has(placeOf(letter))) fresh.push(letter);
      if (fresh.length > 0) await deadLetters.put(fresh);
    },
  };
}

function placeOf({ origin, partition, offset }: DeadLetter): string {
  return `${origin}/${partition}/${offset}`;
}
