import fc from 'fast-check';
import { compareUtf8 } from '../../core/values/compare.ts';
import { formatDecimal } from '../../core/values/decimal.ts';
import { toInteger } from '../../core/values/integers.ts';
import { endOfTime } from '../../core/values/parse-instant.ts';
import type { Value, ValueType } from '../../core/values/types.ts';

type Present = Exclude<Value, null>;

/** Values of a type: what is usual, its bounds, and what trips programs. */
export function valuesOfType(type: ValueType): fc.Arbitrary<Present> {
  switch (type.kind) {
    case 'int32':
      return fc.oneof(fc.integer({ min: -20, max: 20 }), fc.integer(), fc.constantFrom(2 ** 31 - 1, -(2 ** 31)));
    case 'int64':
      return fc
        .oneof(
          fc.bigInt(-20n, 20n),
          fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
          fc.constantFrom(2n ** 53n - 1n, 2n ** 53n, -(2n ** 53n), 2n ** 63n - 1n, -(2n ** 63n)),
        )
        .map(toInteger);
    case 'float64':
      return fc
        .oneof(
          fc.double({ min: -1_000, max: 1_000, noNaN: true }),
          fc.double({ noNaN: true, noDefaultInfinity: true }),
          fc.integer({ min: -5, max: 5 }),
          fc.constantFrom(0.5, -0.5, 1e308, -1e308, 5e-324, 2 ** 53, 2 ** 63),
        )
        .map((x) => x + 0);
    case 'decimal': {
      const most = 10n ** BigInt(type.precision) - 1n;
      return fc
        .oneof(fc.bigInt(-2_000n, 2_000n), fc.bigInt(-most, most), fc.constantFrom(most, -most, 0n))
        .filter((units) => units <= most && units >= -most)
        .map((units) => formatDecimal(toInteger(units), type.scale));
    }
    case 'string':
      return text;
    case 'bool':
      return fc.boolean();
    case 'timestamp':
      return fc.oneof(
        fc.integer({ min: 0, max: endOfTime - 1 }),
        fc.constantFrom(0, 1, endOfTime - 1),
        fc
          .record({ change: fc.constantFrom(...clockChanges), nudge: fc.constantFrom(-1, 0, 1, 1_800_000) })
          .map(({ change, nudge }) => change + nudge),
      );
    case 'vector':
      return fc.array(valuesOfType({ kind: 'float64' }), { minLength: type.length, maxLength: type.length });
    case 'list':
      return fc.array(fc.option(valuesOfType(type.element), { nil: null, freq: 8 }), { maxLength: 4 });
    case 'map':
      return fc
        .dictionary(
          text.filter((key) => key !== '__proto__'),
          fc.option(valuesOfType(type.value), { nil: null, freq: 8 }),
          { maxKeys: 4 },
        )
        .map((record) => new Map(Object.entries(record).sort(([a], [b]) => compareUtf8(a, b))));
  }
}

/** Berlin and New York, into summer and out of it. */
const clockChanges = [
  Date.UTC(2024, 2, 31, 1),
  Date.UTC(2024, 9, 27, 1),
  Date.UTC(2024, 2, 10, 7),
  Date.UTC(2024, 10, 3, 6),
];

const text = fc.oneof(
  fc.constantFrom(
    '',
    'a',
    'ATL',
    'ORD',
    'Straße',
    'é',
    'e\u0301',
    '💡',
    '\uFFFD',
    ' padded ',
    'A text that is longer than one would write',
    'a|b\\c',
    "it's",
    '12',
    '1.5',
  ),
  fc.string({ unit: fc.constantFrom('a', 'B', 'é', '💡', '|', '\\', ' ', ',', '1'), maxLength: 8 }),
  fc.string({ unit: 'binary', maxLength: 6 }),
);
