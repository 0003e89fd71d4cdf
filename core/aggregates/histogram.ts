import { canonicalText } from '../values/canonical-text.ts';
import { compareUtf8 } from '../values/compare.ts';
import { decimalUnits, powerOfTen } from '../values/decimal.ts';
import { multiplyIntegers } from '../values/integers.ts';
import type { Value, ValueType } from '../values/types.ts';
import type { Kernel } from './kernel.ts';
import { unitsOfType } from './units.ts';

/** Counts per bucket, in the order of `names`; NULL while all are 0. */
function bucketKernel(
  names: readonly string[],
  bucketOf: (x: Exclude<Value, null>) => number,
): Kernel<number[], number> {
  const inOrder = names.map((name, index) => ({ name, index })).sort((a, b) => compareUtf8(a.name, b.name));
  return {
    prepare: bucketOf,
    empty: () => names.map(() => 0),
    add(state, bucket) {
      state[bucket]!++;
      return state;
    },
    merge(into, from) {
      for (let i = 0; i < names.length; i++) into[i]! += from[i]!;
      return into;
    },
    write(out, state) {
      for (const count of state) out.unsigned(count);
    },
    read: (input) => names.map(() => input.unsigned()),
    skip(input) {
      for (let i = 0; i < names.length; i++) input.unsigned();
    },
    finish(state) {
      if (state.every((count) => count === 0)) return null;
      return new Map(inOrder.map(({ name, index }) => [name, state[index]!]));
    },
  };
}

/** histogram over declared categories, and `other`. */
export function categoryHistogramKernel(type: ValueType, categories: readonly string[]): Kernel<number[], number> {
  const buckets = new Map(categories.map((category, index) => [category, index]));
  return bucketKernel([...categories, 'other'], (x) => buckets.get(canonicalText(type, x)) ?? categories.length);
}

/** histogram over intervals [a, b) between declared edges, exact decimals ascending, with `below` and `above`. */
export function edgeHistogramKernel(type: ValueType, edges: readonly string[]): Kernel<number[], number> {
  const names = ['below', ...edges.slice(1).map((edge, i) => `[${edges[i]},${edge})`), 'above'];
  const units = unitsOfType(type);
  // A float64 is compared with the edge's nearest double; all else exactly, at the finest scale of type and edges.
  const scale = Math.max(units?.scale ?? 0, ...edges.map((edge) => edge.split('.')[1]?.length ?? 0));
  const bounds = edges.map((edge) => (units === null ? Number(edge) : (decimalUnits(edge, scale) as number | bigint)));
  const factor = units === null ? 1n : powerOfTen(scale - units.scale);
  const measure = (x: Exclude<Value, null>): number | bigint => {
    if (units === null) return x as number;
    const measured = units.toUnits(x);
    return factor === 1n ? measured : multiplyIntegers(measured, factor);
  };
  return bucketKernel(names, (x) => {
    const measured = measure(x);
    let low = 0;
    let high = bounds.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (bounds[middle]! <= measured) low = middle + 1;
      else high = middle;
    }
    return low;
  });
}
