import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { scriptOf, timeoutMillis } from './program.ts';

/** A server program of this folder, in a process of its own. */
export interface ServerProgram {
  readonly port: number;
  /** What comes from here on is measured. */
  measure(): void;
  /** Ends it; returns what it took since `measure`. */
  stop(): Promise<Record<string, number>>;
}

/**
 * Starts it with its request as JSON in the only argument. It prints its port as JSON once it listens, and what it took
 * when its input ends.
 */
export async function startServer(
  path: string,
  request: object,
  nodeOptions: readonly string[] = [],
): Promise<ServerProgram> {
  const args = ['--expose-gc', ...nodeOptions, scriptOf(path), JSON.stringify(request)];
  const child: ChildProcess = spawn(process.execPath, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: timeoutMillis,
    killSignal: 'SIGKILL',
  });
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const nextLine = async (): Promise<Record<string, number>> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`${path} ended too early: ${JSON.stringify(request)}`);
    return JSON.parse(value) as Record<string, number>;
  };
  const { port } = await nextLine();
  return {
    port: port!,
    measure: () => void child.stdin!.write('\n'),
    async stop() {
      const ended = once(child, 'close');
      child.stdin!.end();
      const figures = await nextLine();
      await ended;
      return figures;
    },
  };
}
