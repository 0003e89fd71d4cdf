import { type DuckDBType, DuckDBTypeId } from '@duckdb/node-api';
import type { CompiledSource, ServiceMember } from '../../../core/definitions/compiled.ts';
import { AsofError } from '../../../core/errors/asof-error.ts';
import { nearest } from '../../../core/errors/nearest.ts';
import type { JoinRequest } from '../../../core/ports/offline-store.ts';
import { formatInstant } from '../../../core/values/json.ts';
import type { Field } from '../../../core/values/types.ts';
import type { Session } from '../engine.ts';
import { fieldTypeOf } from '../field-types.ts';
import { integer, text } from '../quoting.ts';
import { withSourceViews } from '../source-view.ts';
import { sqlTypeOf } from '../sql-type-names.ts';
import { guardedSelect } from './spine-guard.ts';
import { appendSpineRows } from './spine-rows.ts';

/** A column of a SQL or file spine with this name holds each row's known-at instant; it is not kept. */
const knownAtColumn = '__knownAt';

/**
 * The spine as a table of the session:
 *
 *   spine_rows(r BIGINT: its number from 0, t BIGINT: time, kn BIGINT: known-at, c0, c1, …: its columns)
 */
export interface LoadedSpine {
  readonly columns: readonly Field[];
  readonly rows: number;
  /** The column that is the time, where the spine has one. */
  readonly timeColumn: string | null;
  /** Whether some row has another known-at than its time. */
  readonly hasKnownAt: boolean;
  /** Bounds of t and of kn over all rows; null for an empty spine. */
  readonly bounds: { readonly minTime: number; readonly maxTime: number; readonly minKnownAt: number } | null;
}

/** A spine that is a query or a file. */
type ReadSpine = Exclude<JoinRequest['spine'], { kind: 'rows' }>;

/** What reads a spine: a session, and a query for the whole history of a source. */
export interface SpineReader {
  readonly session: Session;
  history(source: CompiledSource): string;
}

/** The columns of a spine and their types, without running it. */
export async function describeSpineColumns(
  { session, history }: SpineReader,
  spine: JoinRequest['spine'],
  sources: readonly CompiledSource[],
): Promise<readonly Field[]> {
  if (spine.kind === 'rows') return spine.columns;
  const { columns } = await withSourceViews(session, sourcesOf(spine, sources), history, async () =>
    describe(session, await relationOf(session, spine, sources, [])),
  );
  return columns.filter((column) => column.name !== knownAtColumn);
}

function sourcesOf(spine: JoinRequest['spine'], sources: readonly CompiledSource[]): readonly CompiledSource[] {
  return spine.kind === 'sql' ? sources : [];
}

/** Reads the spine once into its table, in order. BAD_INPUT for a time that is missing, unreadable or out of range. */
export async function loadSpine({ session, history }: SpineReader, request: JoinRequest): Promise<LoadedSpine> {
  const { spine, between } = request;
  if (spine.kind === 'rows') {
    const columns = spine.columns.map(({ type }, index) => `c${index} ${sqlTypeOf(type)}`);
    await session.run(`CREATE TEMP TABLE spine_rows (${['r BIGINT', 't BIGINT', 'kn BIGINT', ...columns].join(', ')})`);
    await appendSpineRows(session.connection, spine, between);
    return finish(session, request, spine.columns, null);
  }
  const columns = await withSourceViews(session, sourcesOf(spine, request.sources), history, () =>
    createSpine(session, request, spine),
  );
  await session.run('ALTER TABLE __spine RENAME TO spine_rows');
  return finish(session, request, columns, spine.timeColumn);
}

/** Creates the spine's table under a name that no source can have; returns its columns. */
async function createSpine(
  session: Session,
  { between, sources, members }: JoinRequest,
  spine: ReadSpine,
): Promise<readonly Field[]> {
  const relation = await relationOf(session, spine, sources, joinColumnsOf(members));
  const { columns, types } = await describe(session, relation);
  const timeIndex = columns.findIndex((column) => column.name === spine.timeColumn);
  if (timeIndex < 0) throw unknownColumn(spine.timeColumn, columns, 'spine.timeColumn');
  const knownAtIndex = columns.findIndex((column) => column.name === knownAtColumn);
  const kept = columns.flatMap((column, index) => (index === knownAtIndex ? [] : [{ column, index }]));
  const selected = kept.map(({ column, index }, place) => `CAST(q${index} AS ${sqlTypeOf(column.type)}) AS c${place}`);
  const time = millisSql(`q${timeIndex}`, types[timeIndex]!, spine.timeColumn);
  const knownAt = knownAtIndex < 0 ? 'NULL' : millisSql(`q${knownAtIndex}`, types[knownAtIndex]!, knownAtColumn);
  const names = columns.map((_, index) => `q${index}`).join(', ');
  try {
    await session.run(
      `CREATE TEMP TABLE __spine AS SELECT row_number() OVER () - 1 AS r, t, coalesce(k, t) AS kn, * EXCLUDE (t, k) FROM ` +
        `(SELECT ${[`${time} AS t`, `CAST(${knownAt} AS BIGINT) AS k`, ...selected].join(', ')} ` +
        `FROM (${relation}\n) AS q(${names})) WHERE ${betweenSql(between)}`,
    );
  } catch (cause) {
    // Whatever goes wrong in here goes wrong in the caller's query or file.
    if (cause instanceof AsofError && cause.code === 'INTERNAL') throw unreadable(cause);
    throw cause;
  }
  return kept.map(({ column }) => column);
}

/** Rows without a time stay in, to be complained of. */
function betweenSql(between: JoinRequest['between']): string {
  const conditions = [
    ...(between?.start == null ? [] : [`t >= ${integer(between.start)}`]),
    ...(between?.end == null ? [] : [`t < ${integer(between.end)}`]),
  ];
  return conditions.length === 0 ? 'true' : `(t IS NULL OR (${conditions.join(' AND ')}))`;
}

const endOfTime = Date.UTC(2100, 0, 1);

async function finish(
  session: Session,
  { knownUntil }: JoinRequest,
  columns: readonly Field[],
  timeColumn: string | null,
): Promise<LoadedSpine> {
  const [bad] = await session.all(
    `SELECT r, t, kn FROM spine_rows WHERE t IS NULL OR t < 0 OR t >= ${endOfTime} OR kn < 0 OR kn >= ${endOfTime} ` +
      'ORDER BY r LIMIT 1',
  );
  const rowPath = (row: unknown) => `spine.rows[${row}].${timeColumn ?? 'time'}`;
  if (bad !== undefined) {
    throw new AsofError('BAD_INPUT', 'a spine row has no usable time', {
      path: rowPath(bad[0]),
      expected: 'an instant in [1970-01-01, 2100-01-01)',
      got: bad[1] === null ? 'nothing that can be read as a time' : `${bad[1]} ms, known at ${bad[2]} ms`,
    });
  }
  if (knownUntil !== undefined) {
    const limit = integer(knownUntil);
    const [ahead] = await session.all(
      `SELECT r, greatest(t, kn) FROM spine_rows WHERE t > ${limit} OR kn > ${limit} ORDER BY r LIMIT 1`,
    );
    if (ahead !== undefined) {
      throw new AsofError('BAD_INPUT', 'a spine row is later than what is known', {
        path: rowPath(ahead[0]),
        expected: `at most ${formatInstant(knownUntil)}`,
        got: formatInstant(Number(ahead[1])),
        remedy: 'Ask again when the data has arrived, or leave the row out',
      });
    }
  }
  const [row] = await session.all(
    'SELECT count(*), min(t), max(t), min(kn), count(*) FILTER (kn <> t) FROM spine_rows',
  );
  const [rows, minTime, maxTime, minKnownAt, different] = row!.map(Number) as [number, number, number, number, number];
  const bounds = rows === 0 ? null : { minTime, maxTime, minKnownAt };
  return { columns, rows, timeColumn, hasKnownAt: different > 0, bounds };
}

/** A query for the spine's rows in order. */
async function relationOf(
  session: Session,
  spine: ReadSpine,
  sources: readonly CompiledSource[],
  textColumns: readonly string[],
): Promise<string> {
  if (spine.kind === 'sql')
    return guardedSelect(
      session,
      spine.query,
      sources.map(({ name }) => name),
    );
  const path = text(spine.path);
  if (spine.format === 'parquet') return `SELECT * FROM read_parquet(${path})`;
  if (spine.format === 'ndjson') return `SELECT * FROM read_json(${path}, format = 'newline_delimited')`;
  // Keys stay text until their declared type is known: "007" is not 7.
  const header = await session.all(`SELECT column_name FROM (DESCRIBE SELECT * FROM read_csv(${path}, header = true))`);
  const keys = header.map(([name]) => String(name)).filter((name) => textColumns.includes(name));
  const types = keys.map((name) => `${text(name)}: 'VARCHAR'`);
  const typing = types.length === 0 ? '' : `, types = {${types.join(', ')}}`;
  return `SELECT * FROM read_csv(${path}, header = true${typing})`;
}

async function describe(
  session: Session,
  relation: string,
): Promise<{ columns: readonly Field[]; types: readonly DuckDBType[] }> {
  let chunk: { names: string[]; types: DuckDBType[] };
  try {
    const result = await session.connection.run(`SELECT * FROM (${relation}\n) LIMIT 0`);
    chunk = { names: result.columnNames(), types: result.columnTypes() };
  } catch (cause) {
    throw unreadable(cause);
  }
  const seen = new Set<string>();
  const columns = chunk.names.map((name, index) => {
    if (seen.has(name)) {
      throw new AsofError('BAD_INPUT', 'two columns of the spine have the same name', {
        path: 'spine',
        got: name,
        remedy: 'Rename one of them with AS',
      });
    }
    seen.add(name);
    return { name, type: fieldTypeOf(chunk.types[index]!, name) };
  });
  return { columns, types: chunk.types };
}

function unreadable(cause: unknown): AsofError {
  const message = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
  return new AsofError('BAD_INPUT', `the spine cannot be read: ${message}`, { path: 'spine' }, { cause });
}

function joinColumnsOf(members: readonly ServiceMember[]): string[] {
  return members.flatMap((member) => [...member.joinColumns]);
}

export function unknownColumn(name: string, columns: readonly Field[], path: string): AsofError {
  const names = columns.map((column) => column.name);
  const guess = nearest(name, names);
  return new AsofError('BAD_INPUT', `the spine has no column ${JSON.stringify(name)}`, {
    path,
    expected: `one of ${names.join(', ')}`,
    got: name,
    ...(guess === null ? {} : { remedy: `Did you mean ${JSON.stringify(guess)}?` }),
  });
}

/** A time column as milliseconds since the epoch, floored; text without an offset is UTC. NULL = unreadable. */
function millisSql(column: string, type: DuckDBType, name: string): string {
  switch (type.typeId) {
    case DuckDBTypeId.INTEGER:
    case DuckDBTypeId.UINTEGER:
    case DuckDBTypeId.BIGINT:
      return `CAST(${column} AS BIGINT)`;
    case DuckDBTypeId.VARCHAR:
      return floorMicrosSql(`epoch_us(TRY_CAST(${column} AS TIMESTAMPTZ))`);
    case DuckDBTypeId.TIMESTAMP_TZ:
      return floorMicrosSql(`epoch_us(${column})`);
    case DuckDBTypeId.DATE:
    case DuckDBTypeId.TIMESTAMP:
    case DuckDBTypeId.TIMESTAMP_S:
    case DuckDBTypeId.TIMESTAMP_MS:
    case DuckDBTypeId.TIMESTAMP_NS:
      return floorMicrosSql(`epoch_us(CAST(${column} AS TIMESTAMP))`);
    default:
      throw new AsofError('BAD_INPUT', `the spine's time column ${JSON.stringify(name)} is not a time`, {
        path: `spine.${name}`,
        expected: 'a timestamp, a date, milliseconds as an integer, or text',
        got: type.toString(),
      });
  }
}

function floorMicrosSql(micros: string): string {
  return `((${micros} - ((${micros} % 1000) + 1000) % 1000) // 1000)`;
}
