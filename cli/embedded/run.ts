import { type ClosingStack, createClosingStack } from '../../runtime/closing-stack.ts';
import { exitCodeOf } from '../exit-codes.ts';
import { createOutput, printError } from '../output.ts';

/**
 * Runs `work`, then stays until SIGINT or SIGTERM, closes what `work` put on the stack, and ends the process: 0 after
 * a clean stop, the error's exit code after a failure. A second signal ends it at once.
 */
export async function runUntilSignal(work: (stack: ClosingStack, signal: AbortSignal) => Promise<void>): Promise<void> {
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
