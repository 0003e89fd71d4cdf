import { valueToDouble } from '../../values/integers.ts';
import { type Example, type ExpressionFunction, strictNulls } from '../function.ts';
import { number } from '../type-sets.ts';
import { decimal, float64, int64 } from './literal-nodes.ts';
import { float64Result } from './numeric-types.ts';
import { strictBinary, strictUnary } from './strict.ts';

interface Documented {
  readonly summary: string;
  /** Where it has no finite value. */
  readonly bounds: string;
  readonly examples: readonly Example[];
}

const everywhere = 'Takes any number, as its nearest double; NULL, counted, where the result is not finite.';

/**
 * A function of doubles. Engines differ in the last bit of these, so only this one, JavaScript's, is ever used.
 */
function ofDouble(operation: (x: number) => number, { summary, bounds, examples }: Documented): ExpressionFunction {
  return {
    group: 'numbers',
    documentation: { summary, nulls: strictNulls, bounds, gives: 'float64', examples },
    parameters: { x: { takes: number } },
    literals: 'asWritten',
    resultType: () => ({ kind: 'float64' }),
    compile: ([argument], { anomalies }) =>
      strictUnary(argument!, (x) => float64Result(operation(typeof x === 'number' ? x : valueToDouble(x)), anomalies)),
  };
}

function ofTwoDoubles(
  names: readonly [string, string],
  operation: (x: number, y: number) => number,
  { summary, bounds, examples }: Documented,
): ExpressionFunction {
  return {
    group: 'numbers',
    documentation: { summary, nulls: strictNulls, bounds, gives: 'float64', examples },
    parameters: { [names[0]]: { takes: number }, [names[1]]: { takes: number } },
    literals: 'asWritten',
    resultType: () => ({ kind: 'float64' }),
    compile: ([left, right], { anomalies }) =>
      strictBinary(left!, right!, (x, y) => float64Result(operation(valueToDouble(x), valueToDouble(y)), anomalies)),
  };
}

export const log = ofDouble(Math.log, {
  summary: 'The natural logarithm.',
  bounds: 'NULL, counted, for 0 and less.',
  examples: [
    [[float64(Math.E)], 1],
    [[int64(0)], null],
    [[int64(null)], null],
  ],
});

export const log1p = ofDouble(Math.log1p, {
  summary: 'log(1 + x), exact for small x: the usual squeeze for counts and amounts.',
  bounds: 'NULL, counted, for −1 and less.',
  examples: [
    [[int64(0)], 0],
    [[decimal('99.00')], Math.log1p(99)],
    [[int64(-1)], null],
  ],
});

export const exp = ofDouble(Math.exp, {
  summary: 'e to the power of x.',
  bounds: 'NULL, counted, above about 709.78.',
  examples: [
    [[int64(0)], 1],
    [[int64(1)], Math.E],
    [[int64(710)], null],
  ],
});

export const expm1 = ofDouble(Math.expm1, {
  summary: 'exp(x) − 1, exact for small x; undoes log1p.',
  bounds: 'NULL, counted, above about 709.78.',
  examples: [
    [[float64(1e-10)], 1.00000000005e-10],
    [[int64(710)], null],
  ],
});

export const sqrt = ofDouble(Math.sqrt, {
  summary: 'The square root.',
  bounds: 'NULL, counted, below 0.',
  examples: [
    [[int64(9)], 3],
    [[decimal('2.25')], 1.5],
    [[int64(-1)], null],
  ],
});

export const sin = ofDouble(Math.sin, {
  summary: 'The sine of an angle in radians; with `cos`, the way to encode what comes around, as hours do.',
  bounds: everywhere,
  examples: [
    [[int64(0)], 0],
    [[float64(Math.PI / 2)], 1],
  ],
});

export const cos = ofDouble(Math.cos, {
  summary: 'The cosine of an angle in radians.',
  bounds: everywhere,
  examples: [
    [[int64(0)], 1],
    [[float64(Math.PI)], -1],
  ],
});

export const tan = ofDouble(Math.tan, {
  summary: 'The tangent of an angle in radians.',
  bounds: everywhere,
  examples: [
    [[int64(0)], 0],
    [[int64(1)], Math.tan(1)],
  ],
});

export const pow = ofTwoDoubles(['x', 'exponent'], Math.pow, {
  summary: 'x to the power of the exponent.',
  bounds: 'Whatever their numeric types; NULL, counted, where it is not finite or not real. x to the power of 0 is 1.',
  examples: [
    [[int64(2), int64(10)], 1024],
    [[int64(9), float64(0.5)], 3],
    [[int64(-8), float64(0.5)], null],
    [[int64(0), int64(-1)], null],
  ],
});

export const atan2 = ofTwoDoubles(['y', 'x'], Math.atan2, {
  summary: 'The angle of the point (x, y), in radians from −π to π.',
  bounds: 'Whatever their numeric types; of (0, 0) it is 0.',
  examples: [
    [[int64(1), int64(1)], Math.PI / 4],
    [[int64(0), int64(-1)], Math.PI],
    [[int64(0), int64(0)], 0],
  ],
});
