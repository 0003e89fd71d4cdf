import { type DuckDBConnection, DuckDBDataChunk, type DuckDBType, type DuckDBValue } from '@duckdb/node-api';

/** DuckDB takes at most this many rows in one chunk. */
const chunkRows = 2048;

export interface AppendedColumn {
  readonly type: DuckDBType;
  value(row: number): DuckDBValue;
}

/** Appends `rows` rows to a temporary table, column by column. */
export async function appendColumns(
  connection: DuckDBConnection,
  table: string,
  rows: number,
  columns: readonly AppendedColumn[],
): Promise<void> {
  const appender = await connection.createAppender(table, 'main', 'temp');
  const types = columns.map(({ type }) => type);
  for (let start = 0; start < rows; start += chunkRows) {
    const count = Math.min(chunkRows, rows - start);
    const chunk = DuckDBDataChunk.create(types, count);
    for (const [index, column] of columns.entries()) {
      const vector = chunk.getColumnVector(index);
      for (let row = 0; row < count; row++) vector.setItem(row, column.value(start + row));
      vector.flush();
    }
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}
