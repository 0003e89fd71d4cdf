import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseInstant, parseValue, type ValueAnomaly } from './parse.ts';
import { NumberText, parseJson } from './parse-json.ts';
import type { ValueType } from './types.ts';

const int32: ValueType = { kind: 'int32' };
const int64: ValueType = { kind: 'int64' };
const float64: ValueType = { kind: 'float64' };
const decimal: ValueType = { kind: 'decimal', precision: 5, scale: 2 };

function anomaliesOf(type: ValueType, input: unknown): readonly [unknown, ValueAnomaly[]] {
  const anomalies: ValueAnomaly[] = [];
  return [parseValue(type, input, 'f', (anomaly) => anomalies.push(anomaly)), anomalies];
}

describe('parseValue', () => {
  it.each([
    [int64, 12, 12],
    [int64, '12', 12],
    [int64, ' -7 ', -7],
    [int64, 12.0, 12],
    [int64, '1e3', 1_000],
    [int64, '1.50e1', 15],
    [int64, -0, 0],
    [int64, 5n, 5],
    [int64, '9007199254740993', 9007199254740993n],
    [int64, '-9223372036854775808', -(2n ** 63n)],
    [float64, 12, 12],
    [float64, '1e-3', 0.001],
    [float64, -0, 0],
    [float64, 2n ** 60n, 2 ** 60],
    [decimal, 1.005, '1.01'],
    [decimal, '1.004999', '1.00'],
    [decimal, -1.005, '-1.01'],
    [decimal, '-0.001', '0.00'],
    [decimal, 7, '7.00'],
    [decimal, '999.994', '999.99'],
    [decimal, '12e-3', '0.01'],
    [{ kind: 'string' }, '', ''],
    [{ kind: 'bool' }, 'TRUE', true],
    [{ kind: 'bool' }, false, false],
    [{ kind: 'vector', length: 2 }, new Float32Array([1, 0.5]), [1, 0.5]],
    [{ kind: 'vector', length: 2 }, '[1, -0]', [1, 0]],
    [{ kind: 'list', element: int64 }, [], []],
    [{ kind: 'list', element: int64 }, [1, null, '2'], [1, null, 2]],
    [
      { kind: 'map', value: int64 },
      { b: 1, a: '2' },
      new Map([
        ['a', 2],
        ['b', 1],
      ]),
    ],
    [int64, null, null],
    [int64, undefined, null],
  ] as const)('%j reads %s as %s', (type, input, expected) => {
    expect(parseValue(type, input, 'f')).toStrictEqual(expected);
  });

  it.each([
    [int64, 1.5, 'int64'],
    [int64, 'x', 'int64'],
    [int64, '', 'int64'],
    [int64, true, 'int64'],
    [int64, '9223372036854775808', 'between'],
    [int32, 2 ** 31, 'between'],
    [float64, '1,5', 'float64'],
    [decimal, 'abc', 'decimal\\(5,2\\)'],
    [{ kind: 'string' }, 5, 'string'],
    [{ kind: 'string' }, 'a\ud800b', 'valid Unicode'],
    [{ kind: 'bool' }, 1, 'bool'],
    [{ kind: 'vector', length: 2 }, 'no', 'vector\\(2\\)'],
    [{ kind: 'vector', length: 1 }, ['x'], 'float64'],
    [{ kind: 'map', value: int64 }, [1], 'map'],
    [{ kind: 'timestamp' }, 'yesterday', 'instant'],
  ] as const)('%j refuses %s, naming field, expected and got', (type, input, expected) => {
    expect(() => parseValue(type, input, 'trips.fare')).toThrow(
      new RegExp(`^trips\\.fare.*expected .*${expected}.*got`),
    );
  });

  it.each([
    [float64, Number.NaN, 'notFinite'],
    [float64, 'Infinity', 'notFinite'],
    [float64, '1e999', 'notFinite'],
    [int64, Number.NaN, 'notFinite'],
    [decimal, Number.NEGATIVE_INFINITY, 'notFinite'],
    [decimal, '999.995', 'decimalOverflow'],
    [decimal, '1e99999', 'decimalOverflow'],
    [{ kind: 'vector', length: 2 }, [1], 'vectorLength'],
    [{ kind: 'vector', length: 2 }, [1, null], 'vectorNull'],
    [{ kind: 'vector', length: 2 }, [1, Number.NaN], 'vectorNull'],
  ] as const)('%j makes %s NULL and counts it', (type, input, anomaly) => {
    expect(anomaliesOf(type, input)).toEqual([null, [anomaly]]);
  });

  it('rounds decimals half away from zero, exactly', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), (thousandths) => {
        const digits = (thousandths < 0n ? -thousandths : thousandths).toString().padStart(4, '0');
        const text = `${thousandths < 0n ? '-' : ''}${digits.slice(0, -3)}.${digits.slice(-3)}`;
        const magnitude = ((thousandths < 0n ? -thousandths : thousandths) + 5n) / 10n;
        const value = parseValue({ kind: 'decimal', precision: 38, scale: 2 }, text, 'f');
        const expected = thousandths < 0n ? -magnitude : magnitude;
        expect(BigInt(String(value).replace('.', ''))).toBe(expected);
      }),
    );
  });
});

describe('parseInstant', () => {
  const noon = Date.UTC(2024, 1, 29, 12);

  it.each([
    ['2024-02-29T12:00:00Z', noon],
    ['2024-02-29t12:00:00z', noon],
    ['2024-02-29 12:00', noon],
    ['2024-02-29T14:30:00+02:30', noon],
    ['2024-02-29 07:00:00-05', noon],
    ['2024-02-29 12:00:00+00', noon],
    ['2024-02-29T12:00:00.123999999', noon + 123],
    ['2024-02-29T12:00:00.9', noon + 900],
    ['2024-02-29', noon - 43_200_000],
    [noon + 0.7, noon],
    [`${noon}`, noon],
    [BigInt(noon), noon],
    [new Date(noon), noon],
    [0, 0],
    ['2099-12-31T23:59:59.999Z', Date.UTC(2100, 0, 1) - 1],
  ])('reads %s', (input, expected) => {
    expect(parseInstant(input, 't')).toBe(expected);
  });

  it.each([
    '2023-02-29',
    '2024-13-01',
    '2024-02-29T24:00:00Z',
    '2024-02-29T12:60Z',
    '2024-02-29T12:00:00+25:00',
    '2024-02-29T12',
    '20240229',
    '2100-01-01T00:00:00Z',
    '2100-01-01T00:30:00+00:30',
    '1969-12-31T23:59:59.999Z',
    -1,
    Number.NaN,
    true,
    {},
    '',
  ])('refuses %s', (input) => {
    expect(() => parseInstant(input, 'spine.__time')).toThrow(/^spine\.__time.*expected an instant/);
  });
});

describe('a whole number that came as a double', () => {
  it.each([2 ** 53, -(2 ** 53), 9007199254740994, 2 ** 62, 1e18])(
    'is refused where digits may be lost: %s',
    (input) => {
      expect(() => parseValue(int64, input, 'f')).toThrow(/all its digits.*as text/);
      expect(parseValue({ kind: 'float64' }, input, 'f')).toBe(input);
    },
  );

  it('is read from long texts, and refused in texts that are nested beyond measure', () => {
    const long = `{"text":${JSON.stringify('x[{"\\'.repeat(1_000_000))},"id":12345678901234567890}`;
    expect(parseJson(long)).toMatchObject({ id: 12345678901234567890n });
    const nested = (levels: number) => `{"a":${'['.repeat(levels)}1234567890.1234567890${']'.repeat(levels)}}`;
    expect(parseJson(nested(900))).toMatchObject({ a: expect.any(Array) });
    expect(() => parseJson(nested(1_000))).toThrow(/nested too deeply; expected at most 1000 levels/);
    expect(() => parseJson(nested(200_000))).toThrow(/nested too deeply/);
  });

  it('keeps its digits when it is read as text or by parseJson', () => {
    for (const text of ['9007199254740992', '9007199254740993', '-9007199254740992', '4611686018427387904']) {
      expect(parseValue(int64, text, 'f')).toBe(BigInt(text));
      expect(parseValue(int64, parseJson(text), 'f')).toBe(BigInt(text));
    }
    expect(() => parseValue(int64, 2 ** 63, 'f')).toThrow(/between/);
  });
});

describe('parseJson', () => {
  it('keeps the digits of numbers beside long strings, whatever they escape', () => {
    const long = `{"a":"${'x'.repeat(10_000_000)}\\\\","b":9007199254740993,"c":"\\"1234567890123456789\\\\","d":-12345678901234567890}`;
    expect(parseJson(long)).toMatchObject({
      b: 9007199254740993n,
      c: '"1234567890123456789\\',
      d: -12345678901234567890n,
    });
  });

  it('keeps integers that an exponent takes beyond 2^53', () => {
    for (const [text, integer] of [
      ['1e16', 10n ** 16n],
      ['-1.5E+18', -15n * 10n ** 17n],
      ['9007199254740993e0', 9007199254740993n],
    ] as const) {
      expect(parseValue(int64, parseJson(text), 'f')).toBe(integer);
      expect(parseValue(int64, (parseJson(`{"x":[ ${text}]}`) as { x: [unknown] }).x[0], 'f')).toBe(integer);
    }
    expect(parseJson('{"a":"1e16","b":1e2,"c":-1e-7}')).toEqual({ a: '1e16', b: 100, c: -1e-7 });
    expect(parseValue({ kind: 'float64' }, parseJson('1e300'), 'f')).toBe(1e300);
  });

  it('names the value whose text is not JSON', () => {
    expect(() => parseValue({ kind: 'list', element: int64 }, '[1,', 'clicks.tags')).toThrow(/^clicks\.tags: not JSON/);
  });

  it('keeps every digit', () => {
    const parsed = parseJson(
      '{"a": 9007199254740993, "b": [0.10000000000000000001, 1.5], "c": "12345678901234567890"}',
    );
    expect(parsed).toEqual({
      a: 9007199254740993n,
      b: [new NumberText('0.10000000000000000001'), 1.5],
      c: '12345678901234567890',
    });
    const b = (parsed as { b: unknown[] }).b;
    expect(parseValue({ kind: 'decimal', precision: 38, scale: 20 }, b[0], 'f')).toBe('0.10000000000000000001');
    expect(parseValue({ kind: 'float64' }, b[0], 'f')).toBe(0.1);
    expect(parseValue({ kind: 'int64' }, parseJson('1234567890123456.0'), 'f')).toBe(1234567890123456);
  });

  it('equals JSON.parse wherever that loses nothing, hidden markers and all', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify([value, '#9', '\u0023##', '123456789012345678901']).replaceAll('#9', '\\u00239');
        const plain = (parsed: unknown): unknown =>
          JSON.parse(JSON.stringify(parsed, (_, x: unknown) => (typeof x === 'bigint' ? Number(x) : x)));
        expect(plain(parseJson(text))).toEqual(JSON.parse(text));
      }),
      { numRuns: 300 },
    );
  });

  it('says what is wrong', () => {
    expect(() => parseJson('{"a": }')).toThrow(/expected JSON; got "\{\\"a\\": \}"/);
  });
});
