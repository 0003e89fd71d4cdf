import { AsofError } from '../errors/asof-error.ts';
import { compareNumbers } from '../values/compare.ts';
import { type Integer, toInteger } from '../values/integers.ts';
import type { ValueType } from '../values/types.ts';
import type { Kernel } from './kernel.ts';
import { unitsOfType } from './units.ts';

/**
 * The value that stands for the bucket of `x`: below 256 its own; else with e = ⌊log2|x|⌋ and
 * edge = (|x| >> (e−7)) << (e−7), sign · (edge + 2^(e−8)).
 */
export function bucketValue(x: Integer): Integer {
  const magnitude = x < 0 ? -x : x;
  if (magnitude < 256) return x;
  if (typeof magnitude === 'number') {
    const high = Math.floor(magnitude / 2 ** 32);
    const e = high > 0 ? 63 - Math.clz32(high) : 31 - Math.clz32(magnitude);
    const width = 2 ** (e - 7);
    const middle = Math.floor(magnitude / width) * width + width / 2;
    return x < 0 ? -middle : middle;
  }
  const e = BigInt(magnitude.toString(2).length - 1);
  const middle = ((magnitude >> (e - 7n)) << (e - 7n)) + (1n << (e - 8n));
  return toInteger(x < 0 ? -middle : middle);
}

/** approxQuantile(q) over integers, decimals and instants: counts per bucket, by the bucket's value. */
export function quantileKernel(type: ValueType, q: string): Kernel<Map<Integer, number>, Integer> {
  const units = unitsOfType(type);
  if (units === null) throw new AsofError('INTERNAL', `approxQuantile over ${type.kind} is not offered`);
  const { toUnits, fromUnits } = units;
  const [whole = '0', fraction = ''] = q.split('.');
  const numerator = BigInt(whole + fraction);
  const denominator = 10n ** BigInt(fraction.length);
  const sorted = (state: Map<Integer, number>) => [...state].sort(([a], [b]) => compareNumbers(a, b));
  return {
    prepare: (x) => bucketValue(toUnits(x)),
    empty: () => new Map(),
    add: (state, bucket) => state.set(bucket, (state.get(bucket) ?? 0) + 1),
    merge(into, from) {
      for (const [bucket, count] of from) into.set(bucket, (into.get(bucket) ?? 0) + count);
      return into;
    },
    write(out, state) {
      out.unsigned(state.size);
      for (const [bucket, count] of sorted(state)) {
        out.integer(bucket);
        out.unsigned(count);
      }
    },
    read(input) {
      const state = new Map<Integer, number>();
      for (let size = input.unsigned(); size > 0; size--) {
        const bucket = input.integer();
        state.set(bucket, input.unsigned());
      }
      return state;
    },
    skip(input) {
      for (let size = input.unsigned(); size > 0; size--) {
        input.skipInteger();
        input.unsigned();
      }
    },
    finish(state) {
      let n = 0;
      for (const count of state.values()) n += count;
      if (n === 0) return null;
      const rank = Math.max(1, Number((numerator * BigInt(n) + denominator - 1n) / denominator));
      let passed = 0;
      for (const [bucket, count] of sorted(state)) {
        passed += count;
        if (passed >= rank) return fromUnits(bucket);
      }
      return null;
    },
  };
}
