import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createValueCache } from './value-cache.ts';

const names = ['a', 'b', 'c', 'd', 'e'] as const;
/** What one entry takes with a value of no bytes. */
const one = 502;

it('holds what was set last, or nothing, until it is no longer good', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('set' as const), key: fc.constantFrom(...names), until: fc.nat(80) }),
    fc.record({ kind: fc.constantFrom('get' as const, 'delete' as const), key: fc.constantFrom(...names) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const cache = createValueCache(3 * one + 10);
      const last = new Map<string, { readonly value: Uint8Array; readonly until: number }>();
      for (const [now, step] of steps.entries()) {
        if (step.kind === 'set') {
          const value = Uint8Array.of(now);
          cache.set(step.key, value, step.until);
          last.set(step.key, { value, until: step.until });
        } else if (step.kind === 'delete') {
          cache.delete(step.key);
          last.delete(step.key);
        } else {
          const known = last.get(step.key);
          const good = known !== undefined && known.until > now ? known.value : undefined;
          expect([good, undefined]).toContain(cache.find(step.key)?.read(now));
        }
      }
      expect(names.filter((name) => cache.find(name) !== undefined).length).toBeLessThanOrEqual(3);
      cache.clear();
      expect(names.filter((name) => cache.find(name) !== undefined)).toEqual([]);
    }),
  );
});

it('lets go first what nobody has read since, and keeps nothing that has no room', () => {
  const cache = createValueCache(3 * one);
  const read = (name: string) => cache.find(name)?.read(0);
  for (const name of ['a', 'b', 'c']) cache.set(name, null);
  expect(read('a')).toBeNull();
  cache.set('d', null);
  cache.set('e', null);
  const held = (): string[] => ['a', 'b', 'c', 'd', 'e', 'f'].filter((name) => read(name) !== undefined);
  // All that is held is read by looking.
  expect(held()).toEqual(['a', 'd', 'e']);
  cache.set('f', null);
  expect(held()).toEqual(['d', 'e', 'f']);
  cache.set('f', new Uint8Array(3 * one));
  expect(held()).toEqual(['d', 'e']);
});

it('ends what somebody still knows, and what was made of it', () => {
  const cache = createValueCache(10 * one);
  for (const end of [() => cache.delete('a'), () => cache.set('a', null), () => cache.clear()]) {
    cache.set('a', Uint8Array.of(1));
    const held = cache.find('a')!;
    held.made = 'something';
    end();
    expect([held.read(0), held.made]).toEqual([undefined, undefined]);
  }
});
