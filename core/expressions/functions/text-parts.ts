import type { Integer } from '../../values/integers.ts';
import type { ValueType } from '../../values/types.ts';
import { type ExpressionFunction, strictNulls } from '../function.ts';
import { integer, text as strings } from '../type-sets.ts';
import { int64, text } from './literal-nodes.ts';

const string: ValueType = { kind: 'string' };

export const substring: ExpressionFunction = {
  group: 'text',
  documentation: {
    summary: 'The part that begins `start` code points into the text, `count` long or to its end.',
    nulls: strictNulls,
    bounds: 'The first code point is at 0. What lies outside the text is left out; a negative start or count is NULL.',
    gives: 'string',
    examples: [
      [[text('ATL-1234'), int64(4)], '1234'],
      [[text('a💡b'), int64(1), int64(1)], '💡'],
      [[text('abc'), int64(2), int64(9)], 'c'],
      [[text('abc'), int64(5)], ''],
      [[text('abc'), int64(-1)], null],
    ],
  },
  parameters: { x: { takes: strings }, start: { takes: integer }, count: { takes: integer } },
  optional: 1,
  literals: 'asWritten',
  resultType: () => string,
  compile:
    ([x, start, count]) =>
    (row) => {
      const whole = x!(row) as string | null;
      const from = start!(row) as Integer | null;
      const length = count === undefined ? Number.MAX_SAFE_INTEGER : (count(row) as Integer | null);
      if (whole === null || from === null || length === null || from < 0 || length < 0) return null;
      return codePoints(whole, Number(from), Number(from) + Number(length));
    },
};

/** From one code point up to another. */
function codePoints(whole: string, from: number, to: number): string {
  if (from >= whole.length) return '';
  const start = unitAt(whole, 0, from);
  return whole.slice(start, unitAt(whole, start, to - from));
}

/** The code unit that lies so many code points behind the one at `unit`. */
function unitAt(whole: string, unit: number, points: number): number {
  let at = unit;
  for (let left = points; left > 0 && at < whole.length; left--) {
    at += (whole.charCodeAt(at) & 0xfc00) === 0xd800 ? 2 : 1;
  }
  return at;
}

/** How many code points a text has. */
export function codePointCount(whole: string): number {
  let count = whole.length;
  for (let at = 0; at < whole.length; at++) if ((whole.charCodeAt(at) & 0xfc00) === 0xd800) count--;
  return count;
}

export const splitPart: ExpressionFunction = {
  group: 'text',
  documentation: {
    summary: 'One of the parts between separators.',
    nulls: `${strictNulls} NULL where there is no such part.`,
    bounds: 'The first part is at 0. An empty separator is in no text: the whole is its only part.',
    gives: 'string',
    examples: [
      [[text('eu-west-1'), text('-'), int64(1)], 'west'],
      [[text('a@b.example'), text('@'), int64(1)], 'b.example'],
      [[text('a,,b'), text(','), int64(1)], ''],
      [[text('a,b'), text(','), int64(2)], null],
      [[text('a,b'), text(','), int64(-1)], null],
    ],
  },
  parameters: { x: { takes: strings }, separator: { takes: strings }, index: { takes: integer } },
  literals: 'asWritten',
  resultType: () => string,
  compile:
    ([x, separator, index]) =>
    (row) => {
      const whole = x!(row) as string | null;
      const between = separator!(row) as string | null;
      const at = index!(row) as Integer | null;
      if (whole === null || between === null || at === null || at < 0) return null;
      return partAt(whole, between, Number(at));
    },
};

/** Without cutting the parts that nobody asked for. */
function partAt(whole: string, separator: string, index: number): string | null {
  if (separator === '') return index === 0 ? whole : null;
  let start = 0;
  for (let left = index; left > 0; left--) {
    const found = whole.indexOf(separator, start);
    if (found < 0) return null;
    start = found + separator.length;
  }
  const end = whole.indexOf(separator, start);
  return whole.slice(start, end < 0 ? undefined : end);
}
