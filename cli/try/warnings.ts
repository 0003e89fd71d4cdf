import { nearest } from '../../core/errors/nearest.ts';
import type { ValueAnomaly } from '../../core/values/parse.ts';
import type { RowFile, SourceHistory } from './history.ts';
import type { InputRow } from './input-row.ts';

const ofRows = ['__arrival', '__created', '__partition', '__offset', '__deleted'];
const ofSpines = ['__time', '__knownAt'];

/** What may surprise in a spine: columns that views or requests read and no row has. */
export function spineWarnings(file: string, rows: readonly InputRow[], inputs: readonly string[]): string[] {
  return columnWarnings(file, rows, { read: inputs, system: ofSpines });
}

/** What may surprise in a source's rows: columns that none has, values that became NULL, rows that count nowhere. */
export function rowWarnings({ source, dead, nulled }: SourceHistory, files: readonly RowFile[]): string[] {
  const { definition, fields } = source;
  const read = new Set([...fields.map(({ name }) => name), ...(definition.eventTime ? [definition.eventTime] : [])]);
  const rows = files.flatMap((file) => file.rows);
  const names = files.map(({ origin }) => origin).join(', ');
  return [
    ...columnWarnings(names, rows, { read: [...read], system: ofRows }),
    ...nulled.map(({ place, anomaly }) => `${place} is NULL: ${anomalyText[anomaly]}`),
    ...dead.map(({ place, reason }) => `${place} goes to the dead letters: ${reason}`),
  ];
}

const anomalyText: Readonly<Record<ValueAnomaly, string>> = {
  notFinite: 'not a finite number',
  decimalOverflow: 'more digits than the decimal has',
  vectorLength: 'a vector of another length',
  vectorNull: 'a vector with a NULL element',
};

interface Columns {
  /** What is read. */
  readonly read: readonly string[];
  /** What may stand there beside it, of the names that begin with "__". */
  readonly system: readonly string[];
}

function columnWarnings(file: string, rows: readonly InputRow[], { read, system }: Columns): string[] {
  if (rows.length === 0) return [];
  const there = new Set(rows.flatMap(({ values }) => Object.keys(values)));
  const absent = read.filter((name) => !there.has(name));
  const others = [...there].filter((name) => !read.includes(name) && !name.startsWith('__'));
  const unknown = [...there].filter((name) => name.startsWith('__') && !system.includes(name));
  return [
    ...absent.map((name) => `${file} has no column "${name}", so it is NULL.${hint(name, others)}`),
    ...unknown.map((name) => `${file} has a column "${name}", which means nothing.${hint(name, system)}`),
  ];
}

function hint(name: string, candidates: readonly string[]): string {
  const guess = nearest(name, candidates);
  return guess === null ? '' : ` Did you mean "${guess}"?`;
}
