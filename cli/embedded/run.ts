import { type ClosingStack, createClosingStack } from '../../runtime/closing-stack.ts';
import { exitCodeOf } from '../exit-codes.ts';
import { createOutput, printError } from '../output.ts';

/**
 * Runs `work`, then stays until SIGINT or SIGTERM, closes what `work` put on the stack, and ends the process: 0 after
 * a clean stop, the error's exit code after a failure. A second signal ends it at once.
 *
 * @param endsWithParent whether the end of the parent process counts as a signal
 */
export async function runUntilSignal(
  work: (stack: ClosingStack, signal: AbortSignal) => Promise<void>,
  { endsWithParent = false } = {},
): Promise<void> {
  const stack = createClosingStack();
  const stopping = new AbortController();
  const signalled = new Promise<void>((resolve) => {
    const stop = (): void => {
      if (stopping.signal.aborted) process.exit(130);
      stopping.abort(new Error('the process was told to stop'));
      resolve();
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
    if (endsWithParent) stack.defer(onEndOfParent(stop));
  });
  let exitCode = 0;
  try {
    const working = work(stack, stopping.signal).then(() => signalled);
    await Promise.race([working, signalled]);
  } catch (error) {
    printError(createOutput(false), error);
    exitCode = exitCodeOf(error);
  }
  stopping.abort(new Error('the process is stopping'));
  try {
    await stack[Symbol.asyncDispose]();
  } catch (error) {
    printError(createOutput(false), error);
    exitCode ||= 1;
  }
  process.exit(exitCode);
}

const parentMillis = 200;

/** Looks again and again; returns what ends the looking. Where a parent's id stays when it ends, nothing is noticed. */
function onEndOfParent(stop: () => void): () => void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    stop();
  }, parentMillis);
  return () => clearInterval(timer);
}
