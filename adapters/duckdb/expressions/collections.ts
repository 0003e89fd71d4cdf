import { exact, type SqlRule, smallLiteral } from './rule.ts';

export const length: SqlRule = ([x]) =>
  x!.type.kind === 'map' ? exact(`CAST(cardinality(${x!.sql}) AS BIGINT)`) : exact(`CAST(length(${x!.sql}) AS BIGINT)`);

/** DuckDB counts from 1, and from the end where a place is negative. */
export const get: SqlRule = ([x, at]) => {
  const place = x!.type.kind === 'map' ? null : smallLiteral(at!, 1e9);
  return place === null ? null : exact(`(${x!.sql})[${place + 1}]`);
};
