import type { AggregateDefinition } from '../definitions/model.ts';
import type { Value, ValueType } from '../values/types.ts';
import { fromUnits, scaleOf } from './numbers.ts';
import { compare, units } from './order.ts';

/** The value in the middle of the bucket that holds `x`: below 256 its own, else the top 8 bits of it. */
function bucketValue(x: bigint): bigint {
  const magnitude = x < 0n ? -x : x;
  if (magnitude < 256n) return x;
  const e = BigInt(magnitude.toString(2).length - 1);
  const edge = (magnitude >> (e - 7n)) << (e - 7n);
  const middle = edge + 2n ** (e - 8n);
  return x < 0n ? -middle : middle;
}

/** The bucket at rank max(1, ⌈q·n⌉), in the input's type; NULL outside it. */
export function bucketQuantile(type: ValueType, values: readonly Value[], q: string): Value {
  const sorted = values.map((x) => bucketValue(units(x))).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const [whole = '0', fraction = ''] = q.split('.');
  const denominator = 10n ** BigInt(fraction.length);
  const numerator = BigInt(whole + fraction) * BigInt(sorted.length);
  const rank = (numerator + denominator - 1n) / denominator;
  const value = sorted[Math.max(1, Number(rank)) - 1]!;
  return fits(type, value) ? fromUnits(type, value) : null;
}

function fits(type: ValueType, value: bigint): boolean {
  switch (type.kind) {
    case 'decimal': {
      const limit = 10n ** BigInt(type.precision);
      return -limit < value && value < limit;
    }
    case 'int32':
      return -(2n ** 31n) <= value && value < 2n ** 31n;
    case 'timestamp':
      return 0n <= value && value < BigInt(Date.UTC(2100, 0, 1));
    default:
      return -(2n ** 63n) <= value && value < 2n ** 63n;
  }
}

/** Counts per declared bucket, every bucket present: `[a,b)` between edges, `below`, `above`; or category, `other`. */
export function histogramOf(type: ValueType, values: readonly Value[], definition: AggregateDefinition): Value {
  const { edges, categories } = definition;
  const counts = new Map<string, number>();
  const names = categories === undefined ? intervalNames(edges ?? []) : [...categories, 'other'];
  for (const name of names) counts.set(name, 0);
  for (const x of values) {
    const name = categories === undefined ? interval(type, x, edges ?? []) : category(String(x), categories);
    counts.set(name, counts.get(name)! + 1);
  }
  return new Map([...counts].sort(([a], [b]) => compare({ kind: 'string' }, a, b)));
}

function category(x: string, categories: readonly string[]): string {
  return categories.includes(x) ? x : 'other';
}

function intervalNames(edges: readonly string[]): string[] {
  return ['below', ...edges.slice(1).map((edge, i) => `[${edges[i]},${edge})`), 'above'];
}

function interval(type: ValueType, x: Value, edges: readonly string[]): string {
  const passed = edges.filter((edge) => isAtLeast(type, x, edge)).length;
  return intervalNames(edges)[passed]!;
}

/** x ≥ edge, exactly; a float64 is compared with the edge's nearest double. */
function isAtLeast(type: ValueType, x: Value, edge: string): boolean {
  if (type.kind === 'float64') return (x as number) >= Number(edge);
  const [whole = '0', fraction = ''] = edge.split('.');
  const edgeUnits = BigInt(whole + fraction);
  return units(x) * 10n ** BigInt(fraction.length) >= edgeUnits * 10n ** BigInt(scaleOf(type));
}
