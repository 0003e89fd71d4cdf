import { sameType, t, typeText } from '../../definitions/value-types.ts';
import { compareValues } from '../../values/compare.ts';
import type { Value, ValueType } from '../../values/types.ts';
import { type ExpressionFunction, type Refusal, strictNulls } from '../function.ts';
import { anything, collection, container, integerOrText, measured } from '../type-sets.ts';
import type { TypedExpression } from '../typed.ts';
import { int64, int64s, mapOf, text, texts, vector } from './literal-nodes.ts';
import { strictBinary, strictUnary } from './strict.ts';
import { codePointCount } from './text-parts.ts';

const scores = { ATL: 0.5, ORD: null };

export const length: ExpressionFunction = {
  group: 'collections',
  documentation: {
    summary: 'How many code points a text has, elements a list or a vector, entries a map.',
    nulls: strictNulls,
    bounds: 'Elements and entries that are NULL count. An accent written apart counts by itself.',
    gives: 'int64',
    examples: [
      [[text('a💡')], 2],
      [[text('e\u0301')], 2],
      [[int64s([1, null, 3])], 3],
      [[mapOf(t.float64, scores)], 2],
      [[texts(null)], null],
    ],
  },
  parameters: { x: { takes: measured } },
  literals: 'asWritten',
  resultType: () => t.int64,
  compile([argument], { args: [x] }) {
    switch (x!.type.kind) {
      case 'string':
        return strictUnary(argument!, (value) => codePointCount(value as string));
      case 'map':
        return strictUnary(argument!, (value) => (value as ReadonlyMap<string, Value>).size);
      default:
        return strictUnary(argument!, (value) => (value as readonly Value[]).length);
    }
  },
};

export const get: ExpressionFunction = {
  group: 'collections',
  documentation: {
    summary: 'The element of a list or vector at a place, from 0, or the value of a map at a key.',
    nulls: `${strictNulls} NULL where there is none.`,
    bounds: 'A negative place has no element.',
    gives: "the elements' type; float64 of a vector",
    examples: [
      [[int64s([7, 8, 9]), int64(0)], 7],
      [[int64s([7, 8, 9]), int64(3)], null],
      [[int64s([7, 8, 9]), int64(-1)], null],
      [[mapOf(t.float64, scores), text('ATL')], 0.5],
      [[mapOf(t.float64, scores), text('LAX')], null],
      [[vector(0.5, 1.5), int64(1)], 1.5],
    ],
  },
  parameters: { x: { takes: collection }, at: { takes: integerOrText } },
  literals: 'asWritten',
  resultType([x, at]) {
    const isMap = x!.type.kind === 'map';
    if (isMap === (at!.type.kind === 'string')) return memberType(x!.type);
    return { expected: 'a list or vector and an integer, or a map and a string' };
  },
  compile([argument, at], { args: [x] }) {
    if (x!.type.kind === 'map') {
      return strictBinary(argument!, at!, (map, key) => (map as ReadonlyMap<string, Value>).get(key as string) ?? null);
    }
    return strictBinary(argument!, at!, (elements, place) => (elements as readonly Value[])[Number(place)] ?? null);
  },
};

function memberType(type: ValueType): ValueType {
  if (type.kind === 'map') return type.value;
  return type.kind === 'list' ? type.element : t.float64;
}

export const contains: ExpressionFunction = {
  group: 'collections',
  documentation: {
    summary: 'Is it a part of the text, an element of the list, a key of the map?',
    nulls: `${strictNulls} An element that is NULL equals nothing.`,
    bounds: 'Elements have the type of `part`. The empty text is a part of every text; capitals differ.',
    gives: 'bool',
    examples: [
      [[text('ATL-ORD'), text('ORD')], true],
      [[texts(['ATL', 'ORD']), text('LAX')], false],
      [[int64s([1, null]), int64(2)], false],
      [[mapOf(t.float64, scores), text('ORD')], true],
      [[texts(null), text('ATL')], null],
    ],
  },
  parameters: { x: { takes: container }, part: { takes: anything } },
  literals: 'asWritten',
  resultType: containsType,
  compile([argument, part], { args: [x] }) {
    const { type } = x!;
    switch (type.kind) {
      case 'string':
        return strictBinary(argument!, part!, (whole, one) => (whole as string).includes(one as string));
      case 'map':
        return strictBinary(argument!, part!, (map, key) => (map as ReadonlyMap<string, Value>).has(key as string));
      default: {
        const { element } = type as Extract<ValueType, { kind: 'list' }>;
        const isScalar = !['list', 'map', 'vector'].includes(element.kind);
        return strictBinary(argument!, part!, (elements, one) =>
          isScalar
            ? (elements as readonly Value[]).includes(one)
            : (elements as readonly Value[]).some((other) => compareValues(element, other, one) === 0),
        );
      }
    }
  },
};

function containsType([x, part]: readonly TypedExpression[]): ValueType | Refusal {
  const wanted = x!.type.kind === 'list' ? x!.type.element : t.string;
  return sameType(part!.type, wanted) ? t.bool : { expected: `a ${typeText(wanted)} as part` };
}
