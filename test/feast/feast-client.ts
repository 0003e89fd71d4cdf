import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { python, pythonPackage } from '../services/python-package.ts';

const run = promisify(execFile);

/** Feast from PyPI, with `feast` and `asof` as commands, in a folder of its own. */
export interface FeastClient {
  /** Runs a line of a shell there. */
  shell(line: string, folder: string, env?: Readonly<Record<string, string>>): Promise<string>;
  /** Runs a program there, in Python; `input` is what it reads. */
  python(program: string, folder: string, input?: string): Promise<string>;
}

export interface FeastAnswer {
  readonly [column: string]: readonly unknown[];
}

export function openFeast(folder: string): FeastClient {
  const site = pythonPackage('feast==0.67.0');
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const command = (name: string, line: string): void => {
    writeFileSync(join(bin, name), `#!/bin/sh\nexec ${line} "$@"\n`);
    chmodSync(join(bin, name), 0o755);
  };
  command('feast', `${python.program} -W ignore -c "from feast.cli.cli import cli; cli()"`);
  command('asof', `${process.execPath} ${resolve('dist/cli/main.js')}`);
  const base = {
    PATH: `${bin}:${process.env.PATH ?? ''}`,
    HOME: folder,
    PYTHONPATH: site,
    FEAST_USAGE: 'False',
    IS_TEST: 'True',
  };
  return {
    async shell(line, at, env = {}) {
      return (await run('sh', ['-ec', line], { cwd: at, env: { ...base, ...env } })).stdout;
    },
    python(program, at, input = '') {
      return new Promise((done, fail) => {
        const child = execFile(
          python.program!,
          ['-W', 'ignore', '-c', program],
          { cwd: at, env: base },
          (error, stdout) => {
            if (error === null) done(stdout);
            else fail(error);
          },
        );
        child.stdin!.end(input);
      });
    },
  };
}
