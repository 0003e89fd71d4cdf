import { readdirSync } from 'node:fs';

/** Every hand-written TypeScript file of the project, by its path from the root. */
export function handWrittenSources(folder = '.'): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '.' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return isSkipped(entry.name) ? [] : handWrittenSources(path);
    return /\.(ts|tsx)$/.test(entry.name) && !entry.name.endsWith('.d.ts') ? [path] : [];
  });
}

function isSkipped(folder: string): boolean {
  return folder.startsWith('.') || ['node_modules', 'dist', 'generated', 'coverage'].includes(folder);
}
