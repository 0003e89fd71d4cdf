import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { AccumulatorKernel } from '../../../core/aggregates/kernel.ts';
import { createStretches } from './stretches.ts';

/** Keeps the numbers it was given, so that a stretch shows exactly what it was made of. */
const collecting: AccumulatorKernel = {
  prepare: (record) => record.offset,
  empty: () => [],
  add: (state, item) => [...(state as number[]), item],
  merge: (into, from) => [...(into as number[]), ...(from as number[])],
  write: () => undefined,
  read: () => [],
  skip: () => undefined,
  finish: (state) => state as number[],
};

it('holds exactly the items of a stretch that are not left out', () => {
  fc.assert(
    fc.property(
      fc.nat(300).chain((length) =>
        fc.record({
          length: fc.constant(length),
          bounds: fc.array(fc.tuple(fc.nat(length), fc.nat(length)), { minLength: 1, maxLength: 5 }),
          without: fc.uniqueArray(fc.nat(300), { maxLength: 10 }),
          skipped: fc.uniqueArray(fc.nat(300), { maxLength: 10 }),
        }),
      ),
      ({ length, bounds, without, skipped }) => {
        const items = Array.from({ length }, (_, position) => (skipped.includes(position) ? undefined : position));
        const stretches = createStretches(collecting, items);
        const left = [...without].sort((a, b) => a - b);
        for (const [a, b] of bounds) {
          const [from, to] = [Math.min(a, b), Math.max(a, b)];
          const expected = items.slice(from, to).filter((item) => item !== undefined && !left.includes(item));
          expect(stretches.over(from, to, left)).toEqual(expected);
        }
      },
    ),
    { numRuns: 500 },
  );
});
