import type { ServiceMember } from '../../../core/definitions/compiled.ts';
import { typeText } from '../../../core/definitions/value-types.ts';
import { AsofError } from '../../../core/errors/asof-error.ts';
import type { Field, ValueType } from '../../../core/values/types.ts';
import type { Session } from '../engine.ts';
import { sqlTypeOf } from '../sql-type-names.ts';
import { type LoadedSpine, unknownColumn } from './spine.ts';

/** The spine's join columns as the view's typed key parts, in SQL. BAD_INPUT where a value is not one of that type. */
export async function spineKeys(session: Session, spine: LoadedSpine, member: ServiceMember): Promise<string[]> {
  const keys: string[] = [];
  for (const [index, part] of member.view.key.entries()) {
    const name = member.joinColumns[index] ?? part.name;
    const path = `members.${member.alias}.joinColumns.${part.name}`;
    keys.push(await spineColumnAs(session, spine, { name, type: part.type }, path));
  }
  return keys;
}

/** A spine column as SQL of exactly this type. BAD_INPUT when it is not there, or a value would be changed. */
export async function spineColumnAs(
  session: Session,
  spine: LoadedSpine,
  { name, type }: Field,
  path: string,
): Promise<string> {
  const place = spine.columns.findIndex((column) => column.name === name);
  if (place < 0) throw unknownColumn(name, spine.columns, path);
  const column = `c${place}`;
  const { sql, isKept } = coerced(column, spine.columns[place]!.type, type, path);
  if (isKept === null) return sql;
  const [bad] = await session.all(
    `SELECT r, CAST(${column} AS VARCHAR) FROM spine WHERE ${column} IS NOT NULL AND (${isKept}) IS NOT TRUE LIMIT 1`,
  );
  if (bad !== undefined) {
    throw new AsofError('BAD_INPUT', 'a spine value cannot be read as its declared type', {
      path: `spine.rows[${bad[0]}].${name}`,
      expected: typeText(type),
      got: String(bad[1]),
    });
  }
  return sql;
}

interface Coercion {
  readonly sql: string;
  /** True where nothing is lost; null = always. */
  readonly isKept: string | null;
}

/** Only what keeps the value exactly: a number's text is that number, but a number is not a text. */
function coerced(column: string, from: ValueType, to: ValueType, path: string): Coercion {
  const wanted = sqlTypeOf(to);
  if (sqlTypeOf(from) === wanted) return { sql: column, isKept: null };
  const sql = `TRY_CAST(${column} AS ${wanted})`;
  const isInteger = to.kind === 'int32' || to.kind === 'int64';
  switch (`${from.kind} to ${isInteger ? 'integer' : to.kind}`) {
    case 'int32 to integer':
    case 'int64 to integer':
    case 'decimal to integer':
    case 'int32 to decimal':
    case 'int64 to decimal':
    case 'decimal to decimal':
    case 'int32 to float64':
    case 'float64 to integer':
      return { sql, isKept: `${sql} = ${column}` };
    case 'string to integer':
      return { sql, isKept: `regexp_full_match(${column}, '-?[0-9]+') AND ${sql} IS NOT NULL` };
    case 'string to decimal':
    case 'string to float64':
    case 'string to bool':
      return { sql, isKept: `${sql} IS NOT NULL` };
    case 'string to timestamp': {
      const instant = `CAST(TRY_CAST(${column} AS TIMESTAMPTZ) AS TIMESTAMP)`;
      return { sql: instant, isKept: `${instant} IS NOT NULL` };
    }
    default:
      throw new AsofError('BAD_INPUT', 'a spine column has another type than is asked for', {
        path,
        expected: typeText(to),
        got: typeText(from),
        remedy: `CAST the column to ${wanted} in the spine`,
      });
  }
}

/**
 * Gives each key of the spine a small number: creates `spine_keys`(kid INTEGER, k0, …), without keys that have a NULL
 * part. One integer sorts and joins faster than typed parts.
 */
export async function numberKeys(session: Session, keySql: readonly string[]): Promise<void> {
  const names = keySql.map((_, index) => `k${index}`);
  const parts = keySql.map((sql, index) => `${sql} AS k${index}`).join(', ');
  const present = names.map((name) => `${name} IS NOT NULL`).join(' AND ');
  await session.run(
    keySql.length === 0
      ? 'CREATE OR REPLACE TEMP TABLE spine_keys AS SELECT CAST(0 AS INTEGER) AS kid'
      : `CREATE OR REPLACE TEMP TABLE spine_keys AS SELECT CAST(row_number() OVER () AS INTEGER) AS kid, ${names.join(', ')} ` +
          `FROM (SELECT DISTINCT ${parts} FROM spine) WHERE ${present}`,
  );
}

/** `JOIN spine_keys …` for records with the columns k0, k1, …: leaves those of the spine's keys, with their kid. */
export function ofSpineKeys(parts: readonly string[]): string {
  return parts.length === 0 ? 'CROSS JOIN spine_keys' : `JOIN spine_keys USING (${parts.join(', ')})`;
}

/** The kid of a spine row whose key has a NULL part; no record has it. */
export const noKey = -1;

/**
 * Creates `bounds`(r, kid, columns…) in the order of r: each spine row's key number, and these columns of `spine`.
 *
 * @param columns SQL over the table `spine`, with names
 */
export async function createBounds(
  session: Session,
  keySql: readonly string[],
  columns: readonly string[],
): Promise<void> {
  const named = keySql.map((sql, index) => `${sql} AS k${index}`);
  const parts = keySql.map((_, index) => `k${index}`);
  const joined = parts.length === 0 ? 'CROSS JOIN spine_keys' : `LEFT JOIN spine_keys USING (${parts.join(', ')})`;
  const excluded = parts.length === 0 ? '' : ` EXCLUDE (${parts.join(', ')})`;
  await session.run(
    `CREATE OR REPLACE TEMP TABLE bounds AS SELECT *${excluded} REPLACE (coalesce(kid, ${noKey}) AS kid) ` +
      `FROM (SELECT ${['r', ...columns, ...named].join(', ')} FROM spine) ${joined} ORDER BY r`,
  );
}
