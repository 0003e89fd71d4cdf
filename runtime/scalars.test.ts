import fc from 'fast-check';
import { parseValue as parseLiteralText } from 'graphql';
import { describe, expect, it } from 'vitest';
import { DateTime, Decimal, Duration, Int64, Json } from './scalars.ts';

describe('Int64', () => {
  it('keeps every integer of 64 bits, both ways and as a literal', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (integer) => {
        const wire = Int64.serialize(integer);
        expect(typeof wire).toBe(Number.isSafeInteger(Number(integer)) ? 'number' : 'string');
        expect(BigInt(Int64.parseValue(wire))).toBe(integer);
        expect(BigInt(Int64.parseLiteral(parseLiteralText(String(integer)), {}))).toBe(integer);
      }),
    );
  });

  it.each([1.5, 2 ** 53, Number.NaN, '1e3', '', ' 1', '9223372036854775808', true, null, {}, []])(
    'refuses %s',
    (input) => {
      expect(() => Int64.parseValue(input)).toThrow(/expected an integer of 64 bits/);
    },
  );

  it('has no -0', () => {
    expect(Object.is(Int64.parseValue(-0), 0)).toBe(true);
  });
});

describe('Decimal', () => {
  it('keeps the digits of text and of literals', () => {
    expect(Decimal.parseValue('123456789012345678901234567890.10')).toBe('123456789012345678901234567890.10');
    expect(Decimal.parseLiteral(parseLiteralText('0.1000000000000000055'), {})).toBe('0.1000000000000000055');
    expect(Decimal.parseValue(0.1)).toBe('0.1');
  });

  it.each(['', '1.', '.5', '1e5', 'NaN', 1e300, null, []])('refuses %s', (input) => {
    expect(() => Decimal.parseValue(input)).toThrow(/expected a decimal/);
  });
});

describe('DateTime', () => {
  it('is UTC outside and milliseconds inside', () => {
    expect(DateTime.serialize(0)).toBe('1970-01-01T00:00:00.000Z');
    expect(DateTime.parseValue('2001-06-01T02:00:00.5+02:00')).toBe(Date.parse('2001-06-01T00:00:00.500Z'));
    expect(DateTime.parseValue('2001-06-01T00:00:00')).toBe(Date.parse('2001-06-01T00:00:00Z'));
  });

  it.each(['yesterday', '2001-13-01T00:00:00Z', '1969-12-31T23:59:59Z', '2100-01-01T00:00:00Z', true, null])(
    'refuses %s',
    (input) => expect(() => DateTime.parseValue(input)).toThrow(/DateTime: expected/),
  );
});

describe('Duration', () => {
  it('is text outside and milliseconds inside', () => {
    expect([Duration.parseValue('5m'), Duration.parseValue('PT5M')]).toEqual([300_000, 300_000]);
    expect(Duration.serialize(300_000)).toBe('5m');
  });

  it.each(['5', 'five', '', 5, null])('refuses %s', (input) => {
    expect(() => Duration.parseValue(input)).toThrow(/Duration: expected/);
  });
});

describe('JSON', () => {
  it('takes literals with variables in them', () => {
    const literal = parseLiteralText('{a: [1, "x", null, true, $v]}');
    expect(Json.parseLiteral(literal, { v: 2 })).toEqual({ a: [1, 'x', null, true, 2] });
  });
});
