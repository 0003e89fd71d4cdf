import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AsofError } from '../core/errors/asof-error.ts';

/**
 * The text of a file of the package's `schema/` folder, from the sources as well as from `dist/`.
 * CORRUPT when the installed package lacks it.
 */
export function readSchemaFile(name: string): string {
  const places = ['../schema/', '../../schema/'].map((folder) =>
    fileURLToPath(new URL(folder + name, import.meta.url)),
  );
  const place = places.find((candidate) => existsSync(candidate));
  if (place !== undefined) return readFileSync(place, 'utf8');
  throw new AsofError('CORRUPT', `the package lacks schema/${name}`, {
    expected: `one of ${places.join(', ')}`,
    remedy: 'Install the package again.',
  });
}
