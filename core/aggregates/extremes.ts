import { readNullable, skipNullable, writeNullable } from '../values/binary.ts';
import { compareValues } from '../values/compare.ts';
import type { Integer } from '../values/integers.ts';
import type { Value, ValueType } from '../values/types.ts';
import { extremeColumns } from './columns.ts';
import type { Kernel } from './kernel.ts';
import { type Units, unitsOfType } from './units.ts';

type Scalar = Exclude<Value, null>;

/** min and max: the value itself, NULL while there is none. */
export function extremeKernel(name: 'min' | 'max', type: ValueType): Kernel<unknown, unknown> {
  const units = unitsOfType(type);
  return units === null ? valueExtremeKernel(name, type) : exactExtremeKernel(name, units);
}

/** Integers, instants, and decimals as their units, which compare without reading text. */
function exactExtremeKernel(name: 'min' | 'max', units: Units): Kernel<Integer | null, Integer> {
  const type: ValueType = { kind: 'int64' };
  const isBetter: (a: Integer, b: Integer) => boolean = name === 'min' ? (a, b) => a < b : (a, b) => a > b;
  return {
    prepare: units.toUnits,
    empty: () => null,
    add: (state, x) => (state === null || isBetter(x, state) ? x : state),
    merge: (into, from) => (into === null || (from !== null && isBetter(from, into)) ? from : into),
    write: (out, state) => writeNullable(out, type, state),
    read: (input) => readNullable(input, type) as Integer | null,
    skip: (input) => skipNullable(input, type),
    finish: (state) => (state === null ? null : units.fromUnits(state)),
    columns: extremeColumns(name),
  };
}

function valueExtremeKernel(name: 'min' | 'max', type: ValueType): Kernel<Value, Scalar> {
  const sign = name === 'min' ? 1 : -1;
  const isBetter = (a: Scalar, b: Scalar) => sign * compareValues(type, a, b) < 0;
  return {
    prepare: (x) => x,
    empty: () => null,
    add: (state, x) => (state === null || isBetter(x, state) ? x : state),
    merge: (into, from) => (into === null || (from !== null && isBetter(from, into)) ? from : into),
    write: (out, state) => writeNullable(out, type, state),
    read: (input) => readNullable(input, type),
    skip: (input) => skipNullable(input, type),
    finish: (state) => state,
  };
}
