import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { valuesOfType } from '../../../test/property/values-of-type.ts';
import type { Expression } from '../../definitions/model.ts';
import type { ExpressionOperator } from '../../definitions/operators.ts';
import { t } from '../../definitions/value-types.ts';
import { compareValues } from '../../values/compare.ts';
import { decimalUnits, unitsOf } from '../../values/decimal.ts';
import type { Value, ValueType } from '../../values/types.ts';
import { compileExpression } from '../compile.ts';
import { float64s, int64, int64s, text, texts } from './literal-nodes.ts';

/** The function of columns of these types, followed by constants. */
function of(
  op: ExpressionOperator,
  types: readonly ValueType[],
  ...constants: readonly Expression[]
): (...row: Value[]) => Value {
  const columns = types.map((type, index) => ({ name: `x${index}`, type }));
  const args = [...columns.map(({ name }): Expression => ({ op: 'col', name })), ...constants];
  const { evaluate } = compileExpression({ op, args }, columns, 'f');
  return (...row) => evaluate(row);
}

const price = t.decimal(10, 2);
const float64 = valuesOfType(t.float64) as fc.Arbitrary<number>;

describe('numbers', () => {
  it.each([t.int64, t.float64, price])('clip %j within bounds, and leaves what is within', (type) => {
    const clip = of('clip', [type, type, type]);
    fc.assert(
      fc.property(valuesOfType(type), valuesOfType(type), valuesOfType(type), (x, a, b) => {
        const [lo, hi] = [a, b].sort((m, n) => compareValues(type, m, n)) as [typeof a, typeof a];
        const clipped = clip(x, lo, hi);
        expect(compareValues(type, clipped, lo)).toBeGreaterThanOrEqual(0);
        expect(compareValues(type, clipped, hi)).toBeLessThanOrEqual(0);
        if (compareValues(type, x, lo) >= 0 && compareValues(type, x, hi) <= 0) expect(clipped).toBe(x);
      }),
    );
  });

  it('round decimals as the reader of decimals does, half away from zero', () => {
    const round = of('round', [price], int64(1));
    fc.assert(
      fc.property(valuesOfType(price), (x) => {
        expect(unitsOf(round(x) as string)).toBe(decimalUnits(x as string, 1));
      }),
    );
  });

  it('have a floor and a ceiling at most one apart, around them', () => {
    const [floor, ceil] = [of('floor', [price]), of('ceil', [price])];
    fc.assert(
      fc.property(valuesOfType(price), (x) => {
        const [low, high] = [BigInt(floor(x) as string), BigInt(ceil(x) as string)];
        const units = BigInt(unitsOf(x as string));
        expect(low * 100n <= units && units <= high * 100n).toBe(true);
        expect(high - low).toBe(units % 100n === 0n ? 0n : 1n);
      }),
    );
  });

  it('come back from text, and decimals from doubles', () => {
    const int = of('toInt64', [t.string]);
    const textOf = of('toText', [t.int64]);
    fc.assert(
      fc.property(valuesOfType(t.int64), (x) => {
        expect(int(textOf(x))).toBe(x);
      }),
    );
    const double = of('toFloat64', [t.string]);
    const written = of('toText', [t.float64]);
    fc.assert(
      fc.property(float64, (x) => {
        expect(double(written(x))).toBe(x);
      }),
    );
    const decimal = of('toDecimal', [t.float64], int64(38), int64(2));
    const back = of('toFloat64', [t.decimal(38, 2)]);
    fc.assert(
      fc.property(fc.integer({ min: -(10 ** 9), max: 10 ** 9 }), (cents) => {
        expect(back(decimal(cents / 100))).toBe(cents / 100);
      }),
    );
  });
});

describe('encodings', () => {
  it('bucketize as a linear scan does', () => {
    const edges = [-3, -0.5, 0, 0.25, 7, 1e9];
    const bucketize = of('bucketize', [t.float64], float64s(edges));
    fc.assert(
      fc.property(float64, (x) => {
        expect(bucketize(x)).toBe(edges.filter((edge) => edge <= x).length);
      }),
    );
  });

  it('bucketize decimals by value, whatever the scale of the edges', () => {
    const edges = ['-1.005', '0.000', '0.001', '9.990'];
    const literal: Expression = { op: 'lit', type: t.list(t.decimal(10, 3)), value: edges };
    const bucketize = of('bucketize', [price], literal);
    fc.assert(
      fc.property(valuesOfType(price), (x) => {
        const thousandths = BigInt(unitsOf(x as string)) * 10n;
        expect(bucketize(x)).toBe(edges.filter((edge) => BigInt(unitsOf(edge)) <= thousandths).length);
      }),
    );
  });

  it('one-hot, ordinal and hash encode the same place', () => {
    const vocabulary = ['a', 'b', 'ATL'];
    const ordinal = of('ordinal', [t.string], texts(vocabulary), int64(4));
    const oneHot = of('oneHot', [t.string], texts(vocabulary));
    const unseen = of('hashBucket', [t.string], int64(4));
    fc.assert(
      fc.property(valuesOfType(t.string), (x) => {
        const place = vocabulary.indexOf(x as string);
        expect(oneHot(x)).toEqual(vocabulary.map((_, index) => (index === place ? 1 : 0)));
        expect(ordinal(x)).toBe(place < 0 ? vocabulary.length + (unseen(x) as number) : place);
      }),
    );
  });

  it('take integers as a vocabulary of decimals, and as a count beside them', () => {
    const ordinal = of('ordinal', [price], int64s([1, 2]), int64(3));
    expect(['2.00', '1.00'].map((x) => ordinal(x))).toEqual([1, 0]);
    expect(ordinal('1.50')).toBeGreaterThanOrEqual(2);
  });

  it('hash within the buckets, as they always have', () => {
    const hash = of('hashBucket', [t.string], int64(1_000));
    fc.assert(
      fc.property(valuesOfType(t.string), (x) => {
        expect(hash(x)).toBeGreaterThanOrEqual(0);
        expect(hash(x)).toBeLessThan(1_000);
      }),
    );
    // From Python: int.from_bytes(hashlib.md5(text.encode()).digest()[:8], 'big') % 1000
    expect(['', 'ATL', 'é', '💡'].map((x) => hash(x))).toEqual([788, 56, 882, 30]);
  });

  it('cross values injectively', () => {
    const cross = of('cross', [t.string, t.string]);
    const part = fc.string({ unit: fc.constantFrom('a', '|', '\\'), maxLength: 4 });
    fc.assert(
      fc.property(part, part, part, part, (a, b, c, d) => {
        expect(cross(a, b) === cross(c, d)).toBe(a === c && b === d);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('text', () => {
  it('is cut and counted by code points', () => {
    const substring = of('substring', [t.string, t.int64, t.int64]);
    const length = of('length', [t.string]);
    fc.assert(
      fc.property(valuesOfType(t.string), fc.nat(9), fc.nat(9), (x, start, count) => {
        const points = [...(x as string)];
        expect(substring(x, start, count)).toBe(points.slice(start, start + count).join(''));
        expect(length(x)).toBe(points.length);
      }),
      { numRuns: 500 },
    );
  });

  it('is split as JavaScript splits it', () => {
    const splitPart = of('splitPart', [t.string, t.string, t.int64]);
    const part = fc.string({ unit: fc.constantFrom('a', ','), maxLength: 6 });
    fc.assert(
      fc.property(part, fc.constantFrom(',', ',,', 'a'), fc.nat(6), (x, separator, index) => {
        expect(splitPart(x, separator, index)).toBe(x.split(separator)[index] ?? null);
      }),
    );
  });

  it('keeps all but ASCII letters', () => {
    const [lower, upper] = [of('lower', [t.string]), of('upper', [t.string])];
    fc.assert(
      fc.property(valuesOfType(t.string), (x) => {
        expect(lower(upper(x))).toBe(lower(x));
        expect(lower(x)).toBe([...(x as string)].map((c) => (c >= 'A' && c <= 'Z' ? c.toLowerCase() : c)).join(''));
      }),
    );
  });

  it('does not grow without bound', () => {
    const replace = of('replace', [t.string, t.string, t.string]);
    expect(replace('a'.repeat(2_000), 'a', 'b'.repeat(1_000))).toBe(null);
    expect(of('concat', [t.string, t.string])('a'.repeat(600_000), 'a'.repeat(600_000))).toBe(null);
  });
});

describe('geography and vectors', () => {
  const degrees = (most: number) => fc.double({ min: -most, max: most, noNaN: true });
  const haversine = of('haversine', [t.float64, t.float64, t.float64, t.float64]);
  it('measure the same distance both ways, at most half the earth around', () => {
    fc.assert(
      fc.property(degrees(90), degrees(180), degrees(90), degrees(180), (a, b, c, d) => {
        const metres = haversine(a, b, c, d) as number;
        expect(metres).toBeCloseTo(haversine(c, d, a, b) as number, 3);
        expect(metres).toBeGreaterThanOrEqual(0);
        expect(metres).toBeLessThanOrEqual(Math.PI * 6_371_008.7714);
        expect(haversine(a, b, a, b)).toBe(0);
      }),
    );
    // Atlanta to Chicago, by the spherical law of cosines.
    const [p, q] = [33.64 * (Math.PI / 180), 41.98 * (Math.PI / 180)];
    const angle = Math.acos(Math.sin(p) * Math.sin(q) + Math.cos(p) * Math.cos(q) * Math.cos(3.47 * (Math.PI / 180)));
    expect(haversine(33.64, -84.43, 41.98, -87.9)).toBeCloseTo(angle * 6_371_008.7714, 3);
  });

  it('have a cosine from −1 to 1, and a norm that is the distance from 0', () => {
    const [cosine, norm, distance] = [
      of('cosine', [t.vector(2), t.vector(2)]),
      of('norm', [t.vector(2)]),
      of('distance', [t.vector(2), t.vector(2)]),
    ];
    const element = fc.double({ min: -1e3, max: 1e3, noNaN: true });
    fc.assert(
      fc.property(fc.tuple(element, element), fc.tuple(element, element), (a, b) => {
        const found = cosine(a, b) as number | null;
        if (found !== null) expect(Math.abs(found)).toBeLessThanOrEqual(1);
        expect(norm(a)).toBe(distance(a, [0, 0]));
      }),
    );
  });
});

describe('anomalies', () => {
  it('are counted by kind', () => {
    const columns = [{ name: 's', type: t.string }];
    const tree: Expression = { op: 'log', args: [{ op: 'toInt64', args: [{ op: 'col', name: 's' }] }] };
    const compiled = compileExpression(tree, columns, 'f');
    for (const s of ['1', '0', 'x', '1e30', null]) compiled.evaluate([s]);
    expect(compiled.anomalies).toEqual({ overflow: 1, notFinite: 1, unreadable: 1 });
  });

  it('refuse constants with the path of what is wrong', () => {
    const wrong = (tree: Expression) => () => compileExpression(tree, [{ name: 'at', type: t.timestamp }], 'f');
    const at: Expression = { op: 'col', name: 'at' };
    expect(wrong({ op: 'hour', args: [at, text('Mars/Olympus')] })).toThrow(
      /^f\.args\[1\]: "hour" cannot be built from this as zone; expected .*IANA.*; got "Mars\/Olympus"/,
    );
    expect(wrong({ op: 'not', args: [{ op: 'isWeekend', args: [at, at] }] })).toThrow(
      /^f\.args\[0\]\.args\[1\]: .*got at/,
    );
    expect(wrong({ op: 'bucketize', args: [int64(1), float64s([1, 1])] })).toThrow(/args\[1\].*ascending/);
    expect(wrong({ op: 'clip', args: [int64(1), int64(2), int64(1)] })).toThrow(/^f\.args\[2\].*lo ≤ hi/);
  });
});
