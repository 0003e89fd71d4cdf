import type { CompiledRegistry } from '../../core/definitions/registry-view.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import type { DeadLetters } from '../../core/ports/dead-letters.ts';
import type { Instant } from '../../core/values/types.ts';
import type { OnlineLimits } from './deps.ts';
import { unknownName } from './names.ts';

/** A dead letter as clients see it. */
export interface ListedLetter {
  readonly source: string;
  readonly origin: string;
  readonly partition: number | null;
  readonly offset: number | null;
  readonly at: Instant | null;
  readonly code: string;
  readonly reason: string;
  readonly payload: string;
}

interface DeadLetterDeps {
  readonly deadLetters: Pick<DeadLetters, 'list' | 'counts'>;
  readonly limits: Pick<OnlineLimits, 'listedLetters'>;
}

/** The newest letters of a source that is registered or has some. UNKNOWN_NAME for any other. */
export async function listDeadLetters(
  { deadLetters, limits }: DeadLetterDeps,
  registry: CompiledRegistry,
  { source, first }: { readonly source: string; readonly first: number },
): Promise<ListedLetter[]> {
  if (first < 0 || first > limits.listedLetters) {
    throw new AsofError('BAD_INPUT', 'so many dead letters cannot be listed', {
      path: 'deadLetters.first',
      expected: `0 to ${limits.listedLetters}`,
      got: String(first),
    });
  }
  const counts = await deadLetters.counts();
  if (!registry.sources.has(source) && !counts.has(source))
    throw unknownName('source', source, registry.sources.keys());
  const letters = await deadLetters.list(source, first);
  return letters.map((letter) => ({
    ...letter,
    // Negative: it has no place in a log.
    partition: letter.partition < 0 ? null : letter.partition,
    offset: letter.offset < 0 ? null : letter.offset,
    // Rows of files become known with their file, at no instant of their own.
    at: letter.at === 0 ? null : letter.at,
  }));
}

export async function countDeadLetters({
  deadLetters,
}: DeadLetterDeps): Promise<{ source: string; records: number }[]> {
  const counts = [...(await deadLetters.counts())].map(([source, records]) => ({ source, records }));
  return counts.sort((a, b) => (a.source < b.source ? -1 : 1));
}
