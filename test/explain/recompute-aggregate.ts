import { createHash } from 'node:crypto';
import type { AggregateTerm } from '../../core/explain/explanation.ts';
import { canonical, compare, type Known, print, read, scaleOf } from './printed-values.ts';

/** One counted event: its input and where it stands among the others. */
export interface Counted {
  readonly input: Known;
  /** Ascending by (event time, id). */
  readonly rank: number;
}

/** The value of an aggregate over the inputs of counted events, none of them NULL, as it is printed. */
export function aggregate(term: AggregateTerm, counted: readonly Counted[], events: number): unknown {
  const type = term.input?.type ?? '';
  const xs = counted.map(({ input }) => input);
  const { function: name, parameters } = term;
  if (name === 'countRows') return events;
  if (name === 'count') return xs.length;
  if (name === 'countDistinct') return countDistinct(type, xs, parameters.cap ?? Infinity);
  if (xs.length === 0) return null;
  switch (name) {
    case 'sum':
      return sum(type, xs);
    case 'avg':
      return average(type, xs);
    case 'varSamp':
    case 'varPop':
      return variance(type, xs as bigint[], name === 'varSamp');
    case 'stddevSamp':
    case 'stddevPop': {
      const square = variance(type, xs as bigint[], name === 'stddevSamp');
      return square === null ? null : Math.sqrt(square);
    }
    case 'min':
      return print(type, [...xs].sort(compare)[0]!);
    case 'max':
      return print(type, [...xs].sort(compare).at(-1)!);
    case 'approxCountDistinct':
      return hyperLogLog(xs.map((x) => hash(type, x)));
    case 'approxQuantile':
      return quantile(type, xs as bigint[], parameters.q!);
    case 'histogram':
      return histogram(type, xs, parameters);
    default:
      return inOrder(name, type, counted, parameters.k ?? 1);
  }
}

function inOrder(name: string, type: string, counted: readonly Counted[], k: number): unknown {
  const byAge = [...counted].sort((a, b) => a.rank - b.rank);
  const bySize = [...byAge].sort((a, b) => compare(a.input, b.input));
  const largest = [...byAge].reverse().sort((a, b) => compare(b.input, a.input));
  const printed = (list: readonly Counted[]) => list.slice(0, k).map(({ input }) => print(type, input));
  switch (name) {
    case 'first':
      return printed(byAge)[0];
    case 'last':
      return printed(byAge.reverse())[0];
    case 'firstN':
      return printed(byAge);
    case 'lastN':
      return printed(byAge.reverse());
    case 'bottomK':
      return printed(bySize);
    case 'topK':
      return printed(largest);
    default:
      throw new Error(`this test does not know ${name}; teach it`);
  }
}

function sum(type: string, xs: readonly Known[]): unknown {
  if (type.startsWith('vector')) return elements(xs as number[][], 1);
  if (type === 'float64') return finite((xs as number[]).reduce((a, b) => a + b, 0));
  const total = (xs as bigint[]).reduce((a, b) => a + b, 0n);
  const limit = type.startsWith('decimal') ? 10n ** 38n : 2n ** 63n;
  const lowest = type.startsWith('decimal') ? 1n - limit : -limit;
  if (total < lowest || total >= limit) return null;
  return print(type.startsWith('decimal') ? `decimal(38,${scaleOf(type)})` : 'int64', total);
}

function average(type: string, xs: readonly Known[]): unknown {
  if (type.startsWith('vector')) return elements(xs as number[][], xs.length);
  if (type === 'float64') return finite((xs as number[]).reduce((a, b) => a + b, 0) / xs.length);
  const total = (xs as bigint[]).reduce((a, b) => a + b, 0n);
  return Number(total) / Number(BigInt(xs.length) * 10n ** BigInt(scaleOf(type)));
}

function elements(vectors: readonly (readonly number[])[], divisor: number): (number | null)[] | null {
  const sums = vectors[0]!.map((_, i) => finite(vectors.reduce((a, vector) => a + vector[i]!, 0) / divisor));
  return sums.includes(null) ? null : sums;
}

function finite(x: number): number | null {
  return Number.isFinite(x) ? x + 0 : null;
}

function variance(type: string, xs: readonly bigint[], ofSample: boolean): number | null {
  const n = BigInt(xs.length);
  if (n < (ofSample ? 2n : 1n)) return null;
  const s = xs.reduce((a, x) => a + x, 0n);
  const q = xs.reduce((a, x) => a + x * x, 0n);
  return Number(n * q - s * s) / Number(n * (ofSample ? n - 1n : n) * 100n ** BigInt(scaleOf(type)));
}

function hash(type: string, x: Known): bigint {
  return BigInt(`0x${createHash('md5').update(canonical(type, x)).digest('hex').slice(0, 16)}`);
}

function countDistinct(type: string, xs: readonly Known[], cap: number): number {
  const hashes = new Set(xs.map((x) => hash(type, x)));
  return hashes.size <= cap ? hashes.size : hyperLogLog([...hashes]);
}

/** 4,096 registers; Ertl's improved estimator, by its definition as sums rather than by iteration on registers. */
function hyperLogLog(hashes: readonly bigint[]): number {
  const m = 4_096;
  const registers: number[] = new Array(m).fill(0);
  for (const one of hashes) {
    const bits = one.toString(2).padStart(64, '0');
    const index = Number.parseInt(bits.slice(0, 12), 2);
    const first = bits.indexOf('1', 12);
    registers[index] = Math.max(registers[index]!, first < 0 ? 53 : first - 11);
  }
  const share = (rank: number) => registers.filter((register) => register === rank).length / m;
  let z = m * tau(1 - share(53));
  for (let rank = 52; rank >= 1; rank--) z = (z + m * share(rank)) / 2;
  z += m * sigma(share(0));
  return Math.round((m * m) / (2 * Math.LN2) / z);
}

/** x + Σ x^(2^k)·2^(k−1). */
function sigma(x: number): number {
  if (x === 1) return Infinity;
  let total = x;
  for (let k = 1; k < 60; k++) total += x ** (2 ** k) * 2 ** (k - 1);
  return total;
}

/** (1 − x − Σ (1 − x^(2^−k))²·2^−k) / 3. */
function tau(x: number): number {
  if (x === 0 || x === 1) return 0;
  let total = 1 - x;
  for (let k = 1; k < 60; k++) total -= (1 - x ** (2 ** -k)) ** 2 * 2 ** -k;
  return total / 3;
}

function quantile(type: string, xs: readonly bigint[], q: string): unknown {
  const stands = xs.map(bucket).sort(compare);
  const [whole = '0', fraction = ''] = q.split('.');
  const [top, bottom] = [BigInt(whole + fraction) * BigInt(xs.length), 10n ** BigInt(fraction.length)];
  const rank = Math.max(1, Number((top + bottom - 1n) / bottom));
  const value = stands[rank - 1]!;
  const precision = /^decimal\((\d+)/.exec(type)?.[1];
  const limit = precision === undefined ? 2n ** (type === 'int32' ? 31n : 63n) : 10n ** BigInt(precision);
  const isInstant = type === 'timestamp';
  const fits = isInstant
    ? value >= 0n && value < BigInt(Date.UTC(2100, 0, 1))
    : value < limit && (precision === undefined ? value >= -limit : value > -limit);
  return fits ? print(type, value) : null;
}

function bucket(x: bigint): bigint {
  const size = x < 0n ? -x : x;
  if (size < 256n) return x;
  const shift = BigInt(size.toString(2).length - 8);
  const middle = ((size >> shift) << shift) + 2n ** (shift - 1n);
  return x < 0n ? -middle : middle;
}

function histogram(
  type: string,
  xs: readonly Known[],
  { edges = [], categories }: AggregateTerm['parameters'],
): unknown {
  const names =
    categories === undefined
      ? ['below', ...edges.slice(1).map((edge, i) => `[${edges[i]},${edge})`), 'above']
      : [...categories, 'other'];
  const bucketOf = (x: Known): string => {
    if (categories !== undefined) return categories.includes(canonical(type, x)) ? canonical(type, x) : 'other';
    return names[edges.filter((edge) => reaches(type, x, edge)).length]!;
  };
  return Object.fromEntries(
    [...names].sort(compare).map((name) => [name, xs.filter((x) => bucketOf(x) === name).length]),
  );
}

/** x ≥ edge, exactly where x is exact. */
function reaches(type: string, x: Known, edge: string): boolean {
  if (type === 'float64') return (x as number) >= Number(edge);
  const digits = edge.split('.')[1]?.length ?? 0;
  const edgeUnits = read(`decimal(38,${digits})`, edge) as bigint;
  return (x as bigint) * 10n ** BigInt(digits) >= edgeUnits * 10n ** BigInt(scaleOf(type));
}
