import { unitsOf } from './decimal.ts';
import type { Value, ValueType } from './types.ts';

/** Order of two texts by their UTF-8 bytes, which is their order by code points. Negative, 0 or positive. */
export function compareUtf8(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    let x = a.charCodeAt(i);
    let y = b.charCodeAt(i);
    if (x === y) continue;
    // Surrogates stand for code points above U+FFFF, yet their units sort below U+E000: move them to the top.
    if (x >= 0xd800 && y >= 0xd800) {
      x = x >= 0xe000 ? x - 0x800 : x + 0x2000;
      y = y >= 0xe000 ? y - 0x800 : y + 0x2000;
    }
    return x - y;
  }
  return a.length - b.length;
}

/** Order of two values of one type; NULL is the least. Lists compare element by element, then by length. */
export function compareValues(type: ValueType, a: Value, b: Value): number {
  if (a === b) return 0;
  if (a === null) return -1;
  if (b === null) return 1;
  switch (type.kind) {
    case 'string':
      return compareUtf8(a as string, b as string);
    case 'decimal':
      return compareNumbers(unitsOf(a as string), unitsOf(b as string));
    case 'bool':
      return a === false ? -1 : 1;
    case 'vector':
      return compareLists({ kind: 'float64' }, a as readonly Value[], b as readonly Value[]);
    case 'list':
      return compareLists(type.element, a as readonly Value[], b as readonly Value[]);
    case 'map':
      return compareMaps(type.value, a as ReadonlyMap<string, Value>, b as ReadonlyMap<string, Value>);
    default:
      // JavaScript compares a number with a bigint exactly.
      return compareNumbers(a as number | bigint, b as number | bigint);
  }
}

export function compareNumbers(a: number | bigint, b: number | bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareLists(element: ValueType, a: readonly Value[], b: readonly Value[]): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const order = compareValues(element, a[i]!, b[i]!);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareMaps(value: ValueType, a: ReadonlyMap<string, Value>, b: ReadonlyMap<string, Value>): number {
  const right = [...b];
  let i = 0;
  for (const [key, x] of a) {
    const entry = right[i++];
    if (entry === undefined) return 1;
    const order = compareUtf8(key, entry[0]) || compareValues(value, x, entry[1]);
    if (order !== 0) return order;
  }
  return a.size - b.size;
}

/** Are two values of one type the same value? */
export function equalValues(type: ValueType, a: Value, b: Value): boolean {
  return compareValues(type, a, b) === 0;
}
