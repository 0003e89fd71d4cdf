import { canonicalText } from '../../values/canonical-text.ts';
import { bucketOf, stableHash } from '../../values/stable-hash.ts';
import { type ExpressionFunction, strictNulls } from '../function.ts';
import { identity, integer } from '../type-sets.ts';
import { constantNumber, wholeNumber } from './constants.ts';
import { unitVector } from './encodings.ts';
import { decimal, int64, text } from './literal-nodes.ts';
import { strictUnary } from './strict.ts';

const stable =
  'The first 8 bytes of the MD5 of the canonical text (digits, milliseconds, text as it is), big-endian and unsigned, modulo `buckets`: the same in every release.';

export const hashBucket: ExpressionFunction = {
  group: 'encodings',
  documentation: {
    summary: 'One of `buckets` places, from 0, chosen by a stable hash of the value.',
    nulls: strictNulls,
    bounds: stable,
    gives: 'int64',
    examples: [
      [[text('ATL'), int64(1000)], 56],
      [[int64(42), int64(1000)], 623],
      [[text('42'), int64(1000)], 623],
      [[text(null), int64(1000)], null],
    ],
  },
  parameters: {
    x: { takes: identity },
    buckets: { takes: integer, constant: wholeNumber(1, 2 ** 31 - 1, [int64(1), int64(10), int64(2 ** 31 - 1)]) },
  },
  literals: 'asWritten',
  resultType: () => ({ kind: 'int64' }),
  compile([argument], { args: [x, buckets] }) {
    const count = constantNumber(buckets);
    return strictUnary(argument!, (value) => bucketOf(stableHash(x!.type, value), count));
  },
};

export const hashOneHot: ExpressionFunction = {
  group: 'encodings',
  documentation: {
    summary: 'A vector of `buckets` elements: 1 at the `hashBucket` of the value, 0 elsewhere.',
    nulls: strictNulls,
    bounds: stable,
    gives: 'vector(buckets)',
    examples: [
      [
        [text('ATL'), int64(4)],
        [1, 0, 0, 0],
      ],
      [[text(null), int64(4)], null],
    ],
  },
  parameters: {
    x: { takes: identity },
    buckets: { takes: integer, constant: wholeNumber(1, 10_000, [int64(1), int64(4)]) },
  },
  literals: 'asWritten',
  resultType: ([, buckets]) => ({ kind: 'vector', length: constantNumber(buckets) }),
  compile([argument], { args: [x, buckets] }) {
    const count = constantNumber(buckets);
    return strictUnary(argument!, (value) => unitVector(count, bucketOf(stableHash(x!.type, value), count)));
  },
};

export const cross: ExpressionFunction = {
  group: 'encodings',
  documentation: {
    summary: 'Several values as one text, different for different values: a category of their combination.',
    nulls: strictNulls,
    bounds:
      'The canonical texts joined by "|"; a "|" or "\\" inside one stands behind a "\\". `hashBucket` of it is a crossed hash.',
    gives: 'string',
    examples: [
      [[text('ATL'), text('ORD')], 'ATL|ORD'],
      [[text('a|b'), text('c')], 'a\\|b|c'],
      [[int64(7), decimal('1.50')], '7|1.50'],
      [[text('ATL'), text(null)], null],
    ],
  },
  parameters: { a: { takes: identity }, b: { takes: identity } },
  repeated: ['b'],
  literals: 'asWritten',
  resultType: () => ({ kind: 'string' }),
  compile(args, { args: typed }) {
    const types = typed.map(({ type }) => type);
    return (row) => {
      let whole = '';
      for (let index = 0; index < args.length; index++) {
        const value = args[index]!(row);
        if (value === null) return null;
        const part = escaped(canonicalText(types[index]!, value));
        whole = index === 0 ? part : `${whole}|${part}`;
      }
      return whole;
    };
  },
};

function escaped(part: string): string {
  return part.includes('|') || part.includes('\\') ? part.replaceAll(/[|\\]/g, '\\$&') : part;
}
