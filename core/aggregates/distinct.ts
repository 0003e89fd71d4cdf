import { stableHash } from '../values/stable-hash.ts';
import type { Value, ValueType } from '../values/types.ts';
import { HyperLogLog } from './hyperloglog.ts';
import type { Kernel } from './kernel.ts';

const hashOf = (type: ValueType) => (x: Exclude<Value, null>) => stableHash(type, x);

type DistinctState = Set<string> | HyperLogLog;

/** countDistinct: exact up to `cap` hashes, then the HyperLogLog of the same hashes, never back. */
export function countDistinctKernel(type: ValueType, cap: number): Kernel<DistinctState, string> {
  const capped = (state: Set<string>): DistinctState => {
    if (state.size <= cap) return state;
    const sketch = new HyperLogLog();
    for (const x of state) sketch.add(x);
    return sketch;
  };
  return {
    prepare: hashOf(type),
    empty: () => new Set(),
    add(state, x) {
      state.add(x);
      return state instanceof Set ? capped(state) : state;
    },
    merge(into, from) {
      if (into instanceof Set && from instanceof Set) {
        for (const x of from) into.add(x);
        return capped(into);
      }
      const sketch = into instanceof Set ? new HyperLogLog() : into;
      if (into instanceof Set) for (const x of into) sketch.add(x);
      if (from instanceof Set) for (const x of from) sketch.add(x);
      else sketch.merge(from);
      return sketch;
    },
    write(out, state) {
      if (!(state instanceof Set)) {
        out.unsigned(0);
        state.write(out);
        return;
      }
      out.unsigned(state.size + 1);
      out.raw(Buffer.from([...state].sort().join(''), 'latin1'));
    },
    read(input) {
      const count = input.unsigned();
      if (count === 0) return HyperLogLog.read(input);
      const hashes = Buffer.from(input.raw(8 * (count - 1))).toString('latin1');
      const state = new Set<string>();
      for (let i = 0; i < hashes.length; i += 8) state.add(hashes.slice(i, i + 8));
      return state;
    },
    skip(input) {
      const count = input.unsigned();
      if (count === 0) HyperLogLog.skip(input);
      else input.skip(8 * (count - 1));
    },
    finish: (state) => (state instanceof Set ? state.size : state.estimate()),
  };
}

/** approxCountDistinct: the HyperLogLog from the start; NULL while it is empty. */
export function approxCountDistinctKernel(type: ValueType): Kernel<HyperLogLog, string> {
  return {
    prepare: hashOf(type),
    empty: () => new HyperLogLog(),
    add(state, x) {
      state.add(x);
      return state;
    },
    merge(into, from) {
      into.merge(from);
      return into;
    },
    write: (out, state) => state.write(out),
    read: (input) => HyperLogLog.read(input),
    skip: (input) => HyperLogLog.skip(input),
    finish: (state) => (state.isEmpty ? null : state.estimate()),
  };
}
