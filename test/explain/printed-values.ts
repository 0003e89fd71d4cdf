/** A printed value with its type, as exact as it was printed: integers and instants as bigints, decimals in units. */
export type Known = null | boolean | number | bigint | string | readonly Known[] | { readonly [key: string]: Known };

/** Digits behind the point: "decimal(10,2)" has 2. */
export function scaleOf(type: string): number {
  return Number(/^decimal\(\d+,(\d+)\)$/.exec(type)?.[1] ?? 0);
}

/** The value that was printed. */
export function read(type: string, json: unknown): Known {
  if (json === null || json === undefined) return null;
  if (type === 'int32' || type === 'int64') return BigInt(json as number | string);
  if (type.startsWith('decimal')) return BigInt(String(json).replace('.', ''));
  if (type === 'timestamp') return BigInt(Date.parse(String(json)));
  if (type.startsWith('vector') || type.startsWith('list')) {
    const element = type.startsWith('vector') ? 'float64' : type.slice('list('.length, -1);
    return (json as unknown[]).map((one) => read(element, one));
  }
  if (type.startsWith('map')) return mapped(json as object, (one) => read(type.slice('map('.length, -1), one));
  return json as Known;
}

function mapped<From, To>(map: object, of: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, of(value)]));
}

/** The same as it is printed. */
export function print(type: string, value: Known): unknown {
  if (value === null) return null;
  if (type === 'int32' || type === 'int64') {
    const integer = BigInt(value as bigint | number);
    return Number.isSafeInteger(Number(integer)) ? Number(integer) : integer.toString();
  }
  if (type.startsWith('decimal')) return decimalText(value as bigint, scaleOf(type));
  if (type === 'timestamp') return new Date(Number(value)).toISOString();
  if (Array.isArray(value)) {
    const element = type.startsWith('vector') ? 'float64' : type.slice('list('.length, -1);
    return value.map((one: Known) => print(element, one));
  }
  if (type.startsWith('map')) return mapped(value as object, (one: Known) => print(type.slice('map('.length, -1), one));
  return value;
}

export function decimalText(units: bigint, scale: number): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  const sign = units < 0n ? '-' : '';
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** What hashes are made of: digits, milliseconds, or the text itself. */
export function canonical(type: string, value: Known): string {
  return type.startsWith('decimal') ? decimalText(value as bigint, scaleOf(type)) : String(value);
}

/** Text by its UTF-8 bytes, everything else by its size. */
export function compare(a: Known, b: Known): number {
  if (typeof a === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(String(b)));
  const [x, y] = [a as number | bigint | boolean, b as number | bigint | boolean];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** `origin/partition/offset` by (origin as UTF-8, partition, offset). */
export function comparePlaces(a: string, b: string): number {
  const parts = (place: string) => /^(.*)\/(\d+)\/(\d+)$/s.exec(place)!.slice(1) as [string, string, string];
  const [x, y] = [parts(a), parts(b)];
  return compare(x[0], y[0]) || Number(x[1]) - Number(y[1]) || Number(x[2]) - Number(y[2]);
}
