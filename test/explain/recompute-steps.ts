import type { ExplainedStep } from '../../core/explain/explanation.ts';
import { type Known, print, read, scaleOf } from './printed-values.ts';
import { functions } from './recompute-functions.ts';

/**
 * The value of a printed expression, from the printed values of its inputs alone. Every step that was printed must be
 * the value that its arguments have, or this throws.
 *
 * @param inputs by the text of the step that reads them, as printed
 */
export function recomputeStep(step: ExplainedStep, inputs: Readonly<Record<string, unknown>>): Known {
  const value = stepValue(step, inputs);
  if (!isPrinted(step, value)) {
    const shown = JSON.stringify(print(step.type, value));
    throw new Error(`the step ${step.text} has the value ${shown}, not ${JSON.stringify(step.value)}`);
  }
  return read(step.type, step.value);
}

/** To the bit; functions on doubles that are computed here in another way may differ in the last ones. */
function isPrinted(step: ExplainedStep, value: Known): boolean {
  const isClose = typeof value === 'number' && typeof step.value === 'number' && step.op in functions;
  if (isClose) return Math.abs(value - (step.value as number)) <= 1e-12 * Math.abs(value);
  return JSON.stringify(print(step.type, value)) === JSON.stringify(step.value);
}

function stepValue(step: ExplainedStep, inputs: Readonly<Record<string, unknown>>): Known {
  if (step.op === 'literal') return read(step.type, step.value);
  if (step.op === 'input') {
    if (!(step.text in inputs)) throw new Error(`${step.text} is read, but not shown`);
    return read(step.type, inputs[step.text]);
  }
  const args = step.args ?? [];
  const values = args.map((arg) => recomputeStep(arg, inputs));
  // What a function of the user's own does is its source's affair, and no part of what is printed.
  if (step.op === 'userCall') return read(step.type, step.value);
  const scale = Math.max(0, ...args.map(({ type }) => scaleOf(type)));
  const aligned = values.map((value, index) => toScale(value, scaleOf(args[index]!.type), scale));
  return apply(
    step,
    aligned,
    values,
    args.map(({ type }) => type),
  );
}

/** Decimals of different scales become units of the finest. */
function toScale(value: Known, from: number, to: number): Known {
  return typeof value === 'bigint' ? value * 10n ** BigInt(to - from) : value;
}

type Number2 = (a: bigint | number, b: bigint | number) => boolean;
const comparisons: Readonly<Record<string, Number2>> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => a < b,
  lte: (a, b) => a <= b,
  gt: (a, b) => a > b,
  gte: (a, b) => a >= b,
};

function apply(step: ExplainedStep, aligned: Known[], values: Known[], types: string[]): Known {
  const { op, type } = step;
  const [a, b] = aligned;
  if (op in comparisons) {
    if (a === null || b === null) return null;
    return comparisons[op]!(a as bigint, b as bigint);
  }
  switch (op) {
    case 'and':
      return values.includes(false) ? false : values.includes(null) ? null : true;
    case 'or':
      return values.includes(true) ? true : values.includes(null) ? null : false;
    case 'not':
      return a === null ? null : !a;
    case 'isNull':
      return a === null;
    case 'isNotNull':
      return a !== null;
    case 'coalesce':
      return values.find((value) => value !== null) ?? null;
    case 'div': {
      if (a === null || b === null) return null;
      const quotient = double(values[0]!, types[0]!) / double(values[1]!, types[1]!);
      return Number.isFinite(quotient) ? quotient + 0 : null;
    }
    case 'add':
    case 'sub':
      if (a === null || b === null) return null;
      return arithmetic(type, op === 'add' ? (x, y) => x + y : (x, y) => x - y, a!, b!);
    case 'neg':
    case 'abs': {
      const isKept = a === null || (op === 'abs' && (a as number) >= 0);
      return isKept ? a! : arithmetic(type, (x, y) => y - x, a!, typeof a === 'bigint' ? 0n : 0);
    }
    case 'mul':
      if (values.includes(null)) return null;
      return arithmetic(type, (x, y) => x * y, values[0]!, values[1]!);
    case 'idiv':
      // BigInt division truncates toward zero.
      if (values.includes(null) || Number(values[1]) === 0) return null;
      return arithmetic(type, (x, y) => x / y, values[0]!, values[1]!);
    case 'in': {
      if (a === null) return null;
      return values.includes(a!, 1) ? true : values.includes(null) ? null : false;
    }
    default: {
      const run = functions[op];
      if (run === undefined) throw new Error(`this test does not know ${op}; teach it`);
      return values.includes(null)
        ? null
        : run(
            values.map((value, index) => ({ value, type: types[index]! })),
            type,
          );
    }
  }
}

function double(value: Known, type: string): number {
  return Number(value) / 10 ** scaleOf(type);
}

function arithmetic(type: string, on: (x: never, y: never) => unknown, a: Known, b: Known): Known {
  const result = on(a as never, b as never) as bigint | number;
  if (typeof result === 'number') return Number.isFinite(result) ? result + 0 : null;
  const bits = type === 'int32' ? 31n : 63n;
  if (type.startsWith('int')) return result >= -(2n ** bits) && result < 2n ** bits ? result : null;
  return result;
}
