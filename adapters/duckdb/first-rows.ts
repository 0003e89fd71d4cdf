import type { DuckDBInstance } from '@duckdb/node-api';
import type { Field, Value } from '../../core/values/types.ts';
import { openSession } from './engine.ts';
import { fieldTypeOf } from './field-types.ts';
import { integer, text } from './quoting.ts';
import { fromDuck } from './sql-types.ts';

/** The first rows of a Parquet file with its columns as our types. */
export async function readFirstRows(
  instance: DuckDBInstance,
  file: string,
  limit: number,
): Promise<{ columns: readonly Field[]; rows: readonly (readonly Value[])[] }> {
  const session = await openSession(instance);
  try {
    const result = await session.connection.run(`FROM read_parquet(${text(file)}) LIMIT ${integer(limit)}`);
    const types = result.columnTypes();
    const columns = result.columnNames().map((name, index) => ({ name, type: fieldTypeOf(types[index]!, name) }));
    const rows = (await result.getRows()).map((row) => columns.map(({ type }, index) => fromDuck(type, row[index])));
    return { columns, rows };
  } finally {
    session.close();
  }
}
