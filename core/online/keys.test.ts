import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aggregateViewOf, eventSourceOf, int64, recordOf, text } from '../../test/doubles/views.ts';
import type { CompiledView } from '../definitions/compiled.ts';
import { groupByKey } from './group-by-key.ts';
import { dedupeKey, onlineKey, readyKey, shardOf } from './keys.ts';

const single = aggregateViewOf({
  accumulators: [{ function: 'countRows' }],
  features: [{ accumulator: 0, windowMillis: 1_000 }],
});
const source = eventSourceOf({
  fields: [
    { name: 'a', type: text },
    { name: 'b', type: text },
    { name: 'n', type: int64 },
  ],
});
const composite: CompiledView = {
  ...single,
  source,
  key: [
    { name: 'a', type: text, column: 0 },
    { name: 'b', type: text, column: 1 },
  ],
};

const part = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', '|', '%', '{', '}', '#', '7', 'c', '\u0000', 'é', '😀'), maxLength: 6 }),
  fc.string({ unit: fc.constantFrom('x', '|'), minLength: 398, maxLength: 402 }),
);

describe('online keys', () => {
  const shards = ['a', 'b', 'c'];

  it('are distinct for distinct composite keys, each with one of the hash tags', () => {
    fc.assert(
      fc.property(part, part, part, part, (a, b, c, d) => {
        const [x, y] = [onlineKey(composite, [a, b], shards), onlineKey(composite, [c, d], shards)];
        expect(x === y).toBe(a === c && b === d);
        const tag = /\{([^}]*)\}/.exec(x)?.[1];
        expect(shards).toContain(tag);
        for (const beside of [dedupeKey(x, 7, 0), readyKey(composite, shardOf(x))]) {
          expect(/\{([^}]*)\}/.exec(beside)?.[1]).toBe(tag);
        }
        expect(Buffer.byteLength(x)).toBeLessThan(500);
      }),
      { numRuns: 500 },
    );
  });

  it('keep the classic pair apart', () => {
    expect(onlineKey(composite, ['1', '23'], ['0'])).toBe('f:thing|1|23:view:1:{0}');
    expect(onlineKey(composite, ['12', '3'], ['0'])).toBe('f:thing|12|3:view:1:{0}');
    expect(dedupeKey('f:thing|12|3:view:1:{0}', 7, 2)).toBe('d:thing|12|3:view:1:7:2:{0}');
    expect(readyKey(composite, '0')).toBe('ready:view:1:{0}');
  });

  it('have the shard of their entity key, whatever the view', () => {
    const other: CompiledView = { ...composite, name: 'other', version: 7 };
    fc.assert(
      fc.property(part, part, (a, b) => {
        expect(shardOf(onlineKey(other, [a, b], shards))).toBe(shardOf(onlineKey(composite, [a, b], shards)));
      }),
    );
  });

  it('spread evenly over the shards, also those that differ in one character', () => {
    const many = Array.from({ length: 128 }, (_, index) => String(index));
    const counts = new Map<string, number>();
    for (let index = 0; index < 25_600; index++) {
      const shard = shardOf(onlineKey(composite, ['k', String(index)], many));
      counts.set(shard, (counts.get(shard) ?? 0) + 1);
    }
    expect(counts.size).toBe(128);
    // 200 are expected of each, with a standard deviation of 14.
    for (const count of counts.values()) expect(Math.abs(count - 200)).toBeLessThan(70);
  });

  it('exist for a view without a key', () => {
    expect(onlineKey({ ...single, entity: null, key: [] }, [], ['0'])).toBe('f:*|:view:1:{0}');
  });
});

describe('groupByKey', () => {
  it('keeps the order within a key and leaves out NULL parts', () => {
    const rows = [
      ['a', 'b'],
      ['a', 'c'],
      ['a', null],
      ['a', 'b'],
    ] as const;
    const records = rows.map(([a, b], offset) => recordOf({ eventTime: 0, offset, values: [a, b, offset] }));
    const groups = groupByKey(composite, records);
    expect(groups.map(({ key }) => key)).toEqual([
      ['a', 'b'],
      ['a', 'c'],
    ]);
    expect(groups[0]!.records.map(({ offset }) => offset)).toEqual([0, 3]);
  });

  it('knows big integers by value', () => {
    const view: CompiledView = { ...composite, key: [{ name: 'n', type: int64, column: 2 }] };
    const records = [2n ** 60n, 2n ** 60n].map((n, offset) => recordOf({ eventTime: 0, offset, values: ['', '', n] }));
    expect(groupByKey(view, records)).toHaveLength(1);
  });
});
