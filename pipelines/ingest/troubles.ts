import type { SystemClock } from '../../core/ports/clocks.ts';

/** What keeps ingest from applying records at present. */
export interface Troubles {
  /** `what` failed again. It is told until it is over, or has not failed for so long. */
  failed(what: string, error: unknown, forMillis?: number): void;
  /** `what` is done, or is nobody's to do any more. */
  over(what: string): void;
  /** One sentence each. */
  sentences(): string[];
}

interface Trouble {
  readonly sinceMillis: number;
  readonly untilMillis: number;
  readonly reason: string;
}

export function createTroubles(systemClock: Pick<SystemClock, 'nowMillis'>): Troubles {
  const troubles = new Map<string, Trouble>();
  return {
    failed(what, error, forMillis = Number.POSITIVE_INFINITY) {
      const now = systemClock.nowMillis();
      const reason = error instanceof Error ? error.message : String(error);
      const sinceMillis = troubles.get(what)?.sinceMillis ?? now;
      troubles.set(what, { sinceMillis, untilMillis: now + forMillis, reason });
    },
    over: (what) => void troubles.delete(what),
    sentences() {
      const now = systemClock.nowMillis();
      for (const [what, { untilMillis }] of troubles) if (now > untilMillis) troubles.delete(what);
      return [...troubles].map(([what, { sinceMillis, reason }]) => {
        return `ingest applies nothing of ${what} since ${new Date(sinceMillis).toISOString()}: ${reason}`;
      });
    },
  };
}
