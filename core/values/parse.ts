import { AsofError } from '../errors/asof-error.ts';
import { compareUtf8 } from './compare.ts';
import { decimalUnits, fitsPrecision, formatDecimal, integerFromText, isNumberText } from './decimal.ts';
import { describeInput } from './describe-input.ts';
import { toInteger } from './integers.ts';
import { parseInstant } from './parse-instant.ts';
import { NumberText, parseJson } from './parse-json.ts';
import type { Value, ValueType } from './types.ts';

export { parseInstant } from './parse-instant.ts';

/** Why a value became NULL though something was there. */
export const valueAnomalies = ['notFinite', 'decimalOverflow', 'vectorLength', 'vectorNull'] as const;
export type ValueAnomaly = (typeof valueAnomalies)[number];
export type OnAnomaly = (anomaly: ValueAnomaly) => void;

const ignored: OnAnomaly = () => {};

/**
 * A value of a declared type from JSON, CSV or Parquet input: coerced where nothing is lost ("12" and 12.0 are the
 * int64 12; 12 is the float64 12), refused otherwise. undefined is NULL. NaN and ±Infinity, decimals beyond their
 * precision, and vectors of a wrong length or with a NULL element become NULL, and `onAnomaly` hears of them.
 *
 * @throws AsofError BAD_INPUT naming `path`, the expected type and what was found
 */
export function parseValue(type: ValueType, input: unknown, path: string, onAnomaly: OnAnomaly = ignored): Value {
  if (input === null || input === undefined) return null;
  switch (type.kind) {
    case 'int32':
    case 'int64':
      return parseInteger(type.kind, input, path, onAnomaly);
    case 'float64':
      return parseFloat64(input, path, onAnomaly);
    case 'decimal':
      return parseDecimal(type, input, path, onAnomaly);
    case 'string':
      return parseText(input, path);
    case 'bool':
      return parseBool(input, path);
    case 'timestamp':
      return parseInstant(input, path);
    case 'vector':
      return parseVector(type.length, input, path, onAnomaly);
    case 'list':
      return parseElements(input, path, type).map((element, i) =>
        parseValue(type.element, element, `${path}[${i}]`, onAnomaly),
      );
    case 'map':
      return parseMap(type.value, input, path, onAnomaly);
  }
}

function refuse(path: string, expected: string, input: unknown, remedy?: string): never {
  const details = { path, expected, got: describeInput(input) };
  throw new AsofError('BAD_INPUT', 'wrong type or value', remedy === undefined ? details : { ...details, remedy });
}

/** The text of a number as it was written; null = not a number at all; 'notFinite' = NaN or ±Infinity. */
function numberText(input: unknown): string | 'notFinite' | null {
  if (typeof input === 'number') return Number.isFinite(input) ? String(input) : 'notFinite';
  if (typeof input === 'bigint') return input.toString();
  if (input instanceof NumberText) return input.text;
  if (typeof input !== 'string') return null;
  const text = input.trim();
  if (/^[+-]?(nan|inf(inity)?)$/i.test(text)) return 'notFinite';
  return isNumberText(text) ? text : null;
}

const integerLimits = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
} as const;

/** Of which every number fits an int32, and none has another spelling. */
const plainDigits = /^(?:0|[1-9]\d{0,8})$/;

function parseInteger(kind: 'int32' | 'int64', input: unknown, path: string, onAnomaly: OnAnomaly): Value {
  if (typeof input === 'number' && Number.isSafeInteger(input) && (kind === 'int64' || (input | 0) === input)) {
    return input + 0;
  }
  // What keys are mostly: nothing to look at twice.
  if (typeof input === 'string' && plainDigits.test(input)) return Number(input);
  const [least, greatest] = integerLimits[kind];
  let integer: number | bigint | 'overflow' | null;
  if (typeof input === 'number' && Number.isSafeInteger(input)) integer = input + 0;
  else if (Number.isInteger(input) && Math.abs(input as number) < 2 ** 63) {
    // Some digits may be lost already: nobody can tell 2^53 from 2^53 + 1 in a double.
    refuse(path, `${kind} with all its digits`, input, 'Send whole numbers beyond ±(2^53−1) as text.');
  } else if (typeof input === 'bigint') integer = toInteger(input);
  else {
    const text = numberText(input);
    if (text === 'notFinite') {
      onAnomaly('notFinite');
      return null;
    }
    integer = text === null ? null : integerFromText(text);
  }
  if (integer === null) refuse(path, `${kind} (a whole number)`, input);
  if (integer === 'overflow' || integer < least || integer > greatest) {
    refuse(path, `${kind} between ${least} and ${greatest}`, input);
  }
  return integer;
}

function parseFloat64(input: unknown, path: string, onAnomaly: OnAnomaly): Value {
  const text = typeof input === 'number' ? null : numberText(input);
  if (typeof input !== 'number' && text === null) refuse(path, 'float64 (a number)', input);
  const number = typeof input === 'number' ? input : Number(text);
  if (!Number.isFinite(number)) {
    onAnomaly('notFinite');
    return null;
  }
  return number + 0;
}

function parseDecimal(
  type: { readonly precision: number; readonly scale: number },
  input: unknown,
  path: string,
  onAnomaly: OnAnomaly,
): Value {
  const text = numberText(input);
  if (text === 'notFinite') {
    onAnomaly('notFinite');
    return null;
  }
  const units = text === null ? null : decimalUnits(text, type.scale);
  if (units === null) refuse(path, `decimal(${type.precision},${type.scale})`, input);
  if (units === 'overflow' || !fitsPrecision(units, type.precision)) {
    onAnomaly('decimalOverflow');
    return null;
  }
  return formatDecimal(units, type.scale);
}

const loneSurrogate = /\p{Surrogate}/u;

function parseText(input: unknown, path: string): string {
  if (typeof input !== 'string') refuse(path, 'string', input);
  if (hasSurrogate(input) && loneSurrogate.test(input))
    refuse(path, 'valid Unicode text', input, 'It holds half of a surrogate pair.');
  return input;
}

/** Rarely, and found faster than by the expression that tells whether one is alone. */
function hasSurrogate(input: string): boolean {
  for (let i = 0; i < input.length; i++) if ((input.charCodeAt(i) & 0xf800) === 0xd800) return true;
  return false;
}

function parseBool(input: unknown, path: string): boolean {
  if (typeof input === 'boolean') return input;
  const text = typeof input === 'string' ? input.trim().toLowerCase() : null;
  if (text === 'true') return true;
  if (text === 'false') return false;
  return refuse(path, 'bool (true or false)', input);
}

function parseNested(json: string, path: string): unknown {
  try {
    return parseJson(json);
  } catch (cause) {
    if (!(cause instanceof AsofError)) throw cause;
    throw new AsofError(cause.code, 'not JSON', { ...cause.details, path }, { cause });
  }
}

/** Lists come as arrays, typed arrays, or (from CSV) as JSON text. */
function parseElements(input: unknown, path: string, type: ValueType): readonly unknown[] {
  if (Array.isArray(input)) return input;
  if (ArrayBuffer.isView(input) && Symbol.iterator in input) return Array.from(input as Iterable<unknown>);
  if (typeof input === 'string' && input.trimStart().startsWith('[')) {
    const parsed = parseNested(input, path);
    if (Array.isArray(parsed)) return parsed;
  }
  return refuse(path, type.kind === 'vector' ? `vector(${type.length})` : 'list', input);
}

function parseVector(length: number, input: unknown, path: string, onAnomaly: OnAnomaly): Value {
  const elements = parseElements(input, path, { kind: 'vector', length });
  const vector: Value[] = [];
  let hasNull = false;
  for (let i = 0; i < elements.length; i++) {
    const element = parseFloatElement(elements[i], `${path}[${i}]`);
    if (element === null) hasNull = true;
    vector.push(element);
  }
  if (vector.length !== length) onAnomaly('vectorLength');
  else if (hasNull) onAnomaly('vectorNull');
  else return vector;
  return null;
}

function parseFloatElement(input: unknown, path: string): Value {
  return input === null || input === undefined ? null : parseFloat64(input, path, ignored);
}

function parseMap(valueType: ValueType, input: unknown, path: string, onAnomaly: OnAnomaly): Value {
  const source = typeof input === 'string' && input.trimStart().startsWith('{') ? parseNested(input, path) : input;
  const isObject = typeof source === 'object' && source !== null && !Array.isArray(source);
  if (!isObject || source instanceof NumberText || source instanceof Date) return refuse(path, 'map', input);
  const entries: [unknown, unknown][] = source instanceof Map ? [...source] : Object.entries(source);
  const parsed = entries.map(([key, value]): [string, Value] => {
    const name = parseText(key, `${path} key`);
    return [name, parseValue(valueType, value, `${path}.${name}`, onAnomaly)];
  });
  return new Map(parsed.sort(([a], [b]) => compareUtf8(a, b)));
}
