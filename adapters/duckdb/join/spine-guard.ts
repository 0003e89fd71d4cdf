import { AsofError } from '../../../core/errors/asof-error.ts';
import { nearest } from '../../../core/errors/nearest.ts';
import type { Session } from '../engine.ts';
import { text } from '../quoting.ts';

/** Table functions that compute from their arguments alone. */
const harmlessTableFunctions: ReadonlySet<string> = new Set(['range', 'generate_series', 'unnest', 'repeat_row']);

/** Functions that look outside the query or change something. */
const refusedFunctions: ReadonlySet<string> = new Set([
  'getenv',
  'current_setting',
  'getvariable',
  'nextval',
  'currval',
  'setseed',
  'write_log',
  'txid_current',
  'query',
  'query_table',
  'json_execute_serialized_sql',
]);

/** Where the parser's tree may name a relation. */
const relationTypes: ReadonlySet<string> = new Set([
  'BASE_TABLE',
  'SUBQUERY',
  'JOIN',
  'EMPTY',
  'EXPRESSION_LIST',
  'PIVOT',
  'CTE',
]);

/**
 * Checks that the text is one SELECT that reads only these tables, and returns it as the parser understood it, so
 * that nothing but what was checked is ever run. BAD_INPUT otherwise.
 */
export async function guardedSelect(session: Session, query: string, tables: readonly string[]): Promise<string> {
  const serialized = String(await session.one(`SELECT json_serialize_sql(CAST(${text(query)} AS VARCHAR))`));
  const tree = JSON.parse(serialized) as { error: boolean; error_message?: string; statements?: unknown[] };
  if (tree.error) refuse(tree.error_message ?? 'it cannot be parsed', query);
  if (tree.statements?.length !== 1) refuse('it is not exactly one statement', query);
  inspect(tree.statements[0], { query, tables: new Set(tables), commonTables: new Set() });
  return String(await session.one(`SELECT json_deserialize_sql(${text(serialized)}::JSON)`));
}

interface Inspection {
  readonly query: string;
  readonly tables: ReadonlySet<string>;
  readonly commonTables: ReadonlySet<string>;
}

type Node = Readonly<Record<string, unknown>>;

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The names that a node's WITH introduces; they can be read only below that node. */
function commonTablesOf(node: Node, { query }: Inspection): string[] {
  const map = isNode(node.cte_map) ? node.cte_map.map : undefined;
  if (!Array.isArray(map)) return [];
  const names = map.filter(isNode).map((entry) => String(entry.key));
  for (const name of names) {
    // A name that could also be found outside the query (a file, an internal table) must not be let in by a WITH.
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || /^(asof_|duckdb_|sqlite_|pg_|pragma_)/i.test(name)) {
      refuse(`WITH names a table ${JSON.stringify(name)}`, query);
    }
  }
  return names;
}

function inspect(value: unknown, inspection: Inspection): void {
  if (Array.isArray(value)) {
    for (const item of value) inspect(item, inspection);
    return;
  }
  if (!isNode(value)) return;
  const commonTables = new Set([...inspection.commonTables, ...commonTablesOf(value, inspection)]);
  const scope: Inspection = { ...inspection, commonTables };
  if ('sample' in value && 'query_location' in value && 'alias' in value) inspectRelation(value, scope);
  if (typeof value.function_name === 'string') inspectFunction(value, scope);
  for (const item of Object.values(value)) inspect(item, scope);
}

function inspectRelation(node: Node, { query, tables, commonTables }: Inspection): void {
  const type = String(node.type);
  if (type === 'TABLE_FUNCTION') {
    const called = isNode(node.function) ? String(node.function.function_name).toLowerCase() : '';
    if (!harmlessTableFunctions.has(called)) refuse(`it calls the table function ${called}`, query);
    return;
  }
  if (!relationTypes.has(type)) refuse(`it reads from something that is not a source (${type})`, query);
  if (type !== 'BASE_TABLE') return;
  const name = String(node.table_name);
  const isQualified = Boolean(node.schema_name) || Boolean(node.catalog_name);
  if (!isQualified && (commonTables.has(name) || tables.has(name))) return;
  const guess = nearest(name, tables);
  refuse(`it reads ${JSON.stringify(name)}, which is not a source`, query, guess);
}

function inspectFunction(node: Node, { query }: Inspection): void {
  const name = String(node.function_name).toLowerCase();
  if (refusedFunctions.has(name) || name.startsWith('asof_')) refuse(`it calls the function ${name}`, query);
}

function refuse(reason: string, query: string, guess: string | null = null): never {
  throw new AsofError('BAD_INPUT', `the spine query is refused: ${reason}`, {
    path: 'spine.query',
    expected: 'one SELECT over the sources',
    got: query.length > 200 ? `${query.slice(0, 200)}…` : query,
    remedy: guess === null ? 'Read only sources, by their names' : `Did you mean ${JSON.stringify(guess)}?`,
  });
}
