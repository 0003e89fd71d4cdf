import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../test/services/free-port.ts';
import { python, pythonPackage } from '../../test/services/python-package.ts';

const run = promisify(execFile);
const startMillis = 60_000;

/** Feast's own feature server in Python, on SQLite as `feast init` sets it up. */
export interface FeastServer extends AsyncDisposable {
  readonly url: string;
}

/**
 * Filled the first time, which takes minutes at full size; null where Python or Feast cannot be had, and why is told.
 *
 * @param folder where its repository with the filled store is kept
 */
export async function startFeast(folder: string, rows: number): Promise<FeastServer | null> {
  if (python.program === null) {
    console.log(`feast-shape: without Feast, for Python is missing: ${python.install}`);
    return null;
  }
  try {
    return await started(join(folder, `feast-${rows}`), rows, python.program);
  } catch (error) {
    console.log(`feast-shape: without Feast: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
}

async function started(repository: string, rows: number, program: string): Promise<FeastServer> {
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: repository,
    PYTHONPATH: pythonPackage('feast==0.67.0'),
    FEAST_USAGE: 'False',
    IS_TEST: 'True',
  };
  if (!existsSync(repository)) {
    const partial = `${repository}-${process.pid}`;
    await cp(join(process.cwd(), 'bench', 'baselines', 'feast'), partial, { recursive: true });
    await run(program, ['-W', 'ignore', 'fill.py', String(rows)], { cwd: partial, env: { ...env, HOME: partial } });
    await rename(partial, repository);
  }
  const port = await freePort();
  const serve = `from feast.cli.cli import cli; cli(["serve", "--host", "127.0.0.1", "--port", "${port}", "--no-access-log", "--max-requests", "0", "--max-requests-jitter", "0"])`;
  const child: ChildProcess = spawn(program, ['-W', 'ignore', '-c', serve], {
    cwd: repository,
    env,
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  const url = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null) return;
    const ended = once(child, 'close');
    child.kill();
    await ended;
  };
  if (!(await answers(`${url}/health`, child))) {
    await stop();
    throw new Error('feast serve does not answer');
  }
  return { url, [Symbol.asyncDispose]: stop };
}

async function answers(url: string, child: ChildProcess): Promise<boolean> {
  const until = Date.now() + startMillis;
  while (Date.now() < until && child.exitCode === null) {
    const isThere = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isThere) return true;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return false;
}
