import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What a program that ended has left. */
export interface EndedCommand {
  readonly exitCode: number | null;
  readonly out: string;
  readonly err: string;
}

export interface CommandPlace {
  /** Default: this package. */
  readonly cwd?: string;
  /** Added to an environment that has only PATH and HOME. */
  readonly env?: Readonly<Record<string, string>>;
}

const packageFolder = fileURLToPath(new URL('../../', import.meta.url));
const limitMillis = 30_000;

/** Runs a built program of this package to its end, such as `dist/cli/main.js plan features.ts`; no terminal. */
export async function runProgram(args: readonly string[], { cwd, env }: CommandPlace = {}): Promise<EndedCommand> {
  const [script, ...rest] = args;
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [`${packageFolder}${script}`, ...rest], {
    cwd: cwd ?? packageFolder,
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (err += text));
  const timer = setTimeout(() => child.kill('SIGKILL'), limitMillis);
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  clearTimeout(timer);
  return { exitCode, out, err };
}

/** The same for the command `asof`. */
export function runAsof(args: readonly string[], place?: CommandPlace): Promise<EndedCommand> {
  return runProgram(['dist/cli/main.js', ...args], place);
}
