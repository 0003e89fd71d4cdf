import { AsofError } from '../../core/errors/asof-error.ts';
import type { SystemClock } from '../../core/ports/clocks.ts';
import { type ClosingStack, createClosingStack } from '../../runtime/closing-stack.ts';
import type { Logger } from '../../runtime/logging.ts';

const firstPauseMillis = 500;
const longestPauseMillis = 5_000;
/** So often it is said that nothing has changed. */
const reminderMillis = 60_000;

export interface AwaitServersDeps {
  readonly systemClock: SystemClock;
  readonly logger: Logger;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
  /** Told why it waits; null when it does no more. */
  readonly onWaiting: (reason: string | null) => void;
}

/**
 * Opens what needs servers, again and again while one of them does not answer: whoever starts everything at once, or after
 * a fault, need not think of an order. What an attempt has put on its stack is closed when it fails; of the one that does not
 * fail the stack is the caller's to close.
 *
 * @throws what `open` throws, but for UNAVAILABLE; the signal's reason when it aborts
 */
export async function openWhenServersAnswer<T>(
  open: (stack: ClosingStack) => Promise<T>,
  { systemClock, logger, signal, onWaiting }: AwaitServersDeps,
): Promise<{ readonly opened: T; readonly stack: ClosingStack }> {
  let saidMillis: number | null = null;
  for (let pauseMillis = firstPauseMillis; ; pauseMillis = Math.min(pauseMillis * 2, longestPauseMillis)) {
    const stack = createClosingStack();
    try {
      const opened = await open(stack);
      if (saidMillis !== null) logger.warn('what this process waited for answers');
      onWaiting(null);
      return { opened, stack };
    } catch (error) {
      await closed(stack, logger);
      if (!(error instanceof AsofError) || error.code !== 'UNAVAILABLE') throw error;
      onWaiting(error.message);
      if (saidMillis === null || systemClock.nowMillis() - saidMillis >= reminderMillis) {
        logger.warn({ err: error }, 'waits for a server that it needs');
        saidMillis = systemClock.nowMillis();
      }
    }
    await systemClock.sleep(pauseMillis, signal);
    signal.throwIfAborted();
  }
}

async function closed(stack: ClosingStack, logger: Logger): Promise<void> {
  try {
    await stack[Symbol.asyncDispose]();
  } catch (error) {
    logger.warn({ err: error }, 'what was opened in vain could not be closed');
  }
}
