import type { ImportReport } from './report.ts';

/** A name as ours have to be: lower case, digits and `_`, a letter first. What has to change is told. */
export function nameOf(name: string, report: ImportReport): string {
  const ours = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, '_')
    .replace(/^[^a-z]+/, '')
    .slice(0, 128);
  if (ours !== name) report.changed(name, `is named '${ours}' here: names are snake_case`);
  return ours;
}
