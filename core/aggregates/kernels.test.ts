import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AggregateShape, accumulatorOf, eventSourceOf, recordOf, text } from '../../test/doubles/views.ts';
import type { SourceRecord } from '../definitions/compiled.ts';
import { aggregateOver } from '../oracle/aggregate.ts';
import type { Value, ValueType } from '../values/types.ts';
import { columnsOf } from './columns.ts';
import type { AccumulatorKernel } from './kernel.ts';
import { kernelFor } from './kernel-for.ts';
import { StateReader, StateWriter } from './state-bytes.ts';

const decimal: ValueType = { kind: 'decimal', precision: 12, scale: 2 };
const integers = fc.oneof(
  fc.integer({ min: -1_000, max: 1_000 }),
  fc.constantFrom(0, 255, 256, -257, 2 ** 31, 2 ** 47, 2 ** 48 - 1, 2 ** 48, -(2 ** 48), 2 ** 53 - 1, -(2 ** 53) + 1),
  fc.constantFrom(2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 62n + 1n),
);
const decimals = fc
  .integer({ min: -99_999, max: 99_999 })
  .map(
    (units) =>
      `${units < 0 ? '-' : ''}${Math.floor(Math.abs(units) / 100)}.${String(Math.abs(units) % 100).padStart(2, '0')}`,
  );
const texts = fc.constantFrom('', 'a', 'b', 'é', '😀', '\uffff', 'other');

/** Every function with every kind of input that it takes. */
const cases: readonly {
  readonly type: ValueType;
  readonly inputs: fc.Arbitrary<Value>;
  readonly shapes: readonly AggregateShape[];
}[] = [
  ...(
    [
      ['int64', { kind: 'int64' }, integers],
      ['decimal', decimal, decimals],
    ] as const
  ).map(([, type, inputs]) => ({
    type,
    inputs,
    shapes: [
      ...(
        ['count', 'sum', 'avg', 'varSamp', 'varPop', 'stddevSamp', 'stddevPop', 'min', 'max', 'first', 'last'] as const
      ).map((name) => ({ function: name, input: 'x' })),
      ...(['firstN', 'lastN', 'topK', 'bottomK'] as const).map((name) => ({ function: name, input: 'x', k: 3 })),
      { function: 'countDistinct' as const, input: 'x', cap: 4 },
      { function: 'approxCountDistinct' as const, input: 'x' },
      { function: 'approxQuantile' as const, input: 'x', q: '0.95' },
      { function: 'approxQuantile' as const, input: 'x', q: '0' },
      { function: 'histogram' as const, input: 'x', edges: ['-10.5', '0', '0.005', '100'] },
      { function: 'countRows' as const },
      { function: 'sum' as const, input: 'x', by: 'category', byCap: 3 },
      { function: 'last' as const, input: 'x', by: 'category', byCap: 3 },
      { function: 'avg' as const, input: 'x', where: (row: readonly Value[]) => row[2] === 'a' },
    ],
  })),
  {
    type: text,
    inputs: texts,
    shapes: [
      { function: 'min', input: 'x' },
      { function: 'max', input: 'x' },
      { function: 'topK', input: 'x', k: 2 },
      { function: 'countDistinct', input: 'x', cap: 3 },
      { function: 'histogram', input: 'x', categories: ['b', 'a', 'é'] },
      { function: 'countRows', by: 'category', byCap: 2 },
    ],
  },
  {
    type: { kind: 'float64' },
    // Sums of these are exact, so that the order of adding cannot show.
    inputs: fc.integer({ min: -4_000, max: 4_000 }).map((x) => x / 4),
    shapes: (['sum', 'avg', 'min', 'max'] as const).map((name) => ({ function: name, input: 'x' })),
  },
  {
    type: { kind: 'vector', length: 2 },
    inputs: fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 })),
    shapes: [
      { function: 'sum', input: 'x' },
      { function: 'avg', input: 'x' },
      { function: 'last', input: 'x' },
    ],
  },
];

function roundTrip(kernel: AccumulatorKernel, state: unknown): unknown {
  const out = new StateWriter(1);
  kernel.write(out, state);
  out.byte(42);
  const open = () => {
    const input = new StateReader(out.toBytes());
    input.useOrigins(out.origins());
    return input;
  };
  const skipped = open();
  kernel.skip(skipped);
  expect(skipped.byte()).toBe(42);
  const read = open();
  const back = kernel.read(read);
  expect(read.byte()).toBe(42);
  return back;
}

/** The tiles as a column, written, read back, and merged in ranges without reading the rest. */
function mergedColumn(kernel: AccumulatorKernel, tiles: readonly unknown[]): unknown[] {
  const columns = columnsOf(kernel);
  const out = new StateWriter(1);
  out.byte(7);
  columns.write(out, tiles);
  const open = () => {
    const input = new StateReader(out.toBytes(), 1);
    input.useOrigins(out.origins());
    return input;
  };
  expect(columns.read(open(), tiles.length).map((tile) => bytesOf(kernel, tile))).toEqual(
    tiles.map((tile) => bytesOf(kernel, tile)),
  );
  const ranges = { from: [0, 1, 0, 2], to: [3, 2, 1, 2] };
  const states = [kernel.empty(), kernel.empty(), kernel.empty()];
  const targets = [
    { target: 0, range: 0 },
    { target: 1, range: 1 },
    { target: 2, range: 2 },
    { target: 2, range: 3 },
  ];
  columns.merge(open(), tiles.length, ranges, targets, states);
  return states;
}

function bytesOf(kernel: AccumulatorKernel, state: unknown): Uint8Array {
  const out = new StateWriter();
  kernel.write(out, state);
  return out.toBytes();
}

/** Events dealt into three tiles. */
function tilesOf(kernel: AccumulatorKernel, events: readonly SourceRecord[], tileOf: readonly number[]): unknown[] {
  const tiles: unknown[] = [kernel.empty(), kernel.empty(), kernel.empty()];
  events.forEach((event, i) => {
    const item = kernel.prepare(event);
    if (item !== undefined) tiles[tileOf[i]!] = kernel.add(tiles[tileOf[i]!], item);
  });
  return tiles;
}

function merged(kernel: AccumulatorKernel, events: readonly SourceRecord[], tileOf: readonly number[]): unknown {
  const [a, b, c] = tilesOf(kernel, events, tileOf).map((tile) => roundTrip(kernel, tile));
  return kernel.merge(kernel.merge(kernel.merge(kernel.empty(), c), a), b);
}

for (const { type, inputs, shapes } of cases) {
  describe(`kernels over ${type.kind}`, () => {
    for (const shape of shapes) {
      const name = `${shape.function}${shape.by === undefined ? '' : ' by category'}${shape.q ?? ''}`;
      it(`${name} equals the oracle, whatever the tiles and the order`, () => {
        const fields = [
          { name: 'key', type: text },
          { name: 'x', type },
          { name: 'category', type: text },
        ];
        const source = eventSourceOf({ fields });
        const accumulator = accumulatorOf(source, shape);
        const kernel = kernelFor(accumulator, source);
        const draw = fc.tuple(
          fc.option(inputs, { nil: null }),
          fc.option(fc.constantFrom('a', 'b', 'c', 'd'), { nil: null }),
          fc.nat(3),
          fc.nat(2),
          fc.constantFrom('one', 'two'),
        );
        fc.assert(
          fc.property(fc.array(draw, { maxLength: 12 }), (draws) => {
            const events = draws.map(([x, category, time, , origin], offset) =>
              recordOf({ eventTime: time, origin, offset, values: ['k', x, category] }),
            );
            const tileOf = draws.map(([, , , tile]) => tile);
            const state = merged(kernel, events, tileOf);
            expect(kernel.finish(state)).toEqual(aggregateOver(accumulator, events, null));
            const backwards = merged(
              kernel,
              [...events].reverse(),
              [...tileOf].reverse().map((tile) => 2 - tile),
            );
            expect(bytesOf(kernel, backwards)).toEqual(bytesOf(kernel, state));
            const tiles = tilesOf(kernel, events, tileOf);
            const expected = [state, ...[tiles[1], tiles[0]].map((tile) => kernel.merge(kernel.empty(), tile))];
            const columns = mergedColumn(kernel, tiles);
            expect(columns.map((column) => bytesOf(kernel, column))).toEqual(
              expected.map((part) => bytesOf(kernel, part)),
            );
          }),
          { numRuns: 60 },
        );
      });
    }
  });
}

describe('countDistinct and approxCountDistinct', () => {
  const source = eventSourceOf();
  for (const shape of [
    { function: 'countDistinct', input: 'x', cap: 100 },
    { function: 'approxCountDistinct', input: 'x' },
  ] as const) {
    it(`${shape.function} of thousands equals the oracle's estimate, dense registers included`, () => {
      const accumulator = accumulatorOf(source, shape);
      const kernel = kernelFor(accumulator, source);
      for (const count of [100, 101, 500, 3_000, 20_000]) {
        const events = Array.from({ length: count }, (_, i) => recordOf({ eventTime: i, values: ['k', i] }));
        const state = merged(
          kernel,
          events,
          events.map((_, i) => i % 3),
        );
        expect(kernel.finish(state)).toBe(aggregateOver(accumulator, events, null));
      }
    });
  }
});
