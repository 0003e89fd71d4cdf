import { AsofError, type ErrorCode } from '../../core/errors/asof-error.ts';
import type { LogBatch } from '../../core/ports/event-log.ts';
import { deadLetter } from './decode.ts';
import type { LetterBox } from './letters.ts';
import type { SourceRoute } from './routes.ts';

type Apply = (batch: LogBatch, routes: readonly SourceRoute[]) => Promise<void>;

/** Failures of what is around the records: they say nothing about them, however often they come. */
const passing: ReadonlySet<ErrorCode> = new Set(['UNAVAILABLE', 'CONFLICT', 'LOCKED', 'CANCELLED']);

export function isPassing(error: unknown): boolean {
  return error instanceof AsofError && passing.has(error.code);
}

/**
 * Applies a batch that fails as a whole by halves, down to the records that fail by themselves. Those become dead letters
 * and the others go on, if at least one other could be applied: where all fail, it is the store that cannot, and the
 * failure is thrown. What was applied before is applied again without effect.
 */
export function createPoisonSieve(
  apply: Apply,
  deps: { readonly deadLetters: Pick<LetterBox, 'put'>; readonly onError: (error: unknown) => void },
): Apply {
  return async (batch, routes) => {
    const poison: { readonly record: LogBatch['records'][number]; readonly error: unknown }[] = [];
    let applied = 0;
    const sieve = async (records: LogBatch['records']): Promise<void> => {
      try {
        await apply({ ...batch, records }, routes);
        applied += records.length;
      } catch (error) {
        if (isPassing(error)) throw error;
        const [record] = records;
        if (record === undefined) return;
        if (records.length === 1) {
          poison.push({ record, error });
          return;
        }
        const middle = Math.ceil(records.length / 2);
        await sieve(records.slice(0, middle));
        await sieve(records.slice(middle));
      }
    };
    await sieve(batch.records);
    const [first] = poison;
    if (first === undefined) return;
    if (applied === 0) throw first.error;
    const letters = poison.flatMap(({ record, error }) =>
      routes.map(({ source }) => deadLetter(source, batch, record, codeOf(error), `could not be applied: ${error}`)),
    );
    await deps.deadLetters.put(letters);
    for (const { error } of poison) deps.onError(error);
  };
}

function codeOf(error: unknown): ErrorCode {
  return error instanceof AsofError ? error.code : 'INTERNAL';
}
