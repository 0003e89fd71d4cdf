import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readNullable, skipNullable, writeNullable } from './binary.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { canonicalText } from './canonical-text.ts';
import { compareUtf8, compareValues } from './compare.ts';
import { formatDecimal, unitsOf } from './decimal.ts';
import { addIntegers, double, multiplyIntegers, toInteger } from './integers.ts';
import { formatInstant, toJson } from './json.ts';
import type { Value, ValueType } from './types.ts';

const anyInteger = fc
  .oneof(
    fc.bigInt({ min: -(2n ** 130n), max: 2n ** 130n }),
    fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }),
    fc.bigInt({ min: 2n ** 53n - 3n, max: 2n ** 53n + 3n }),
    fc.bigInt({ min: -300n, max: 300n }),
    // Halfway between two doubles, and a bit to each side.
    fc
      .tuple(fc.bigInt({ min: 2n ** 52n, max: 2n ** 53n - 1n }), fc.nat(70), fc.integer({ min: -1, max: 1 }))
      .map(([mantissa, shift, nudge]) => ((mantissa * 2n + 1n) << BigInt(shift)) + BigInt(nudge)),
  )
  .map((x) => toInteger(x));

describe('exact integers', () => {
  it('round to doubles as IEEE 754 says', () => {
    fc.assert(
      fc.property(anyInteger, (x) => {
        expect(double(x)).toBe(Number(x));
      }),
      { numRuns: 2_000 },
    );
  });

  it('add and multiply without losing a digit, and have one representation', () => {
    fc.assert(
      fc.property(anyInteger, anyInteger, (a, b) => {
        expect(addIntegers(a, b)).toBe(toInteger(BigInt(a) + BigInt(b)));
        expect(multiplyIntegers(a, b)).toBe(toInteger(BigInt(a) * BigInt(b)));
      }),
      { numRuns: 1_000 },
    );
  });

  it('go through bytes and decimals', () => {
    fc.assert(
      fc.property(anyInteger, fc.nat(38), (x, scale) => {
        const out = new ByteWriter(1);
        out.integer(x);
        const bytes = out.toBytes();
        const input = new ByteReader(bytes);
        expect(input.integer()).toBe(x);
        expect(input.isAtEnd).toBe(true);
        const skipped = new ByteReader(bytes);
        skipped.skipInteger();
        expect(skipped.isAtEnd).toBe(true);
        expect(unitsOf(formatDecimal(x, scale))).toBe(x);
      }),
      { numRuns: 1_000 },
    );
  });

  it('are read in one step where they may be NULL, as in two, and never beyond the end', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(anyInteger, fc.constant(null), fc.integer({ min: -5_000, max: 5_000 }))),
        fc.nat(40),
        (all, cut) => {
          const out = new ByteWriter(1);
          for (const x of all) writeNullable(out, { kind: 'int64' }, x);
          const bytes = out.toBytes();
          const input = new ByteReader(bytes);
          expect(all.map(() => input.nullableInteger())).toEqual(all);
          expect(input.isAtEnd).toBe(true);
          const end = Math.max(0, bytes.length - cut);
          const inTwo = new ByteReader(bytes, 0, end);
          const inOne = new ByteReader(bytes, 0, end);
          const read = (next: () => unknown) => {
            try {
              return next();
            } catch (error) {
              return (error as { code: string }).code;
            }
          };
          for (const _ of all) {
            const expected = read(() => (inTwo.byte() === 0 ? null : inTwo.integer()));
            expect(read(() => inOne.nullableInteger())).toEqual(expected);
            if (expected === 'CORRUPT') break;
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('go through bytes unsigned, to 2^53−1', () => {
    fc.assert(
      fc.property(fc.oneof(fc.maxSafeNat(), fc.nat(300), fc.constant(2 ** 31), fc.constant(2 ** 32)), (x) => {
        const out = new ByteWriter(1);
        out.unsigned(x);
        expect(new ByteReader(out.toBytes()).unsigned()).toBe(x);
      }),
    );
  });
});

const typed: fc.Arbitrary<readonly [ValueType, Value]> = fc.oneof(
  fc.tuple(
    fc.constant<ValueType>({ kind: 'int64' }),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(toInteger),
  ),
  fc.tuple(fc.constant<ValueType>({ kind: 'float64' }), fc.double({ noNaN: true, noDefaultInfinity: true })),
  fc.tuple(fc.constant<ValueType>({ kind: 'string' }), fc.string({ unit: 'binary' })),
  fc.tuple(fc.constant<ValueType>({ kind: 'bool' }), fc.boolean()),
  fc.tuple(fc.constant<ValueType>({ kind: 'timestamp' }), fc.maxSafeNat()),
  fc.tuple(
    fc.constant<ValueType>({ kind: 'decimal', precision: 38, scale: 3 }),
    fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n }).map((units) => formatDecimal(toInteger(units), 3)),
  ),
  fc.tuple(fc.constant<ValueType>({ kind: 'vector', length: 2 }), fc.tuple(fc.integer(), fc.integer())),
  fc.tuple(
    fc.constant<ValueType>({ kind: 'list', element: { kind: 'string' } }),
    fc.array(fc.option(fc.string(), { nil: null })),
  ),
  fc.tuple(
    fc.constant<ValueType>({ kind: 'map', value: { kind: 'bool' } }),
    fc
      .dictionary(fc.string(), fc.option(fc.boolean(), { nil: null }))
      .map((record) => new Map(Object.entries(record).sort(([a], [b]) => compareUtf8(a, b)))),
  ),
  fc.constant<readonly [ValueType, Value]>([{ kind: 'int32' }, null]),
);

describe('values', () => {
  it('go through bytes', () => {
    fc.assert(
      fc.property(typed, ([type, value]) => {
        const out = new ByteWriter(1);
        writeNullable(out, type, value);
        const bytes = out.toBytes();
        const input = new ByteReader(bytes);
        const back = readNullable(input, type);
        expect(compareValues(type, back, value)).toBe(0);
        expect(back).toEqual(value);
        const skipped = new ByteReader(bytes);
        skipNullable(skipped, type);
        expect(skipped.isAtEnd).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it('cut off are CORRUPT, never wrong', () => {
    fc.assert(
      fc.property(typed, fc.nat(), ([type, value], cut) => {
        const out = new ByteWriter();
        writeNullable(out, type, value);
        const bytes = out.toBytes();
        const input = new ByteReader(bytes.subarray(0, cut % bytes.length));
        expect(() => readNullable(input, type)).toThrow(/ends too early/);
      }),
    );
  });

  it('order texts by their UTF-8 bytes', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'é', '\uffff', '\ue000', '😀', '𐀀', '') });
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareUtf8(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
      { numRuns: 500 },
    );
  });

  it('compare by type: decimals by number, NULL least', () => {
    const decimal: ValueType = { kind: 'decimal', precision: 5, scale: 1 };
    expect(compareValues(decimal, '9.5', '10.0')).toBeLessThan(0);
    expect(compareValues(decimal, '-9.5', '-10.0')).toBeGreaterThan(0);
    expect(compareValues({ kind: 'int64' }, 2n ** 60n, 5)).toBeGreaterThan(0);
    expect(compareValues({ kind: 'bool' }, true, false)).toBeGreaterThan(0);
    expect(compareValues({ kind: 'string' }, null, '')).toBeLessThan(0);
  });

  it('have one canonical text', () => {
    expect(canonicalText({ kind: 'decimal', precision: 5, scale: 2 }, '3.30')).toBe('3.30');
    expect(canonicalText({ kind: 'int64' }, 2n ** 60n)).toBe('1152921504606846976');
    expect(canonicalText({ kind: 'list', element: { kind: 'string' } }, ['a,b', null])).toBe('["a,b",null]');
  });

  it('reach JSON clients without losing a digit', () => {
    expect(toJson({ kind: 'int64' }, 2n ** 53n)).toBe('9007199254740992');
    expect(toJson({ kind: 'int64' }, 2 ** 53 - 1)).toBe(2 ** 53 - 1);
    expect(toJson({ kind: 'decimal', precision: 5, scale: 2 }, '3.30')).toBe('3.30');
    expect(toJson({ kind: 'timestamp' }, 0)).toBe('1970-01-01T00:00:00.000Z');
    expect(formatInstant(1_500)).toBe('1970-01-01T00:00:01.500Z');
    const map: ValueType = { kind: 'map', value: { kind: 'list', element: { kind: 'int64' } } };
    expect(JSON.stringify(toJson(map, new Map([['__proto__', [2n ** 53n]]])))).toBe(
      '{"__proto__":["9007199254740992"]}',
    );
  });
});
