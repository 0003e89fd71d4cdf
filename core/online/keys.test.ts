import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aggregateViewOf, eventSourceOf, int64, recordOf, text } from '../../test/doubles/views.ts';
import type { CompiledView } from '../definitions/compiled.ts';
import { groupByKey } from './group-by-key.ts';
import { dedupeKey, onlineKey } from './keys.ts';

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
  it('are distinct for distinct composite keys, with one hash tag that is not empty', () => {
    fc.assert(
      fc.property(part, part, part, part, (a, b, c, d) => {
        const [x, y] = [onlineKey(composite, [a, b]), onlineKey(composite, [c, d])];
        expect(x === y).toBe(a === c && b === d);
        const tag = /\{([^}]*)\}/.exec(x)?.[1];
        expect(tag).toMatch(/^thing\|./);
        expect(dedupeKey(composite, [a, b], 7, 0)).toContain(`{${tag}}`);
        expect(Buffer.byteLength(x)).toBeLessThan(500);
      }),
      { numRuns: 500 },
    );
  });

  it('keep the classic pair apart', () => {
    expect(onlineKey(composite, ['1', '23'])).toBe('f:{thing|1|23}:view:1');
    expect(onlineKey(composite, ['12', '3'])).toBe('f:{thing|12|3}:view:1');
  });

  it('exist for a view without a key', () => {
    expect(onlineKey({ ...single, entity: null, key: [] }, [])).toBe('f:{*|}:view:1');
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
