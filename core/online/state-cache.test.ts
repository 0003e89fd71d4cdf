import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createStateCache } from './state-cache.ts';

it('holds what was put last and not taken since, as far as there is room', () => {
  const step = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd', 'e'), bytes: fc.nat(6), isTaken: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const cache = createStateCache<number>(10);
      let held: { key: string; state: number; bytes: number }[] = [];
      for (const [state, { key, bytes, isTaken }] of steps.entries()) {
        const known = held.find((one) => one.key === key);
        held = held.filter((one) => one.key !== key);
        if (isTaken) {
          expect(cache.take(key)).toBe(known?.state);
          continue;
        }
        cache.put(key, state, bytes);
        held.push({ key, state, bytes });
        while (held.reduce((sum, one) => sum + one.bytes, 0) > 10) held.shift();
      }
      for (const key of ['a', 'b', 'c', 'd', 'e']) {
        expect(cache.take(key)).toBe(held.find((one) => one.key === key)?.state);
      }
    }),
  );
});
