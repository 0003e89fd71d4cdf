import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Measured } from './benchmark.ts';

/** No program may take longer. */
export const timeoutMillis = 20 * 60_000;

/** The file of a program, from its path in the benchmarks' folder. */
export function scriptOf(path: string): string {
  return fileURLToPath(new URL(`../${path}.js`, import.meta.url));
}

/**
 * Runs a program of this folder in a process of its own, with its request as JSON in the only argument, and returns
 * what it printed. A program that fails, or does not end, fails the benchmark.
 */
export async function runProgram(path: string, request: object): Promise<Measured> {
  const child = spawn(process.execPath, ['--expose-gc', scriptOf(path), JSON.stringify(request)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: timeoutMillis,
    killSignal: 'SIGKILL',
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) throw new Error(`${path} ended with ${code}: ${JSON.stringify(request)}`);
  return JSON.parse(output) as Measured;
}
