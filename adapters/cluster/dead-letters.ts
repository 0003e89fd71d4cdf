import type { DeadLetter, DeadLetters } from '../../core/ports/dead-letters.ts';
import { asking, type Link } from './link.ts';

type Kept = Omit<DeadLetters, keyof AsyncDisposable>;

export function deadLettersCalls(open: () => Promise<Kept>) {
  return {
    'deadLetters.put': async (letters: readonly DeadLetter[]) => (await open()).put(letters),
    'deadLetters.counts': async () => (await open()).counts(),
    'deadLetters.list': async (source: string, limit: number) => (await open()).list(source, limit),
  };
}

/** The primary's dead letters, in a worker. */
export function createLinkedDeadLetters(link: Link): Kept {
  const primary = asking<ReturnType<typeof deadLettersCalls>>(link);
  return {
    put: (letters) => primary.call('deadLetters.put', letters),
    counts: () => primary.call('deadLetters.counts'),
    list: (source, limit) => primary.call('deadLetters.list', source, limit),
  };
}
