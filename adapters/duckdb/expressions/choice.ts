import { sameType } from '../../../core/definitions/value-types.ts';
import type { Value, ValueType } from '../../../core/values/types.ts';
import { valueLiteral } from '../literals.ts';
import { sqlTypeOf } from '../sql-type-names.ts';
import { bucketSql } from './hashing.ts';
import { exact, type SqlArgument, type SqlRule, strictSql } from './rule.ts';

/** Longer chains of conditions are slower than the function. */
const longestChain = 32;

const scalarKinds: readonly string[] = ['int32', 'int64', 'string', 'bool', 'timestamp', 'decimal', 'float64'];

/** Types whose `=` and `<` mean the same in SQL: text compares by UTF-8 bytes in both. */
function isComparable(a: ValueType, b: ValueType): boolean {
  return scalarKinds.includes(a.kind) && sameType(a, b);
}

/** A decimal type that holds the values of both; null where there is none, or both are no decimals. */
function commonDecimal(a: ValueType, b: ValueType): ValueType | null {
  if (a.kind !== 'decimal' || b.kind !== 'decimal') return null;
  const scale = Math.max(a.scale, b.scale);
  const precision = Math.max(a.precision - a.scale, b.precision - b.scale) + scale;
  return precision > 38 ? null : { kind: 'decimal', precision, scale };
}

export function comparison(operator: '=' | '<>' | '<' | '<=' | '>' | '>='): SqlRule {
  return ([a, b]) => {
    if (isComparable(a!.type, b!.type)) return exact(`(${a!.sql} ${operator} ${b!.sql})`);
    const common = commonDecimal(a!.type, b!.type);
    if (common === null) return null;
    const type = sqlTypeOf(common);
    return exact(`(CAST(${a!.sql} AS ${type}) ${operator} CAST(${b!.sql} AS ${type}))`);
  };
}

export const and: SqlRule = (args) => exact(`(${args.map(({ sql }) => sql).join(' AND ')})`);
export const or: SqlRule = (args) => exact(`(${args.map(({ sql }) => sql).join(' OR ')})`);
export const not: SqlRule = ([a]) => exact(`(NOT ${a!.sql})`);
export const isNull: SqlRule = ([x]) => exact(`(${x!.sql} IS NULL)`);
export const isNotNull: SqlRule = ([x]) => exact(`(${x!.sql} IS NOT NULL)`);
export const coalesce: SqlRule = (args) => exact(`coalesce(${args.map(({ sql }) => sql).join(', ')})`);

export const caseWhen: SqlRule = (args) => {
  const branches: string[] = [];
  for (let index = 0; index + 1 < args.length; index += 2) {
    branches.push(`WHEN ${args[index]!.sql} THEN ${args[index + 1]!.sql}`);
  }
  const otherwise = args.length % 2 === 1 ? ` ELSE ${args.at(-1)!.sql}` : '';
  return exact(`(CASE ${branches.join(' ')}${otherwise} END)`);
};

export const isIn: SqlRule = ([x, ...candidates]) =>
  isComparable(x!.type, x!.type) ? exact(`(${x!.sql} IN (${candidates.map(({ sql }) => sql).join(', ')}))`) : null;

/** DuckDB's own leave NULLs out. */
function extreme(name: 'least' | 'greatest'): SqlRule {
  return (args) => exact(strictSql(args, `${name}(${args.map(({ sql }) => sql).join(', ')})`));
}

export const least = extreme('least');
export const greatest = extreme('greatest');

export const clip: SqlRule = ([x, lo, hi]) => {
  const branches = `WHEN ${x!.sql} < ${lo!.sql} THEN ${lo!.sql} WHEN ${x!.sql} > ${hi!.sql} THEN ${hi!.sql} ELSE ${x!.sql}`;
  return exact(`(CASE WHEN ${lo!.sql} <= ${hi!.sql} THEN CASE ${branches} END END)`);
};

/** The elements of a literal list as SQL; null where there are too many. */
function elementsOf({ type, literal }: SqlArgument): readonly string[] | null {
  const elements = literal as readonly Value[];
  if (type.kind !== 'list' || elements.length > longestChain) return null;
  return elements.map((element) => valueLiteral(type.element, element));
}

function elementType({ type }: SqlArgument): ValueType {
  return type.kind === 'list' ? type.element : type;
}

export const bucketize: SqlRule = ([x, edges]) => {
  const limits = elementsOf(edges!);
  if (limits === null || !isComparable(x!.type, elementType(edges!))) return null;
  const branches = limits.map((limit, index) => `WHEN ${x!.sql} < ${limit} THEN ${index}`).join(' ');
  return exact(`CAST((CASE WHEN ${x!.sql} IS NULL THEN NULL ${branches} ELSE ${limits.length} END) AS BIGINT)`);
};

/** Values that are not in the vocabulary go to further places by their hash. */
export const ordinal: SqlRule = ([x, vocabulary, unseen]) => {
  const values = elementsOf(vocabulary!);
  if (values === null) return null;
  const branches = values.map((value, index) => `WHEN ${value} THEN ${index}`).join(' ');
  if (unseen === undefined) return exact(`CAST((CASE ${x!.sql} ${branches} END) AS BIGINT)`);
  const further = bucketSql(x!, Number(unseen.literal));
  if (further === null) return null;
  return exact(`(CASE ${x!.sql} ${branches} ELSE ${values.length} + ${further} END)`);
};

export const oneHot: SqlRule = ([x, vocabulary]) => {
  const values = elementsOf(vocabulary!);
  if (values === null) return null;
  const elements = values.map((value) => `CAST((${x!.sql} = ${value}) AS DOUBLE)`);
  return exact(strictSql([x!], `[${elements.join(', ')}]`));
};
