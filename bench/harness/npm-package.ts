import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * The folder with what `bench/baselines/<name>/package-lock.json` names, installed the first time: baselines of many packages
 * are no matter of who only installs ours. It is moved into place whole; an install that is interrupted leaves nothing.
 *
 * @throws Error when npm cannot fetch it
 */
export async function installedBaseline(name: string): Promise<string> {
  const from = join(process.cwd(), 'bench', 'baselines', name);
  const folder = join(process.cwd(), '.tmp', name);
  if (existsSync(folder)) return folder;
  const partial = `${folder}-${process.pid}`;
  await cp(from, partial, { recursive: true });
  await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: partial });
  if (existsSync(folder)) await rm(partial, { recursive: true, force: true });
  else await rename(partial, folder);
  return folder;
}
