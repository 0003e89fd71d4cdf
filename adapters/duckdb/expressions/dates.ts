import { instantSql } from './casts.ts';
import { exact, type SqlArgument, type SqlRule } from './rule.ts';

/** DuckDB's own zones may be of another year than those of the reference. */
function isUtc(zone: SqlArgument | undefined): boolean {
  return zone === undefined || zone.literal === 'UTC';
}

export function datePart(name: string): SqlRule {
  return ([at, zone]) => (isUtc(zone) ? exact(`${name}(${at!.sql})`) : null);
}

export const isWeekend: SqlRule = ([at, zone]) => (isUtc(zone) ? exact(`(isodow(${at!.sql}) >= 6)`) : null);

/** Only the week of 1 January 1970 begins before time does. */
export const truncate: SqlRule = ([at, unit, zone]) => {
  if (!isUtc(zone)) return null;
  const begin = `date_trunc('${unit!.literal}', ${at!.sql})`;
  if (unit!.literal !== 'week') return exact(begin);
  return exact(`(CASE WHEN ${at!.sql} >= TIMESTAMP '1970-01-05' THEN ${begin} END)`);
};

export const timeSince: SqlRule = ([since, at]) => exact(`(epoch_ms(${at!.sql}) - epoch_ms(${since!.sql}))`);

export const addMillis: SqlRule = ([at, millis]) =>
  exact(instantSql(`(CAST(epoch_ms(${at!.sql}) AS HUGEINT) + ${millis!.sql})`));
