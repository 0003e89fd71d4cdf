import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from './find-program.ts';

export const python = { program: findProgram('python3'), install: 'apt-get install python3 python3-pip' };

/**
 * The folder of a package of PyPI with all that it needs, for PYTHONPATH; fetched the first time. It is moved into place
 * whole: a fetch that is interrupted leaves nothing.
 *
 * @param requirement `name==version`
 */
export function pythonPackage(requirement: string): string {
  if (python.program === null) throw new Error(`python3 is not installed: ${python.install}`);
  const folder = new URL(`../../.tmp/${requirement.replace('==', '-')}`, import.meta.url).pathname;
  // Some packages tell by this name what is installed and what is a program of the user's.
  const site = 'site-packages';
  if (existsSync(join(folder, site))) return join(folder, site);
  const partial = `${folder}-${process.pid}`;
  mkdirSync(partial, { recursive: true });
  execFileSync(
    python.program,
    ['-m', 'pip', 'install', '--quiet', '--no-compile', '--target', join(partial, site), requirement],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  if (!existsSync(join(folder, site))) {
    rmSync(folder, { recursive: true, force: true });
    renameSync(partial, folder);
  } else rmSync(partial, { recursive: true, force: true });
  return join(folder, site);
}
