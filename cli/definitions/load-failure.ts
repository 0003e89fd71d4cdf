import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { AsofError } from '../../core/errors/asof-error.ts';
import { lineAndColumn } from './line-and-column.ts';

/** What went wrong, and `features.ts:12:3`: where, or as much of it as is known. */
interface Failure {
  readonly place: string;
  readonly message: string;
}

/** BAD_DEFINITION for a module that does not load: it does not parse, imports what is not there, or throws. */
export function loadFailure(file: string, cause: unknown): AsofError {
  // The module has its own copy of AsofError when it runs from source, so the class cannot be asked for.
  const error = cause instanceof Error ? cause : new Error(String(cause));
  const { place, message } = syntaxError(error, file) ?? missingImport(error, file) ?? thrown(error, file);
  return new AsofError('BAD_DEFINITION', `the definitions do not load: ${message}`, { path: place }, { cause });
}

/** esbuild says `/path/features.ts:2:60: ERROR: …`, its columns from 0. */
function syntaxError({ message }: Error, file: string): Failure | null {
  const [, path, line, column, text] = /^(.+):(\d+):(\d+): ERROR: (.+)$/m.exec(message) ?? [];
  if (path === undefined || text === undefined) return null;
  return { place: `${path === resolve(file) ? file : path}:${line}:${Number(column) + 1}`, message: text };
}

/** Node does not say where a missing module or export is imported; its name says. */
function missingImport({ message }: Error, file: string): Failure | null {
  const [, name] =
    /does not provide an export named '([^']+)'/.exec(message) ??
    /^Cannot find (?:module|package) '([^']+)'/.exec(message) ??
    [];
  if (name === undefined) return null;
  const source = readFileSync(file, 'utf8');
  const offset = source.indexOf(basename(name));
  return { place: offset === -1 ? file : `${file}:${lineAndColumn(source, offset)}`, message };
}

/** Where in the user's own file it was thrown, from the stack. */
function thrown(error: Error, file: string): Failure {
  const line = (error.stack ?? '').split('\n').find((text) => text.includes(resolve(file)));
  const place = /:(\d+:\d+)\)?$/.exec(line?.trim() ?? '');
  return { place: place === null ? file : `${file}:${place[1]}`, message: error.message };
}
