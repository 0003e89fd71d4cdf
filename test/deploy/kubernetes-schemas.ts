import { spawnSync } from 'node:child_process';
import { python, pythonPackage } from '../services/python-package.ts';

/** The package of PyPI that has the official schemas of every version of Kubernetes in it. */
const validator = 'kubernetes-validate==1.37.0';

/** What holding manifests against a version's schemas gave. */
export interface Verdict {
  readonly isValid: boolean;
  /** One line for each manifest, and for each that is not right what is wrong. */
  readonly lines: readonly string[];
}

/** Strict: a field that the schemas do not know is an error. `file` has one YAML document for each manifest. */
export function validateManifests(file: string, kubernetesVersion: string): Verdict {
  if (python.program === null) throw new Error(`python3 is not installed: ${python.install}`);
  const args = ['-m', 'kubernetes_validate', '--strict', '--kubernetes-version', kubernetesVersion, file];
  const ended = spawnSync(python.program, args, {
    env: { ...process.env, PYTHONPATH: pythonPackage(validator) },
    encoding: 'utf8',
  });
  if (ended.stderr !== '') throw new Error(ended.stderr);
  return { isValid: ended.status === 0, lines: ended.stdout.trim().split('\n') };
}
