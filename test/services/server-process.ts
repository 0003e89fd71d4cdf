import { spawn } from 'node:child_process';

/** A server started by a test. */
export interface ServerProcess extends AsyncDisposable {
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
}

export interface PausableProcess extends ServerProcess {
  /** Until `resume` it is there, and does nothing. */
  pause(): void;
  resume(): void;
}

/**
 * Starts a program and waits until its output has a line that matches `ready`. Rejects, with its output, when it ends
 * before, or has not said so within 30 s.
 */
export async function startServerProcess(
  program: string,
  args: readonly string[],
  options: { readonly ready: RegExp; readonly uid?: number; readonly gid?: number; readonly cwd?: string },
): Promise<PausableProcess> {
  const { ready, ...identity } = options;
  const child = spawn(program, args, { ...identity, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let output = '';
  await new Promise<void>((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`${program} ${why}:\n${output}`));
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      fail('did not get ready');
    }, 30_000);
    const hear = (text: string): void => {
      output = (output + text).slice(-20_000);
      if (!ready.test(output)) return;
      clearTimeout(timer);
      resolve();
    };
    child.stdout.setEncoding('utf8').on('data', hear);
    child.stderr.setEncoding('utf8').on('data', hear);
    child.once('error', reject);
    child.once('close', () => fail('ended'));
    child.once('spawn', () => ended.then(() => clearTimeout(timer)));
  });
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await ended;
  };
  // A test run that ends early must not leave servers behind.
  const killAtExit = (): void => void child.kill('SIGKILL');
  process.once('exit', killAtExit);
  void ended.then(() => process.off('exit', killAtExit));
  return {
    kill: () => end('SIGKILL'),
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    [Symbol.asyncDispose]: async () => {
      // One that is paused does not hear that it shall end.
      child.kill('SIGCONT');
      await end('SIGTERM');
    },
  };
}
