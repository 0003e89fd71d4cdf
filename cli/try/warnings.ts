import type { CompiledSource } from '../../core/definitions/compiled.ts';
import { nearest } from '../../core/errors/nearest.ts';
import type { ValueAnomaly } from '../../core/values/parse.ts';
import type { RowFile, SourceHistory } from './history.ts';
import { columnOf, type InputRow } from './input-row.ts';
import { delimiterHint } from './parse-csv.ts';

const ofRows = ['__arrival', '__created', '__partition', '__offset', '__deleted'];
const ofSpines = ['__time', '__knownAt'];

/** What may surprise in a spine: columns that views or requests read and no row has. */
export function spineWarnings(file: string, rows: readonly InputRow[], inputs: readonly string[]): string[] {
  return columnWarnings(file, rows, { read: inputs, system: ofSpines });
}

/**
 * What may surprise in a source's rows: columns that none has or that mean nothing, values that became NULL, rows that
 * count nowhere.
 *
 * @param keys columns that are a view's key
 */
export function rowWarnings(
  { source, dead, nulled }: SourceHistory,
  files: readonly RowFile[],
  keys: ReadonlySet<string>,
): string[] {
  const { definition, fields } = source;
  const read = new Set([...fields.map(({ name }) => name), ...(definition.eventTime ? [definition.eventTime] : [])]);
  const rows = files.flatMap((file) => file.rows);
  const names = files.map(({ origin }) => origin).join(', ');
  const consequence = (name: string) => {
    if (name === definition.eventTime) return 'so its rows have no event time';
    return keys.has(name) ? 'so it is NULL, and a key that is NULL matches nothing' : 'so it is NULL';
  };
  return [
    ...columnWarnings(names, rows, { read: [...read], system: ofRows, consequence }),
    ...idleColumns[source.kind]
      .filter(([name]) => rows.some((row) => (columnOf(row, name) ?? null) !== null))
      .map(([name, why]) => `${names} has a column "${name}", which means nothing: ${why}.`),
    ...nulled.map(({ place, anomaly }) => `${place} is NULL: ${anomalyText[anomaly]}`),
    ...dead.map(({ place, reason }) => `${place} goes to the dead letters: ${reason}`),
  ];
}

/** What has a meaning for the other kind of source only. */
const idleColumns: Readonly<Record<CompiledSource['kind'], readonly (readonly [string, string])[]>> = {
  events: [
    ['__created', 'an event is known from its arrival'],
    ['__deleted', 'events have no tombstones, only rows (state) do'],
  ],
  rows: [['__arrival', 'rows (state) are known from their created time']],
};

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
  /** What follows from a column's absence; default: it is NULL. */
  readonly consequence?: (name: string) => string;
}

function columnWarnings(file: string, rows: readonly InputRow[], columns: Columns): string[] {
  const { read, system, consequence = () => 'so it is NULL' } = columns;
  if (rows.length === 0) return [];
  const there = new Set(rows.flatMap(({ values }) => Object.keys(values)));
  const absent = read.filter((name) => !there.has(name));
  const others = [...there].filter((name) => !read.includes(name) && !name.startsWith('__'));
  const unknown = [...there].filter((name) => name.startsWith('__') && !system.includes(name));
  const delimiter = delimiterHint([...there]);
  return [
    ...absent.map((name) => `${file} has no column "${name}", ${consequence(name)}.${hint(name, others)}`),
    ...(absent.length === 0 || delimiter === null ? [] : [`${file}: ${delimiter}`]),
    ...unknown.map((name) => `${file} has a column "${name}", which means nothing.${hint(name, system)}`),
  ];
}

function hint(name: string, candidates: readonly string[]): string {
  const guess = nearest(name, candidates);
  return guess === null ? '' : ` Did you mean "${guess}"?`;
}
