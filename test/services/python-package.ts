import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
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
  if (existsSync(folder)) return folder;
  const partial = `${folder}-${process.pid}`;
  mkdirSync(partial, { recursive: true });
  execFileSync(python.program, ['-m', 'pip', 'install', '--quiet', '--no-compile', '--target', partial, requirement], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (existsSync(folder)) rmSync(partial, { recursive: true, force: true });
  else renameSync(partial, folder);
  return folder;
}
