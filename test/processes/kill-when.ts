import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/**
 * Runs a TypeScript file as a process of its own and sends it SIGKILL at the first line of output for which `isEnough`
 * holds. Resolves with every line that came out; rejects when it ends by itself.
 */
export async function killWhen(
  file: string,
  args: readonly string[],
  isEnough: (line: string) => boolean,
): Promise<string[]> {
  const child = spawn(process.execPath, ['--import', 'tsx', file, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    if (isEnough(line)) child.kill('SIGKILL');
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (signal === 'SIGKILL') resolve(lines);
      else reject(new Error(`${file} ended by itself with ${code ?? signal}: ${errors}`));
    });
  });
}
