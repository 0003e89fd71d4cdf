import { resolve } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { AsofError } from '../../core/errors/asof-error.ts';
import { NumberText, parseJson } from '../../core/values/parse-json.ts';
import type { Session } from './engine.ts';
import { text, textList } from './quoting.ts';

/**
 * A DuckDB of its own for a batch source's query: it can read files below the definitions' folder and nothing else. The
 * query must be a SELECT: see `sandboxedSelect`.
 */
export async function openSandbox(baseFolder: string): Promise<DuckDBInstance> {
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  await connection.run(`SET allowed_directories = ${textList([`${resolve(baseFolder)}/`])}`);
  await connection.run('SET enable_external_access = false');
  connection.closeSync();
  return instance;
}

/**
 * The query as the parser understood it, with the paths of files made absolute from the definitions' folder.
 * BAD_DEFINITION for anything but one SELECT, which could write.
 */
export async function sandboxedSelect(
  session: Session,
  query: string,
  baseFolder: string,
  path: string,
): Promise<string> {
  const serialized = String(await session.one(`SELECT json_serialize_sql(CAST(${text(query)} AS VARCHAR))`));
  // The parser's tree holds integers that JSON.parse would round.
  const tree = parseJson(serialized) as { error: boolean; error_message?: string; statements?: unknown[] };
  if (tree.error || tree.statements?.length !== 1) {
    throw new AsofError('BAD_DEFINITION', `the query cannot be run: ${tree.error_message ?? 'several statements'}`, {
      path,
      expected: 'one SELECT',
      got: query.slice(0, 200),
    });
  }
  const absolute = jsonText(withAbsolutePaths(tree, resolve(baseFolder)));
  return String(await session.one(`SELECT json_deserialize_sql(${text(absolute)}::JSON)`));
}

type Node = Readonly<Record<string, unknown>>;

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof NumberText);
}

/** What `parseJson` read, written with the digits it had. */
function jsonText(value: unknown): string {
  if (value instanceof NumberText) return value.text;
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`;
  if (!isNode(value)) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}:${jsonText(item)}`);
  return `{${members.join(',')}}`;
}

function withAbsolutePaths(value: unknown, folder: string): unknown {
  if (Array.isArray(value)) return value.map((item) => withAbsolutePaths(item, folder));
  if (!isNode(value)) return value;
  const node = Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withAbsolutePaths(item, folder)]));
  // FROM 'folder/file.csv'
  if (node.type === 'BASE_TABLE' && typeof node.table_name === 'string' && /[./]/.test(node.table_name)) {
    return { ...node, table_name: resolve(folder, node.table_name) };
  }
  // FROM read_csv('folder/file.csv', …), or a list of files
  if (node.type !== 'TABLE_FUNCTION' || !isNode(node.function)) return node;
  const { function_name: name, children } = node.function;
  if (!Array.isArray(children) || !/^(read_|parquet_|glob$|sniff_csv$)/.test(String(name))) return node;
  const [files, ...rest] = children;
  return { ...node, function: { ...node.function, children: [absoluteConstants(files, folder), ...rest] } };
}

function absoluteConstants(value: unknown, folder: string): unknown {
  if (Array.isArray(value)) return value.map((item) => absoluteConstants(item, folder));
  if (!isNode(value)) return value;
  if (value.type !== 'VALUE_CONSTANT' || !isNode(value.value)) {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, absoluteConstants(item, folder)]));
  }
  const constant = value.value.value;
  return typeof constant === 'string'
    ? { ...value, value: { ...value.value, value: resolve(folder, constant) } }
    : value;
}
