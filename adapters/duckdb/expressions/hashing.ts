import { text } from '../quoting.ts';
import { exact, type SqlArgument, type SqlRule } from './rule.ts';

/** The text that hashes and crosses are made from, see `canonicalText`; null where DuckDB writes another one. */
function canonicalSql({ type, sql }: SqlArgument): string | null {
  switch (type.kind) {
    case 'string':
      return sql;
    case 'int32':
    case 'int64':
    case 'bool':
      return `CAST(${sql} AS VARCHAR)`;
    case 'decimal':
      // .05 has nothing before the point.
      return type.scale < type.precision ? `CAST(${sql} AS VARCHAR)` : null;
    case 'timestamp':
      return `CAST(epoch_ms(${sql}) AS VARCHAR)`;
    default:
      return null;
  }
}

/** The first 8 bytes of the MD5, big-endian, modulo `buckets`; null where the reference has to hash. */
export function bucketSql(x: SqlArgument, buckets: number): string | null {
  const hashed = canonicalSql(x);
  if (hashed === null) return null;
  return `CAST(CAST('0x' || substring(md5(${hashed}), 1, 16) AS UBIGINT) % ${buckets} AS BIGINT)`;
}

export const hashBucket: SqlRule = ([x, buckets]) => {
  const bucket = bucketSql(x!, Number(buckets!.literal));
  return bucket === null ? null : exact(bucket);
};

export const cross: SqlRule = (args) => {
  const parts = args.map((arg) => {
    const part = canonicalSql(arg);
    if (part === null || arg.type.kind !== 'string') return part;
    return `replace(replace(${part}, ${text('\\')}, ${text('\\\\')}), ${text('|')}, ${text('\\|')})`;
  });
  return parts.includes(null) ? null : exact(`(${parts.join(` || ${text('|')} || `)})`);
};
