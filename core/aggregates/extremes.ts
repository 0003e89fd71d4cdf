import { readNullable, skipNullable, writeNullable } from '../values/binary.ts';
import { compareValues } from '../values/compare.ts';
import type { Value, ValueType } from '../values/types.ts';
import type { Kernel } from './kernel.ts';
import { unitsOfType } from './units.ts';

/** min and max: the value itself, NULL while there is none. */
export function extremeKernel(name: 'min' | 'max', type: ValueType): Kernel<Value, Exclude<Value, null>> {
  const units = unitsOfType(type);
  // Decimals are held as their units, which compare without reading text.
  const stateType: ValueType = units === null ? type : { kind: 'int64' };
  const isBetter: (a: Exclude<Value, null>, b: Exclude<Value, null>) => boolean =
    units !== null || type.kind === 'float64'
      ? name === 'min'
        ? (a, b) => a < b
        : (a, b) => a > b
      : name === 'min'
        ? (a, b) => compareValues(type, a, b) < 0
        : (a, b) => compareValues(type, a, b) > 0;
  return {
    prepare: units === null ? (x) => x : units.toUnits,
    empty: () => null,
    add: (state, x) => (state === null || isBetter(x, state) ? x : state),
    merge: (into, from) => (into === null || (from !== null && isBetter(from, into)) ? from : into),
    write: (out, state) => writeNullable(out, stateType, state),
    read: (input) => readNullable(input, stateType),
    skip: (input) => skipNullable(input, stateType),
    finish: (state) => (state === null || units === null ? state : units.fromUnits(state as number | bigint)),
  };
}
