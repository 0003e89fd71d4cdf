import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { findProgram } from '../services/find-program.ts';

/** The package of PyPI that has the official schemas of every version of Kubernetes in it. */
const validator = 'kubernetes-validate==1.37.0';

export const python = { program: findProgram('python3'), install: 'apt-get install python3 python3-pip' };

/** What holding manifests against a version's schemas gave. */
export interface Verdict {
  readonly isValid: boolean;
  /** One line for each manifest, and for each that is not right what is wrong. */
  readonly lines: readonly string[];
}

const folder = new URL(`../../.tmp/${validator.replace('==', '-')}`, import.meta.url).pathname;

/** Strict: a field that the schemas do not know is an error. `file` has one YAML document for each manifest. */
export function validateManifests(file: string, kubernetesVersion: string): Verdict {
  if (python.program === null) throw new Error(`python3 is not installed: ${python.install}`);
  fetchValidator(python.program);
  const args = ['-m', 'kubernetes_validate', '--strict', '--kubernetes-version', kubernetesVersion, file];
  const ended = spawnSync(python.program, args, { env: { ...process.env, PYTHONPATH: folder }, encoding: 'utf8' });
  if (ended.stderr !== '') throw new Error(ended.stderr);
  return { isValid: ended.status === 0, lines: ended.stdout.trim().split('\n') };
}

/** Beside the checkout's other temporary files, moved into place whole: a fetch that is interrupted leaves nothing. */
function fetchValidator(program: string): void {
  if (existsSync(folder)) return;
  const partial = `${folder}-${process.pid}`;
  mkdirSync(partial, { recursive: true });
  execFileSync(program, ['-m', 'pip', 'install', '--quiet', '--no-compile', '--target', partial, validator], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (existsSync(folder)) rmSync(partial, { recursive: true, force: true });
  else renameSync(partial, folder);
}
