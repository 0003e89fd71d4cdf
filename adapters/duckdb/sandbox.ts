import { resolve } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { AsofError } from '../../core/errors/asof-error.ts';
import type { Session } from './engine.ts';
import { text, textList } from './quoting.ts';

/**
 * A DuckDB of its own for a batch source's query: it can read files below the definitions' folder (relative paths start
 * there) and nothing else. The query must be a SELECT: see `selectOnly`.
 */
export async function openSandbox(baseFolder: string): Promise<DuckDBInstance> {
  const folder = resolve(baseFolder);
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  await connection.run(`SET file_search_path = ${text(folder)}`);
  await connection.run(`SET allowed_directories = ${textList([`${folder}/`])}`);
  await connection.run('SET enable_external_access = false');
  connection.closeSync();
  return instance;
}

/** The query as the parser understood it. BAD_DEFINITION for anything but one SELECT, which could write. */
export async function selectOnly(session: Session, query: string, path: string): Promise<string> {
  const serialized = String(await session.one(`SELECT json_serialize_sql(CAST(${text(query)} AS VARCHAR))`));
  const tree = JSON.parse(serialized) as { error: boolean; error_message?: string; statements?: unknown[] };
  if (tree.error || tree.statements?.length !== 1) {
    throw new AsofError('BAD_DEFINITION', `the query cannot be run: ${tree.error_message ?? 'several statements'}`, {
      path,
      expected: 'one SELECT',
      got: query.slice(0, 200),
    });
  }
  return String(await session.one(`SELECT json_deserialize_sql(${text(serialized)}::JSON)`));
}
