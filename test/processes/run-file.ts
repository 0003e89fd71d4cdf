import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A TypeScript file at work as a process of its own. */
export interface RunningFile {
  readonly child: ChildProcess;
  /** Everything that it has printed so far, line by line. */
  readonly lines: readonly string[];
  /** Resolves with the first line for which `isEnough` holds; rejects when the process ends before. */
  lineWhere(isEnough: (line: string) => boolean): Promise<string>;
  /** Sends SIGKILL and resolves when the process is gone. */
  kill(): Promise<void>;
}

export function runFile(file: string, args: readonly string[]): RunningFile {
  const child = spawn(process.execPath, ['--import', 'tsx', file, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  // A test run that ends early must not leave processes behind.
  const killWithUs = (): boolean => child.kill('SIGKILL');
  process.once('exit', killWithUs);
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  let errors = '';
  let hasEnded = false;
  let how = '';
  const wake = (): void => {
    for (const check of [...waiting]) check();
  };
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    wake();
  });
  const ended = new Promise<void>((resolve) => {
    child.once('close', (code, signal) => {
      hasEnded = true;
      process.off('exit', killWithUs);
      how = signal ?? `code ${code}`;
      wake();
      resolve();
    });
  });
  return {
    child,
    lines,
    lineWhere: (isEnough) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          const line = lines.find(isEnough);
          if (line === undefined && !hasEnded) return;
          waiting.delete(check);
          if (line === undefined) reject(new Error(`${file} ended by itself (${how}): ${errors}`));
          else resolve(line);
        };
        waiting.add(check);
        check();
      }),
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Runs a file, kills it at the first line for which `isEnough` holds, and resolves with every line that came out. */
export async function killWhen(
  file: string,
  args: readonly string[],
  isEnough: (line: string) => boolean,
): Promise<readonly string[]> {
  const running = runFile(file, args);
  try {
    await running.lineWhere(isEnough);
  } finally {
    await running.kill();
  }
  return running.lines;
}
