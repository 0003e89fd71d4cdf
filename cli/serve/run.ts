import { AsofError } from '../../core/errors/asof-error.ts';
import { type ClosingStack, createClosingStack } from '../../runtime/closing-stack.ts';
import { exitCodeOf } from '../exit-codes.ts';
import { createOutput, printError } from '../output.ts';
import { defaultGraceMillis } from './settings.ts';

/** What a process that runs until a signal is made of. */
export interface RunningWork {
  readonly stack: ClosingStack;
  /** Aborts when the process is told to stop. */
  readonly signal: AbortSignal;
  /** How long it may take to stop; `defaultGraceMillis` until somebody says otherwise. */
  graceMillis: number;
}

/**
 * Runs `work`, then stays until SIGINT or SIGTERM, closes what `work` put on the stack, and ends the process: 0 after
 * a clean stop, the error's exit code after a failure, 1 when the grace is over. A second signal ends it at once.
 *
 * @param endsWithParent whether the end of the parent process counts as a signal
 */
export function runUntilSignal(
  work: (running: RunningWork) => Promise<void>,
  { endsWithParent = false } = {},
): Promise<void> {
  return runUntilStopped(work, {
    onStop(stop, stack) {
      process.on('SIGINT', stop);
      process.on('SIGTERM', stop);
      if (endsWithParent) stack.defer(onEndOfParent(stop));
    },
    report: async (error) => printError(createOutput(false), error),
  });
}

/** Who says when a process has to stop, and hears how it fares. */
export interface Master {
  /** Has `stop` called for the first time to stop, and again to end at once. */
  onStop(stop: () => void, stack: ClosingStack): void;
  /** Told of what failed, before the process ends. */
  report(error: unknown): Promise<void>;
}

/** The same where somebody else than the person at the terminal says when to stop. */
export async function runUntilStopped(
  work: (running: RunningWork) => Promise<void>,
  { onStop, report }: Master,
): Promise<void> {
  const stack = createClosingStack();
  const stopping = new AbortController();
  const signalled = new Promise<void>((resolve) => {
    const stop = (): void => {
      if (stopping.signal.aborted) process.exit(130);
      stopping.abort(new Error('the process was told to stop'));
      resolve();
    };
    onStop(stop, stack);
  });
  const running: RunningWork = { stack, signal: stopping.signal, graceMillis: defaultGraceMillis };
  let exitCode = 0;
  try {
    const working = work(running).then(() => signalled);
    // Work that is told to stop before it is done says so.
    working.catch(() => {});
    await Promise.race([working, signalled]);
  } catch (error) {
    await report(error);
    exitCode = exitCodeOf(error);
  }
  stopping.abort(new Error('the process is stopping'));
  endAfter(running.graceMillis, report);
  try {
    await stack[Symbol.asyncDispose]();
  } catch (error) {
    await report(error);
    exitCode ||= 1;
  }
  process.exit(exitCode);
}

function endAfter(graceMillis: number, report: Master['report']): void {
  const end = async (): Promise<void> => {
    const error = new AsofError('UNAVAILABLE', 'the process could not stop in time and is ended', {
      expected: `an end within ${graceMillis} ms (ASOF_GRACE_MILLIS)`,
    });
    await report(error);
    process.exit(1);
  };
  setTimeout(() => void end(), graceMillis).unref();
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
