import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createValueCache } from './value-cache.ts';

const names = ['a', 'b', 'c', 'd', 'e'] as const;

it('holds what was set last, or nothing, and no more bytes than it may', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('set' as const), key: fc.constantFrom(...names), bytes: fc.nat(6) }),
    fc.record({ kind: fc.constantFrom('get' as const, 'delete' as const), key: fc.constantFrom(...names) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const cache = createValueCache<{ bytes: number }>(10);
      const last = new Map<string, { bytes: number }>();
      for (const one of steps) {
        if (one.kind === 'set') {
          const value = { bytes: one.bytes };
          cache.set(one.key, value, one.bytes);
          last.set(one.key, value);
        } else if (one.kind === 'delete') {
          cache.delete(one.key);
          last.delete(one.key);
        } else expect([last.get(one.key), undefined]).toContain(cache.get(one.key));
      }
      const held = names.flatMap((name) => cache.get(name) ?? []);
      expect(held.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(10);
      for (const name of names) expect([last.get(name), undefined]).toContain(cache.get(name));
      cache.clear();
      expect(names.flatMap((name) => cache.get(name) ?? [])).toEqual([]);
    }),
  );
});

it('lets go first what nobody has read since, and keeps nothing that has no room', () => {
  const cache = createValueCache<number>(3);
  for (const [index, name] of ['a', 'b', 'c'].entries()) cache.set(name, index, 1);
  expect(cache.get('a')).toBe(0);
  cache.set('d', 3, 1);
  cache.set('e', 4, 1);
  const held = (): string[] => ['a', 'b', 'c', 'd', 'e', 'f'].filter((name) => cache.get(name) !== undefined);
  // All that is held is read by looking.
  expect(held()).toEqual(['a', 'd', 'e']);
  cache.set('f', 5, 1);
  expect(held()).toEqual(['d', 'e', 'f']);
  cache.set('f', 6, 4);
  expect(held()).toEqual(['d', 'e']);
});
