import { durationForm, formatDuration, tryParseDuration } from '../time/duration.ts';
import { NumberText } from '../values/parse-json.ts';
import type { JsonValue } from './model.ts';
import type { Problems } from './problems.ts';

/** Reads a part of unknown JSON; undefined when it is wrong, and then a problem was added. */
export type Shape<T> = (value: unknown, path: string, problems: Problems) => T | undefined;

interface Property<T> {
  readonly shape: Shape<T>;
  readonly isRequired: boolean;
  /** Written where the property is absent. */
  readonly fallback?: () => T;
}

type Properties<T> = { readonly [K in keyof T]-?: Property<Exclude<T[K], undefined>> };

export function required<T>(shape: Shape<T>): Property<T> {
  return { shape, isRequired: true };
}
export function optional<T>(shape: Shape<T>): Property<T> {
  return { shape, isRequired: false };
}
export function withDefault<T>(shape: Shape<T>, fallback: () => T): Property<T> {
  return { shape, isRequired: false, fallback };
}

/**
 * An object with these properties and no others; the result has them in this order. What is wrong in an optional
 * property leaves it out, so that the rest can still be checked.
 */
export function objectOf<T>(what: string, properties: Properties<T>): Shape<T> {
  const entries = Object.entries(properties) as [string, Property<unknown>][];
  const names = entries.map(([name]) => name);
  return (value, path, problems) => {
    if (!isObject(value)) return refuse(problems, path, { expected: what, value });
    let isComplete = true;
    for (const name of Object.keys(value)) {
      if (!names.includes(name)) problems.addUnknown(join(path, name), `property of ${what}`, name, names, fixedChoice);
    }
    const result: Record<string, unknown> = {};
    for (const [name, { shape, isRequired, fallback }] of entries) {
      const part = value[name];
      const own = part === undefined ? undefined : shape(part, join(path, name), problems);
      const read = own === undefined ? fallback?.() : own;
      if (read !== undefined) result[name] = read;
      else if (isRequired) isComplete = false;
      if (part === undefined && isRequired)
        problems.add(join(path, name), 'is missing', { expected: `${what} has it` });
    }
    return isComplete ? (result as T) : undefined;
  };
}

/** An array, without the elements that are wrong; those with a name are called by it in paths. */
export function listOf<T>(element: Shape<T>): Shape<readonly T[]> {
  return (value, path, problems) => {
    if (!Array.isArray(value)) return refuse(problems, path, { expected: 'an array', value });
    return value
      .map((item: unknown, index) => element(item, elementPath(path, item, index), problems))
      .filter((item) => item !== undefined);
  };
}

function elementPath(path: string, item: unknown, index: number): string {
  const named = isObject(item) && typeof item.name === 'string' && item.name !== '';
  return named ? join(path, item.name as string) : `${path}[${index}]`;
}

export function recordOf<T>(element: Shape<T>): Shape<{ readonly [name: string]: T }> {
  return (value, path, problems) => {
    if (!isObject(value)) return refuse(problems, path, { expected: 'an object', value });
    const result: Record<string, T> = {};
    for (const [name, item] of Object.entries(value)) {
      const read = element(item, join(path, name), problems);
      if (read !== undefined) result[name] = read;
    }
    return result;
  };
}

/** Nothing that a definition could declare. */
const fixedChoice = 'There are no others.';

/** Reads `kind` (or another tag) first, then the shape of that variant. */
export function variant<T>(tag: string, variants: { readonly [name: string]: Shape<T> }): Shape<T> {
  return (value, path, problems) => {
    if (!isObject(value)) return refuse(problems, path, { expected: `an object with "${tag}"`, value });
    const name = value[tag];
    const shape = typeof name === 'string' && Object.hasOwn(variants, name) ? variants[name] : undefined;
    if (shape !== undefined) return shape(value, path, problems);
    if (typeof name === 'string') problems.addUnknown(join(path, tag), tag, name, Object.keys(variants), fixedChoice);
    else refuse(problems, join(path, tag), { expected: `one of ${Object.keys(variants).join(', ')}`, value: name });
    return undefined;
  };
}

export const text: Shape<string> = (value, path, problems) =>
  typeof value === 'string' ? value : refuse(problems, path, { expected: 'a text', value });

export const flag: Shape<boolean> = (value, path, problems) =>
  typeof value === 'boolean' ? value : refuse(problems, path, { expected: 'true or false', value });

export function wholeNumber(min: number, max: number): Shape<number> {
  return (value, path, problems) =>
    typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
      ? value
      : refuse(problems, path, { expected: `a whole number from ${min} to ${max}`, value });
}

export function oneOf<const T extends string | number>(...choices: readonly T[]): Shape<T> {
  return (value, path, problems) => {
    const found = choices.find((choice) => choice === value);
    if (found !== undefined) return found;
    const strings = choices.filter((choice) => typeof choice === 'string');
    if (typeof value === 'string' && strings.length > 0)
      problems.addUnknown(path, 'choice', value, strings, fixedChoice);
    else refuse(problems, path, { expected: choices.join(' or '), value });
    return undefined;
  };
}

/** In its canonical text; one that cannot be read is reported and kept as it is. */
export const duration: Shape<string> = (value, path, problems) => {
  const millis = typeof value === 'string' ? tryParseDuration(value) : null;
  if (millis !== null) return formatDuration(millis);
  refuse(problems, path, { expected: durationForm, value });
  return typeof value === 'string' ? value : undefined;
};

export const json: Shape<JsonValue> = (value, path, problems) => {
  const written = withoutBigints(value);
  return isJson(written) ? written : refuse(problems, path, { expected: 'a JSON value', value });
};

/** Integers beyond ±(2^53−1) as text, as builders write them: every type reads a number from it without losing a digit. */
function withoutBigints(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map(withoutBigints);
  if (!isObject(value) || value instanceof NumberText) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, withoutBigints(part)]));
}

function isJson(value: unknown): value is JsonValue {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  return Array.isArray(value) ? value.every(isJson) : isObject(value) && Object.values(value).every(isJson);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

export function refuse(
  problems: Problems,
  path: string,
  { expected, value }: { readonly expected: string; readonly value: unknown },
): undefined {
  problems.add(path, 'has the wrong form', { expected, got: shown(value) });
  return undefined;
}

function shown(value: unknown): string {
  const written = value === undefined ? 'nothing' : (JSON.stringify(withoutBigints(value)) ?? typeof value);
  return written.length > 80 ? `${written.slice(0, 77)}…` : written;
}
