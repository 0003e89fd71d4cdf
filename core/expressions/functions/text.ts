import type { ValueType } from '../../values/types.ts';
import { type Example, type ExpressionFunction, strictNulls } from '../function.ts';
import { text as strings } from '../type-sets.ts';
import { text } from './literal-nodes.ts';
import { strictBinary, strictUnary } from './strict.ts';

const string: ValueType = { kind: 'string' };
const bool: ValueType = { kind: 'bool' };

interface Documented {
  readonly summary: string;
  readonly bounds: string;
  readonly examples: readonly Example[];
}

function ofText(operation: (x: string) => string, { summary, bounds, examples }: Documented): ExpressionFunction {
  return {
    group: 'text',
    documentation: { summary, nulls: strictNulls, bounds, gives: 'string', examples },
    parameters: { x: { takes: strings } },
    literals: 'asWritten',
    resultType: () => string,
    compile: ([argument]) => strictUnary(argument!, (x) => operation(x as string)),
  };
}

/** The engine's own conversion is many times faster, and the same on ASCII. */
function isAscii(x: string): boolean {
  for (let at = 0; at < x.length; at++) if (x.charCodeAt(at) > 0x7f) return false;
  return true;
}

const lowerCase = (x: string) => x.toLowerCase();
const upperCase = (x: string) => x.toUpperCase();

export const lower = ofText((x) => (isAscii(x) ? lowerCase(x) : x.replace(/[A-Z]+/g, lowerCase)), {
  summary: 'With the letters A to Z made small.',
  bounds: 'ASCII letters only, so that it is the same in every engine and locale.',
  examples: [
    [[text('ATL')], 'atl'],
    [[text('STRAßE Ä')], 'straße Ä'],
  ],
});

export const upper = ofText((x) => (isAscii(x) ? upperCase(x) : x.replace(/[a-z]+/g, upperCase)), {
  summary: 'With the letters a to z made capital.',
  bounds: 'ASCII letters only, so that it is the same in every engine and locale.',
  examples: [
    [[text('atl')], 'ATL'],
    [[text('straße ä')], 'STRAßE ä'],
  ],
});

const asciiSpace = ' \t\n\v\f\r';

export const trim = ofText(trimmed, {
  summary: 'Without the white space at both ends.',
  bounds: 'ASCII white space: space, tab, line feed, vertical tab, form feed, carriage return.',
  examples: [
    [[text(' a b\n')], 'a b'],
    [[text('\u00A0a')], '\u00A0a'],
    [[text('  ')], ''],
  ],
});

function trimmed(x: string): string {
  let start = 0;
  let end = x.length;
  while (start < end && asciiSpace.includes(x[start]!)) start++;
  while (end > start && asciiSpace.includes(x[end - 1]!)) end--;
  return x.slice(start, end);
}

function textTest(
  operation: (x: string, part: string) => boolean,
  documented: Omit<Documented, 'bounds'>,
): ExpressionFunction {
  return {
    group: 'text',
    documentation: {
      ...documented,
      nulls: strictNulls,
      bounds: 'Code point by code point, capitals differ; the empty text is a part of every text.',
      gives: 'bool',
    },
    parameters: { x: { takes: strings }, part: { takes: strings } },
    literals: 'asWritten',
    resultType: () => bool,
    compile: ([left, right]) => strictBinary(left!, right!, (x, part) => operation(x as string, part as string)),
  };
}

export const startsWith = textTest((x, part) => x.startsWith(part), {
  summary: 'Does the text begin with this part?',
  examples: [
    [[text('ATL-1'), text('ATL')], true],
    [[text('ATL-1'), text('atl')], false],
    [[text('a'), text('')], true],
    [[text(null), text('')], null],
  ],
});

export const endsWith = textTest((x, part) => x.endsWith(part), {
  summary: 'Does the text end with this part?',
  examples: [
    [[text('a.parquet'), text('.parquet')], true],
    [[text('a'), text('aa')], false],
  ],
});

/** Longer results would fill memory before anybody reads them. */
export const maxTextUnits = 1_048_576;
const lengthBounds = 'NULL, counted, beyond 1,048,576 UTF-16 code units.';

export const replace: ExpressionFunction = {
  group: 'text',
  documentation: {
    summary: 'With every occurrence of `part` replaced, from left to right.',
    nulls: strictNulls,
    bounds: `An empty part changes nothing; no patterns. ${lengthBounds}`,
    gives: 'string',
    examples: [
      [[text('1 234 567'), text(' '), text('')], '1234567'],
      [[text('aaa'), text('aa'), text('b')], 'ba'],
      [[text('a.c'), text('.'), text('$&')], 'a$&c'],
      [[text('a'), text(''), text('x')], 'a'],
    ],
  },
  parameters: { x: { takes: strings }, part: { takes: strings }, by: { takes: strings } },
  literals: 'asWritten',
  resultType: () => string,
  compile:
    ([x, part, by], { anomalies }) =>
    (row) => {
      const whole = x!(row) as string | null;
      const from = part!(row) as string | null;
      const to = by!(row) as string | null;
      if (whole === null || from === null || to === null) return null;
      if (from === '' || !whole.includes(from)) return whole;
      const pieces = whole.split(from);
      const units = whole.length + (pieces.length - 1) * (to.length - from.length);
      if (units <= maxTextUnits) return pieces.join(to);
      anomalies.overflow++;
      return null;
    },
};

export const concat: ExpressionFunction = {
  group: 'text',
  documentation: {
    summary: 'The texts one after the other.',
    nulls: strictNulls,
    bounds: lengthBounds,
    gives: 'string',
    examples: [
      [[text('ATL'), text('-'), text('ORD')], 'ATL-ORD'],
      [[text('a'), text('')], 'a'],
      [[text('a'), text(null)], null],
    ],
  },
  parameters: { a: { takes: strings }, b: { takes: strings } },
  repeated: ['b'],
  literals: 'asWritten',
  resultType: () => string,
  compile:
    (args, { anomalies }) =>
    (row) => {
      let whole = '';
      for (const argument of args) {
        const part = argument(row);
        if (part === null) return null;
        whole += part as string;
      }
      if (whole.length <= maxTextUnits) return whole;
      anomalies.overflow++;
      return null;
    },
};
