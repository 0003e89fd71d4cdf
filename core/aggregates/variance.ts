import { AsofError } from '../errors/asof-error.ts';
import { powerOfTen } from '../values/decimal.ts';
import { addIntegers, double, type Integer, multiplyIntegers } from '../values/integers.ts';
import type { ValueType } from '../values/types.ts';
import type { Kernel } from './kernel.ts';
import { unitsOfType } from './units.ts';

interface VarianceState {
  n: number;
  s: Integer;
  /** The sum of squares. */
  q: Integer;
}

/** Inputs of this many units and more are NULL: their squares would not fit into the state of other engines. */
const inputLimit = 2 ** 48;

/** varSamp, varPop, stddevSamp, stddevPop over integers and decimals: one rounding in each of two divisions' sides. */
export function varianceKernel(
  name: 'varSamp' | 'varPop' | 'stddevSamp' | 'stddevPop',
  type: ValueType,
): Kernel<VarianceState, Integer> {
  const units = unitsOfType(type);
  if (units === null) throw new AsofError('INTERNAL', `${name} over ${type.kind} is not offered`);
  const ofSample = name === 'varSamp' || name === 'stddevSamp';
  const isRoot = name === 'stddevSamp' || name === 'stddevPop';
  const squaredUnit = powerOfTen(2 * units.scale);
  return {
    prepare: units.toUnits,
    empty: () => ({ n: 0, s: 0, q: 0 }),
    add(state, x) {
      if (x <= -inputLimit || x >= inputLimit) return state;
      state.n++;
      state.s = addIntegers(state.s, x);
      state.q = addIntegers(state.q, multiplyIntegers(x, x));
      return state;
    },
    merge(into, from) {
      into.n += from.n;
      into.s = addIntegers(into.s, from.s);
      into.q = addIntegers(into.q, from.q);
      return into;
    },
    write(out, { n, s, q }) {
      out.unsigned(n);
      if (n === 0) return;
      out.integer(s);
      out.integer(q);
    },
    read(input) {
      const n = input.unsigned();
      return n === 0 ? { n, s: 0, q: 0 } : { n, s: input.integer(), q: input.integer() };
    },
    skip(input) {
      if (input.unsigned() === 0) return;
      input.skipInteger();
      input.skipInteger();
    },
    finish({ n, s, q }) {
      if (n < (ofSample ? 2 : 1)) return null;
      const count = BigInt(n);
      const spread = count * BigInt(q) - BigInt(s) * BigInt(s);
      const divisor = count * (ofSample ? count - 1n : count) * squaredUnit;
      const variance = double(spread) / double(divisor);
      return isRoot ? Math.sqrt(variance) : variance;
    },
  };
}
