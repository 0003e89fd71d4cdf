import { createReadStream } from 'node:fs';
import { isAbsolute, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import {
  DuckDBDateValue,
  DuckDBDecimalValue,
  type DuckDBInstance,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBUUIDValue,
  type DuckDBValue,
} from '@duckdb/node-api';
import type { CompiledSource } from '../../core/definitions/compiled.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import type { RawRow } from '../../core/ports/offline-store.ts';
import { formatDecimal } from '../../core/values/decimal.ts';
import { toInteger } from '../../core/values/integers.ts';
import { parseJson } from '../../core/values/parse-json.ts';
import { engineError, openSession, type Session, throwIfCancelled } from './engine.ts';
import { text } from './quoting.ts';
import { openSandbox, sandboxedSelect } from './sandbox.ts';
import { floorMicros } from './sql-types.ts';

/** Rows handed over at once. */
const batchRows = 2048;

/** Raw rows of a source's batch location. BAD_DEFINITION for a source without one, BAD_INPUT for a path outside. */
export async function* readBatchRows(
  instance: DuckDBInstance,
  source: CompiledSource,
  baseFolder: string,
  signal?: AbortSignal,
): AsyncGenerator<readonly RawRow[]> {
  const { batch } = source.definition;
  if (batch === undefined) {
    throw new AsofError('BAD_DEFINITION', 'the source has no batch location', {
      path: `sources.${source.name}.batch`,
      remedy: 'Declare `batch` with a file or a query',
    });
  }
  if (batch.kind === 'sql') {
    const sandbox = await openSandbox(baseFolder);
    const session = await openSession(sandbox, signal);
    try {
      const query = await sandboxedSelect(session, batch.query, baseFolder, `sources.${source.name}.batch.query`);
      yield* rowsOfQuery(session, query, 'sql', signal);
    } finally {
      session.close();
      sandbox.closeSync();
    }
    return;
  }
  const session = await openSession(instance, signal);
  try {
    for (const file of await matchingFiles(session, source, batch.path, baseFolder)) {
      const origin = isAbsolute(batch.path) ? file : relative(baseFolder, file);
      if (batch.kind === 'ndjson') yield* rowsOfLines(file, origin, signal);
      else if (batch.kind === 'parquet')
        yield* rowsOfQuery(session, `FROM read_parquet(${text(file)})`, origin, signal);
      else
        yield* rowsOfQuery(session, `FROM read_csv(${text(file)}, header = true, all_varchar = true)`, origin, signal);
    }
  } finally {
    session.close();
  }
}

/** The files of a glob in the order of their names. */
async function matchingFiles(
  session: Session,
  source: CompiledSource,
  pattern: string,
  baseFolder: string,
): Promise<string[]> {
  const path = `sources.${source.name}.batch.path`;
  const absolute = resolve(baseFolder, pattern);
  const inside = relative(resolve(baseFolder), absolute);
  if (!isAbsolute(pattern) && (inside.startsWith('..') || isAbsolute(inside))) {
    throw new AsofError('BAD_INPUT', 'the batch path leaves the definitions’ folder', {
      path,
      expected: `a path inside ${baseFolder}`,
      got: pattern,
      remedy: 'Write the path absolutely if that is meant',
    });
  }
  const files = await session.all(`SELECT file FROM glob(${text(absolute)}) ORDER BY file`);
  if (files.length === 0) {
    throw new AsofError('BAD_INPUT', 'no file matches the batch path', { path, got: absolute });
  }
  return files.map(([file]) => String(file));
}

async function* rowsOfQuery(
  session: Session,
  sql: string,
  origin: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly RawRow[]> {
  let offset = 0;
  try {
    const result = await session.connection.stream(sql);
    const names = result.columnNames();
    for (
      let chunk = await result.fetchChunk();
      chunk !== null && chunk.rowCount > 0;
      chunk = await result.fetchChunk()
    ) {
      throwIfCancelled(signal);
      const { rowCount } = chunk;
      const columns = names.map((_, column) => chunk.getColumnVector(column));
      const rows: RawRow[] = [];
      for (let index = 0; index < rowCount; index++) {
        const row: Record<string, unknown> = {};
        for (let column = 0; column < names.length; column++) {
          row[names[column]!] = plain(columns[column]!.getItem(index));
        }
        rows.push({ origin, partition: 0, offset, row });
        offset += 1;
      }
      yield rows;
    }
  } catch (cause) {
    throwIfCancelled(signal);
    throw engineError(cause, sql);
  }
}

/** Lines are parsed by the same parser as live events, so numbers keep their digits. A bad line is an error. */
async function* rowsOfLines(
  file: string,
  origin: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly RawRow[]> {
  let rows: RawRow[] = [];
  let line = 0;
  for await (const content of createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Infinity })) {
    throwIfCancelled(signal);
    line += 1;
    if (content.trim() === '') continue;
    rows.push({ origin, partition: 0, offset: line - 1, row: parseLine(content, `${file}:${line}`) });
    if (rows.length === batchRows) {
      yield rows;
      rows = [];
    }
  }
  if (rows.length > 0) yield rows;
}

function parseLine(content: string, path: string): Readonly<Record<string, unknown>> {
  const row = parseJson(content);
  if (typeof row === 'object' && row !== null && !Array.isArray(row)) return row as Readonly<Record<string, unknown>>;
  throw new AsofError('BAD_INPUT', 'a line is not a JSON object', { path, got: content.slice(0, 80) });
}

/** A DuckDB value as JSON-like data: instants in milliseconds (floored), decimals as text, integers exact. */
function plain(value: DuckDBValue): unknown {
  if (value === null || typeof value !== 'object') return typeof value === 'bigint' ? toInteger(value) : value;
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue)
    return floorMicros(value.micros);
  if (value instanceof DuckDBTimestampMillisecondsValue) return Number(value.millis);
  if (value instanceof DuckDBTimestampSecondsValue) return Number(value.seconds) * 1000;
  if (value instanceof DuckDBTimestampNanosecondsValue) {
    const rest = ((value.nanos % 1_000_000n) + 1_000_000n) % 1_000_000n;
    return Number((value.nanos - rest) / 1_000_000n);
  }
  if (value instanceof DuckDBDateValue) return value.days * 86_400_000;
  if (value instanceof DuckDBDecimalValue) return formatDecimal(value.value, value.scale);
  if (value instanceof DuckDBListValue) return value.items.map(plain);
  if (value instanceof DuckDBStructValue) {
    return Object.fromEntries(Object.entries(value.entries).map(([name, item]) => [name, plain(item)]));
  }
  if (value instanceof DuckDBMapValue) {
    return Object.fromEntries(value.entries.map((entry) => [String(plain(entry.key)), plain(entry.value)]));
  }
  if (value instanceof DuckDBUUIDValue) return value.toString();
  return String(value);
}
