import { nearest } from '../../core/errors/nearest.ts';
import { NumberText } from '../../core/values/parse-json.ts';
import type { TryAnswer } from './evaluate.ts';
import { isJsonObject, type JsonObject } from './input-row.ts';

/**
 * How answers differ from what a case expects, for people to read; empty = not at all. What `expected` does not name is
 * not compared, but a case that names nothing was not checked, which is told as a difference.
 *
 * @param expected one object for each answer, each a part of it
 */
export function differences(expected: unknown, answers: readonly TryAnswer[]): string[] {
  if (expected === undefined) return ['has no "expected", so nothing was checked'];
  if (!Array.isArray(expected))
    return [`expected: expected an array with an object for each spine row; got ${text(expected)}`];
  const comparison: Comparison = { compared: 0, found: [] };
  if (expected.length !== answers.length) {
    comparison.found.push(`expected has ${rows(expected.length)}; the spine has ${rows(answers.length)}`);
  }
  const printed = JSON.parse(JSON.stringify(answers)) as readonly JsonObject[];
  for (const [row, got] of printed.slice(0, expected.length).entries()) {
    const parts: unknown = expected[row];
    if (isJsonObject(parts)) compareParts(comparison, { expected: parts, got, path: `row ${row}, ` }, levelsOf);
    else comparison.found.push(`row ${row}: expected an object of what to compare; got ${text(parts)}`);
  }
  if (comparison.compared === 0 && comparison.found.length === 0 && answers.length > 0) {
    comparison.found.push('"expected" names no value, so nothing was checked');
  }
  return comparison.found;
}

interface Comparison {
  compared: number;
  readonly found: string[];
}

/** Below a row's `view` there are views and then their parts; below anything else that it has, values. */
function levelsOf(name: string): number {
  return name === 'view' ? 2 : 1;
}

interface Parts {
  readonly expected: JsonObject;
  readonly got: JsonObject;
  /** What stands before the names of these parts. */
  readonly path: string;
}

/** @param levelsOf how many levels of names there are below a part, of which an expectation may leave some out */
function compareParts(
  comparison: Comparison,
  { expected, got, path }: Parts,
  levelsOf: (name: string) => number,
): void {
  for (const [name, wanted] of Object.entries(expected)) {
    const value = Object.hasOwn(got, name) ? got[name] : undefined;
    const levels = levelsOf(name);
    if (levels > 0 && isJsonObject(wanted) && isJsonObject(value)) {
      compareParts(comparison, { expected: wanted, got: value, path: `${path}${name}.` }, () => levels - 1);
      continue;
    }
    comparison.compared++;
    if (isSame(wanted, value)) continue;
    const found = value === undefined ? nothing(name, got) : text(value);
    comparison.found.push(`${path}${name}: expected ${text(wanted)}; got ${found}`);
  }
}

function nothing(name: string, got: JsonObject): string {
  const guess = nearest(name, Object.keys(got));
  return guess === null ? 'nothing' : `nothing. Did you mean "${guess}"?`;
}

/** Whether an answer's JSON says what is expected: numbers as doubles, the fields of objects in any order. */
function isSame(expected: unknown, got: unknown): boolean {
  if (typeof expected === 'bigint') return Number(expected) === got;
  if (expected instanceof NumberText) return expected.toJSON() === got;
  if (Array.isArray(expected)) {
    return (
      Array.isArray(got) && got.length === expected.length && expected.every((one, index) => isSame(one, got[index]))
    );
  }
  if (!isJsonObject(expected)) return expected === got;
  const names = Object.keys(expected);
  return (
    isJsonObject(got) &&
    names.length === Object.keys(got).length &&
    names.every((name) => Object.hasOwn(got, name) && isSame(expected[name], got[name]))
  );
}

function text(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof NumberText) return value.text;
  if (Array.isArray(value)) return `[${value.map(text).join(',')}]`;
  if (!isJsonObject(value)) return value === undefined ? 'nothing' : JSON.stringify(value);
  return `{${Object.entries(value).map(([name, part]) => `${JSON.stringify(name)}:${text(part)}`)}}`;
}

function rows(count: number): string {
  return `${count} ${count === 1 ? 'row' : 'rows'}`;
}
