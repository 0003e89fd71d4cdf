import { DuckDBInstance } from '@duckdb/node-api';

/** Runs statements on a DuckDB of their own. */
export async function runStatements(spillFolder: string, statements: readonly string[]): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2', temp_directory: spillFolder });
  const connection = await instance.connect();
  try {
    for (const statement of statements) await connection.run(statement);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Rows in which two Parquet files differ: each row is compared with the one at its place, bit for bit. */
export async function differingRows(left: string, right: string): Promise<number> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  try {
    const namesOf = async (file: string) => {
      const result = await connection.run(`FROM read_parquet(${quoted(file)}) LIMIT 0`);
      return result.columnNames();
    };
    const names = await namesOf(left);
    const others = await namesOf(right);
    if (names.join() !== others.join()) throw new Error(`different columns: ${names.join()} and ${others.join()}`);
    const differs = names.map((name) => `a."${name}" IS DISTINCT FROM b."${name}"`).join(' OR ');
    const reader = await connection.runAndReadAll(
      `SELECT count(*) FROM (SELECT * FROM read_parquet(${quoted(left)})) a ` +
        `POSITIONAL JOIN (SELECT * FROM read_parquet(${quoted(right)})) b WHERE ${differs}`,
    );
    return Number(reader.getRows()[0]![0]);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

export async function firstRowsOf(file: string, rows: number, output: string): Promise<void> {
  await runStatements('', [
    `COPY (FROM read_parquet(${quoted(file)}) LIMIT ${rows}) TO ${quoted(output)} (FORMAT parquet)`,
  ]);
}

export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
