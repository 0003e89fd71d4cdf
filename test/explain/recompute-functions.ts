import { createHash } from 'node:crypto';
import { canonical, compare, type Known, print, scaleOf } from './printed-values.ts';

/** An argument of a printed step: its value and type. */
export interface Argument {
  readonly value: Known;
  readonly type: string;
}

/** The functions of docs/expressions.md that the cases use, each from its entry there; none of their arguments is NULL. */
export const functions: Readonly<Record<string, (args: readonly Argument[], type: string) => Known>> = {
  log: ([x]) => finite(Math.log(double(x!))),
  log1p: ([x]) => finite(Math.log1p(double(x!))),
  sign: ([x]) => BigInt(Math.sign(Number(x!.value))),
  clip: ([x, low, high]) => [x!.value, low!.value, high!.value].sort(compare)[1]!,
  round: ([x], type) => rescaled(x!.value as bigint, scaleOf(x!.type), scaleOf(type)),
  zScore: ([x, mean, deviation]) => (double(x!) - double(mean!)) / double(deviation!),
  minMax: ([x, least, greatest]) => (double(x!) - double(least!)) / (double(greatest!) - double(least!)),
  toInt64: ([x]) => toInteger(x!),
  toDecimal: ([x], type) => rescaled(...unitsOf(x!), scaleOf(type)),
  toText: ([{ value, type } = nothing]) => (type === 'timestamp' ? String(print(type, value)) : canonical(type, value)),
  bucketize: ([x, edges]) =>
    BigInt(listOf(edges!).filter((edge) => double({ value: edge, type: elementOf(edges!) }) <= double(x!)).length),
  ordinal: ([x, vocabulary]) => placeOf(x!, vocabulary!),
  oneHot: ([x, vocabulary]) => listOf(vocabulary!).map((one) => (one === x!.value ? 1 : 0)),
  hashBucket: ([x, buckets]) => hashOf(x!) % (buckets!.value as bigint),
  cross: (args) => args.map(({ type, value }) => canonical(type, value).replace(/[\\|]/g, '\\$&')).join('|'),
  upper: ([x]) => textOf(x!).replace(/[a-z]/g, (letter) => letter.toUpperCase()),
  lower: ([x]) => textOf(x!).replace(/[A-Z]/g, (letter) => letter.toLowerCase()),
  concat: (args) => args.map(textOf).join(''),
  startsWith: ([x, part]) => textOf(x!).startsWith(textOf(part!)),
  substring: ([x, start, count]) => {
    const from = Number(start!.value);
    return [...textOf(x!)].slice(from, count === undefined ? undefined : from + Number(count.value)).join('');
  },
  splitPart: ([x, separator, index]) => textOf(x!).split(textOf(separator!))[Number(index!.value)] ?? null,
  month: ([at, zone]) => BigInt(clock(at!, zone).getUTCMonth() + 1),
  hour: ([at, zone]) => BigInt(clock(at!, zone).getUTCHours()),
  dayOfWeek: ([at, zone]) => BigInt(clock(at!, zone).getUTCDay() || 7),
  isWeekend: ([at, zone]) => [0, 6].includes(clock(at!, zone).getUTCDay()),
  truncate: ([at, unit, zone]) => startOf(at!, textOf(unit!), zone),
  timeSince: ([since, at]) => (at!.value as bigint) - (since!.value as bigint),
  addMillis: ([at, millis]) => (at!.value as bigint) + (millis!.value as bigint),
  haversine: (args) => haversine(args.map(double) as [number, number, number, number]),
  length: ([x]) => BigInt(typeof x!.value === 'string' ? [...x!.value].length : Object.keys(x!.value as object).length),
  get: ([x, at]) => (x!.value as Readonly<Record<string, Known>>)[String(at!.value)] ?? null,
  contains: ([x, part]) => {
    if (typeof x!.value === 'string') return x!.value.includes(textOf(part!));
    return Array.isArray(x!.value) ? x!.value.includes(part!.value) : textOf(part!) in (x!.value as object);
  },
  sumOf: ([x]) => (present(x!).length === 0 ? null : sumOf(present(x!))),
  avgOf: ([x]) => (present(x!).length === 0 ? null : Number(sumOf(present(x!))) / present(x!).length),
  norm: ([x]) => Math.sqrt(dot(x!, x!)),
  cosine: ([a, b]) => finite(dot(a!, b!) / Math.sqrt(dot(a!, a!) * dot(b!, b!))),
  toVector: (args) => args.map(double),
};

const nothing: Argument = { value: null, type: '' };

function double({ value, type }: Argument): number {
  return Number(value) / 10 ** scaleOf(type);
}

function finite(x: number): number | null {
  return Number.isFinite(x) ? x + 0 : null;
}

function textOf({ value }: Argument): string {
  return String(value);
}

function listOf({ value }: Argument): readonly Known[] {
  return value as readonly Known[];
}

function elementOf({ type }: Argument): string {
  return type.slice('list('.length, -1);
}

/** Half away from zero. */
function rescaled(units: bigint, from: number, to: number): bigint {
  if (to >= from) return units * 10n ** BigInt(to - from);
  const step = 10n ** BigInt(from - to);
  const half = units < 0n ? -step / 2n : step / 2n;
  return (units + half) / step;
}

function unitsOf({ value, type }: Argument): [bigint, number] {
  if (typeof value === 'bigint') return [value, scaleOf(type)];
  const [whole = '', fraction = ''] = String(value).split('.');
  return [BigInt(whole + fraction), fraction.length];
}

function toInteger({ value, type }: Argument): bigint | null {
  if (typeof value === 'string') return /^-?\d+$/.test(value) ? BigInt(value) : null;
  return typeof value === 'bigint' ? value / 10n ** BigInt(scaleOf(type)) : BigInt(Math.trunc(Number(value)));
}

function placeOf({ value }: Argument, vocabulary: Argument): bigint | null {
  const place = listOf(vocabulary).indexOf(value);
  return place < 0 ? null : BigInt(place);
}

function hashOf({ value, type }: Argument): bigint {
  return BigInt(`0x${createHash('md5').update(canonical(type, value)).digest('hex').slice(0, 16)}`);
}

/** The instant whose UTC fields are what a clock in the zone shows. */
function clock({ value }: Argument, zone: Argument | undefined): Date {
  if (zone === undefined) return new Date(Number(value));
  const shown = new Date(Number(value)).toLocaleString('sv-SE', { timeZone: textOf(zone) });
  return new Date(`${shown.replace(' ', 'T')}Z`);
}

function startOf(at: Argument, unit: string, zone: Argument | undefined): bigint {
  if (unit !== 'day') throw new Error(`this test does not truncate to a ${unit}; teach it`);
  const midnight = clock(at, zone).setUTCHours(0, 0, 0, 0);
  const offsetAt = (instant: number) => clock({ ...at, value: BigInt(instant) }, zone).getTime() - instant;
  const near = midnight - offsetAt(midnight);
  return BigInt(midnight - offsetAt(near));
}

/** On a sphere of the earth's mean radius. */
function haversine([lat1, lon1, lat2, lon2]: readonly [number, number, number, number]): number | null {
  if (Math.abs(lat1) > 90 || Math.abs(lat2) > 90 || Math.abs(lon1) > 180 || Math.abs(lon2) > 180) return null;
  const [a, b, c, d] = [lat1, lon1, lat2, lon2].map((degrees) => (degrees * Math.PI) / 180) as [
    number,
    number,
    number,
    number,
  ];
  const h = Math.sin((c - a) / 2) ** 2 + Math.cos(a) * Math.cos(c) * Math.sin((d - b) / 2) ** 2;
  return 2 * 6_371_008.7714 * Math.asin(Math.sqrt(h));
}

function present(list: Argument): readonly bigint[] {
  return listOf(list).filter((one) => one !== null) as readonly bigint[];
}

function sumOf(values: readonly bigint[]): bigint {
  return values.reduce((a, b) => a + b, 0n);
}

function dot(a: Argument, b: Argument): number {
  const [x, y] = [a.value as readonly number[], b.value as readonly number[]];
  return x.reduce((sum, element, index) => sum + element * y[index]!, 0);
}
