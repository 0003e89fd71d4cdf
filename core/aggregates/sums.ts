import { powerOfTen } from '../values/decimal.ts';
import { addIntegers, double, type Integer, multiplyIntegers, toInteger } from '../values/integers.ts';
import type { Value, ValueType } from '../values/types.ts';
import { sumColumns } from './columns.ts';
import type { Kernel } from './kernel.ts';
import { type Units, unitsOfType } from './units.ts';

interface SumState<S> {
  n: number;
  s: S;
}

/** sum: exact for integers and decimals, NULL beyond int64 or decimal(38,s); element-wise for vectors. */
export function sumKernel(type: ValueType): Kernel<unknown, unknown> {
  if (type.kind === 'vector') return vectorSumKernel(type.length, ({ s }) => finiteElements(s));
  const result: ValueType = type.kind === 'decimal' ? { ...type, precision: 38 } : { kind: 'int64' };
  const units = unitsOfType(type);
  if (units === null) return floatSumKernel(({ s }) => finiteFloat(s));
  const { fromUnits } = unitsOfType(result)!;
  return exactSumKernel(units, ({ s }) => fromUnits(s));
}

/** avg: double(S) / double(n · 10^s). */
export function avgKernel(type: ValueType): Kernel<unknown, unknown> {
  if (type.kind === 'vector') {
    return vectorSumKernel(type.length, ({ n, s }) => finiteElements(s.map((element) => element / n)));
  }
  const units = unitsOfType(type);
  if (units === null) return floatSumKernel(({ n, s }) => finiteFloat(s / n));
  const unit = toInteger(powerOfTen(units.scale));
  return exactSumKernel(units, ({ n, s }) => double(s) / double(multiplyIntegers(n, unit)));
}

/** Float sums that overflow are NULL; −0 is 0. */
function finiteFloat(x: number): Value {
  return Number.isFinite(x) ? x + 0 : null;
}

function finiteElements(elements: readonly number[]): Value {
  return elements.every(Number.isFinite) ? elements.map((element) => element + 0) : null;
}

function exactSumKernel(units: Units, value: (state: SumState<Integer>) => Value): Kernel<SumState<Integer>, Integer> {
  return {
    prepare: units.toUnits,
    empty: () => ({ n: 0, s: 0 }),
    add(state, x) {
      state.n++;
      state.s = addIntegers(state.s, x);
      return state;
    },
    merge(into, from) {
      into.n += from.n;
      into.s = addIntegers(into.s, from.s);
      return into;
    },
    write(out, { n, s }) {
      out.unsigned(n);
      if (n > 0) out.integer(s);
    },
    read(input) {
      const n = input.unsigned();
      return { n, s: n > 0 ? input.integer() : 0 };
    },
    skip(input) {
      if (input.unsigned() > 0) input.skipInteger();
    },
    finish: (state) => (state.n === 0 ? null : value(state)),
    columns: sumColumns(),
  };
}

function floatSumKernel(value: (state: SumState<number>) => Value): Kernel<SumState<number>, number> {
  return {
    prepare: (x) => x as number,
    empty: () => ({ n: 0, s: 0 }),
    add(state, x) {
      state.n++;
      state.s += x;
      return state;
    },
    merge(into, from) {
      into.n += from.n;
      into.s += from.s;
      return into;
    },
    write(out, { n, s }) {
      out.unsigned(n);
      if (n > 0) out.float64(s);
    },
    read(input) {
      const n = input.unsigned();
      return { n, s: n > 0 ? input.float64() : 0 };
    },
    skip(input) {
      if (input.unsigned() > 0) input.skip(8);
    },
    finish: (state) => (state.n === 0 ? null : value(state)),
  };
}

function vectorSumKernel(
  length: number,
  value: (state: SumState<number[]>) => Value,
): Kernel<SumState<number[]>, readonly number[]> {
  const addElements = (into: number[], x: readonly number[]) => {
    for (let i = 0; i < length; i++) into[i] = (into[i] ?? 0) + x[i]!;
  };
  return {
    prepare: (x) => x as readonly number[],
    // The elements come with the first vector: most tiles of a sparse key stay empty.
    empty: () => ({ n: 0, s: [] }),
    add(state, x) {
      state.n++;
      addElements(state.s, x);
      return state;
    },
    merge(into, from) {
      into.n += from.n;
      if (from.n > 0) addElements(into.s, from.s);
      return into;
    },
    write(out, { n, s }) {
      out.unsigned(n);
      for (const element of s) out.float64(element);
    },
    read(input) {
      const n = input.unsigned();
      return { n, s: n === 0 ? [] : Array.from({ length }, () => input.float64()) };
    },
    skip(input) {
      if (input.unsigned() > 0) input.skip(8 * length);
    },
    finish: (state) => (state.n === 0 ? null : value(state)),
  };
}
