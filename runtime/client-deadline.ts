import type { IncomingMessage, ServerResponse } from 'node:http';
import { AsofError } from '../core/errors/asof-error.ts';
import type { SystemClock } from '../core/ports/clocks.ts';

/** Within how many milliseconds a client wants its answer: later it is of no use to it. */
const header = 'x-asof-deadline-ms';

/**
 * Aborts with UNAVAILABLE when the client's own time is over; null = it names none.
 *
 * @throws AsofError BAD_INPUT for what is no time
 */
export function clientDeadline(
  { headers }: IncomingMessage,
  response: ServerResponse,
  clock: SystemClock,
): AbortSignal | null {
  const given = headers[header];
  if (given === undefined) return null;
  const text = String(given);
  if (!/^[1-9]\d{0,6}$/.test(text)) {
    const expected = 'a whole number of milliseconds, at least 1';
    throw new AsofError('BAD_INPUT', 'the deadline is not readable', {
      path: header,
      expected,
      got: text.slice(0, 80),
    });
  }
  const late = new AbortController();
  const answered = new AbortController();
  response.once('close', () => answered.abort());
  // When this process was busy the reply may be there, unread: timers come before input.
  const end = () => setImmediate(() => late.abort(tooLate(text)));
  clock.sleep(Number(text), answered.signal).then(end, () => {});
  return late.signal;
}

/** What is done in time, or the signal's reason thrown. */
export function inTime<T>(work: Promise<T>, late: AbortSignal | null): Promise<T> {
  if (late === null) return work;
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(late.reason);
    if (late.aborted) giveUp();
    late.addEventListener('abort', giveUp, { once: true });
    work.then(resolve, reject).finally(() => late.removeEventListener('abort', giveUp));
  });
}

function tooLate(millis: string): AsofError {
  return new AsofError('UNAVAILABLE', 'the answer would come too late', {
    expected: `an answer within ${millis} ms (${header})`,
    remedy: 'Ask for less at once, or give it more time.',
  });
}
