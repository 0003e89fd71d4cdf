import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Definitions } from '../../core/definitions/model.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import { loadDefinitions } from '../definitions/load.ts';

/** Reads the definitions that cases name or write out. */
export type DefinitionsReader = (text: string) => Promise<Definitions>;

/** Each is read once: many cases share their definitions, and a module takes a while to load. */
export function definitionsReader(folder: string): DefinitionsReader {
  const known = new Map<string, Promise<Definitions>>();
  return (text) => {
    const found = known.get(text) ?? definitionsOf(text, folder);
    known.set(text, found);
    return found;
  };
}

/** What no file name has: the text of a module does. */
const moduleText = /\n|from ['"]asof['"]/;

/** From a file, or from the text of a TypeScript module. */
async function definitionsOf(text: string, folder: string): Promise<Definitions> {
  if (!moduleText.test(text)) return loadDefinitions(resolve(folder, text));
  const written = await mkdtemp(join(tmpdir(), 'asof-try-'));
  const file = join(written, 'definitions.ts');
  try {
    await writeFile(file, text);
    return await loadDefinitions(file);
  } catch (error) {
    throw error instanceof AsofError ? errorInText(error, file, written) : error;
  } finally {
    await rm(written, { recursive: true, force: true });
  }
}

/** `text:1:14` for what is wrong in a text: nobody knows the file that it was written to. */
function errorInText({ code, summary, details }: AsofError, file: string, folder: string): AsofError {
  const unwritten = (text: string) => text.replaceAll(file, 'text').replaceAll(`${folder}/`, '');
  const { path = 'text', ...rest } = details;
  return new AsofError(code, unwritten(summary), { path: unwritten(path), ...rest });
}
