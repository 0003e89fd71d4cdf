import type { CompiledExpression } from '../../core/definitions/compiled.ts';
import type { Expression } from '../../core/definitions/model.ts';
import type { Field, ValueType } from '../../core/values/types.ts';
import { identifier, integer, text } from './quoting.ts';
import { sqlTypeOf } from './sql-types.ts';

const comparisons: Readonly<Record<string, string>> = { eq: '=', ne: '<>', lt: '<', lte: '<=', gt: '>', gte: '>=' };

/** Types whose `=` and `<` mean the same in SQL as in the reference: text compares by UTF-8 bytes in both. */
const comparableKinds: readonly string[] = ['int32', 'int64', 'string', 'bool', 'timestamp', 'decimal', 'float64'];

interface SqlExpression {
  readonly sql: string;
  readonly type: ValueType;
}

/**
 * The expression over the source's columns as SQL, for the operators whose meaning in SQL is surely the reference's
 * (columns, comparisons, three-valued logic); null for everything else, which runs as the reference function.
 */
export function expressionSql(expression: CompiledExpression, columns: readonly Field[]): string | null {
  return translate(expression.tree, columns)?.sql ?? null;
}

function translate(tree: Expression, columns: readonly Field[]): SqlExpression | null {
  if (tree.op === 'col') {
    const column = columns.find((field) => field.name === tree.name);
    return column === undefined ? null : { sql: identifier(column.name), type: column.type };
  }
  if (tree.op === 'lit') return literal(tree.type, tree.value);
  if (tree.op === 'feature' || tree.op === 'request') return null;
  const args: SqlExpression[] = [];
  for (const argument of tree.args) {
    const sql = translate(argument, columns);
    if (sql === null) return null;
    args.push(sql);
  }
  return operation(tree.op, args);
}

const bool: ValueType = { kind: 'bool' };

function operation(op: string, args: readonly SqlExpression[]): SqlExpression | null {
  const [first, second] = args;
  const comparison = comparisons[op];
  if (comparison !== undefined && first !== undefined && second !== undefined) {
    return comparable(first.type, second.type)
      ? { sql: `(${first.sql} ${comparison} ${second.sql})`, type: bool }
      : null;
  }
  switch (op) {
    case 'and':
    case 'or':
      return { sql: `(${args.map(({ sql }) => sql).join(` ${op.toUpperCase()} `)})`, type: bool };
    case 'not':
      return first === undefined ? null : { sql: `(NOT ${first.sql})`, type: bool };
    case 'isNull':
      return first === undefined ? null : { sql: `(${first.sql} IS NULL)`, type: bool };
    case 'isNotNull':
      return first === undefined ? null : { sql: `(${first.sql} IS NOT NULL)`, type: bool };
    default:
      return null;
  }
}

function comparable(a: ValueType, b: ValueType): boolean {
  if (!comparableKinds.includes(a.kind)) return false;
  const integers = ['int32', 'int64'];
  if (integers.includes(a.kind) && integers.includes(b.kind)) return true;
  return sqlTypeOf(a) === sqlTypeOf(b);
}

function literal(type: ValueType, value: unknown): SqlExpression | null {
  const cast = (content: string) => ({ sql: `CAST(${content} AS ${sqlTypeOf(type)})`, type });
  if (value === null) return cast('NULL');
  if (type.kind === 'string') return typeof value === 'string' ? cast(text(value)) : null;
  if (type.kind === 'bool') return typeof value === 'boolean' ? cast(String(value)) : null;
  if (type.kind !== 'int32' && type.kind !== 'int64') return null;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return cast(integer(value));
  return typeof value === 'string' && /^-?[0-9]{1,19}$/.test(value) ? cast(text(value)) : null;
}
