import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { register as registerHooks } from 'node:module';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { register as registerTypeScript } from 'tsx/esm/api';
import { collectDefinitions } from '../../core/definitions/collect.ts';
import type { Definitions } from '../../core/definitions/model.ts';
import { parseDefinitions } from '../../core/definitions/parse.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import { parseJson } from '../../core/values/parse-json.ts';
import { definedIn } from './defined-in.ts';
import { jsonErrorPlace } from './json-error-place.ts';
import { loadFailure } from './load-failure.ts';

const moduleExtensions = ['.ts', '.mts', '.js', '.mjs'];

/**
 * The definitions in a TypeScript or JavaScript module (everything it exports) or in a JSON file. `asof` resolves to
 * this package wherever the file lies.
 *
 * @throws AsofError BAD_INPUT for a file that is not there or of another kind, BAD_DEFINITION for one that does not
 *   load or is not sound; each names the file
 */
export async function loadDefinitions(file: string): Promise<Definitions> {
  const path = resolve(file);
  if (!existsSync(path)) {
    throw new AsofError('BAD_INPUT', 'there is no such definitions file', {
      path: file,
      expected: 'a .ts, .mts, .js, .mjs or .json file',
      remedy: 'Name the file that exports your entities, sources, views and services.',
    });
  }
  const extension = extname(path);
  if (extension === '.json') {
    const json = await readJson(file);
    return definedIn(file, () => withCheckedFunctions(parseDefinitions(json)));
  }
  if (moduleExtensions.includes(extension)) {
    const exported = await importModule(file);
    return definedIn(file, () => withCheckedFunctions(collectDefinitions(exported)));
  }
  throw new AsofError('BAD_INPUT', 'definitions of an unknown kind', {
    path: file,
    expected: 'a .ts, .mts, .js, .mjs or .json file',
    got: extension === '' ? 'no extension' : extension,
  });
}

/** A source that is no pure function is refused where it is written, before anything is sent anywhere. */
async function withCheckedFunctions(definitions: Definitions): Promise<Definitions> {
  if (definitions.functions.length === 0) return definitions;
  const { checkFunctions } = await import('../../adapters/quickjs/check-source.ts');
  checkFunctions(definitions.functions);
  return definitions;
}

async function readJson(file: string): Promise<unknown> {
  const text = (await readFile(file, 'utf8')).replace(/^\uFEFF/, '');
  try {
    return parseJson(text);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new AsofError('BAD_DEFINITION', `not JSON: ${message}`, { path: `${file}:${jsonErrorPlace(text)}` });
  }
}

let loads = 0;

async function importModule(file: string): Promise<Record<string, unknown>> {
  // A name of its own for each load: a file that changed is read again.
  const namespace = `asof-definitions-${++loads}`;
  const typeScript = registerTypeScript({ namespace });
  // Registered after tsx, so asked before it.
  const asofUrl = new URL(`../../core/index${extname(import.meta.url)}`, import.meta.url).href;
  registerHooks(`data:text/javascript,${encodeURIComponent(resolveHook)}`, import.meta.url, {
    data: { asofUrl, namespace },
  });
  // tsx puts a module on one line: errors find their place by its source map.
  const hadSourceMaps = process.sourceMapsEnabled;
  process.setSourceMapsEnabled(true);
  try {
    return await typeScript.import(pathToFileURL(resolve(file)).href, import.meta.url);
  } catch (cause) {
    throw loadFailure(file, cause);
  } finally {
    process.setSourceMapsEnabled(hadSourceMaps);
    await typeScript.unregister();
  }
}

/**
 * Runs on Node's loader thread. It resolves `asof` to this package, and has .ts files read as ES modules where no
 * package.json says "type": "module": tsx would make CommonJS of them (their names then carry an escaped namespace),
 * whose `require` cannot be told where `asof` is.
 */
const resolveHook = `
let asofUrl, namespace;
export function initialize(data) { ({ asofUrl, namespace } = data); }
export async function resolve(specifier, context, next) {
  if (specifier === 'asof') return next(asofUrl, context);
  const found = await next(specifier, context);
  const end = found.url.indexOf('.ts%3Fnamespace=' + namespace);
  if (found.format !== 'commonjs' || end === -1) return found;
  return { ...found, url: found.url.slice(0, end + 3) + '?tsx-namespace=' + namespace, format: 'module' };
}`;
