import { accessSync, constants, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, it } from 'vitest';

/** A program's path: on PATH, or in one of the folders; null when it is not installed. */
export function findProgram(name: string, folders: readonly string[] = []): string | null {
  for (const folder of [...folders, ...(process.env.PATH ?? '').split(delimiter)]) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not here.
    }
  }
  return null;
}

/** Folders below `parent` as `<parent>/<entry>/<child>`, newest name first. */
export function versionFolders(parent: string, child: string): string[] {
  try {
    return readdirSync(parent)
      .sort((a, b) => Number(b) - Number(a))
      .map((entry) => join(parent, entry, child));
  } catch {
    return [];
  }
}

/** A suite that needs a tool which no package of Debian's brings in a version that does: without it, a skip by name, in CI too. */
export function describeWithTool(
  name: string,
  { program, install }: { readonly program: string | null; readonly install: string },
  suite: () => void,
): void {
  if (program !== null) describe(name, suite);
  else it.skip(`${name}: not installed, get it with: ${install}`, () => {});
}

/**
 * A suite that needs a server's program. Without it: in CI a failure, elsewhere a skipped test whose name says how to
 * get the program.
 */
export function describeWithService(
  name: string,
  { program, install }: { readonly program: string | null; readonly install: string },
  suite: () => void,
): void {
  if (program !== null) {
    describe(name, suite);
    return;
  }
  const missing = `${name}: not installed, get it with: ${install}`;
  if (process.env.CI === undefined) {
    it.skip(missing, () => {});
    return;
  }
  it(missing, () => {
    throw new Error(missing);
  });
}
