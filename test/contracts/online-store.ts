import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { allAnswered } from '../../core/online/answers.ts';
import { stampOf } from '../../core/online/stamp.ts';
import { stampPrefix } from '../../core/online/stamp-prefix.ts';
import type { OnlineStore } from '../../core/ports/online-store.ts';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const stampedValue = (stamp: Uint8Array, payload: Uint8Array): Uint8Array =>
  Uint8Array.from([...stampPrefix(stamp), ...payload]);
const stamped = (stamp: string, payload: string): Uint8Array => stampedValue(text(stamp), text(payload));
const plain = (value: Uint8Array | null | undefined): number[] | null => (value ? [...value] : null);

async function collect(keys: AsyncIterable<string>): Promise<string[]> {
  const found: string[] = [];
  for await (const key of keys) found.push(key);
  return found.sort();
}

/** What every online store must do. `open` gives an empty store; each test opens one and closes it. */
export function onlineStoreContract(name: string, open: () => Promise<OnlineStore>): void {
  describe(`${name} keeps the online store's contract`, () => {
    let store: OnlineStore;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(async () => {
      await store[Symbol.asyncDispose]();
    });

    const write = (
      key: string,
      expected: string | null,
      value: Uint8Array,
      companions: readonly { key: string; value: Uint8Array | null }[] = [],
    ): Promise<(boolean | null)[]> =>
      store.compareAndSet([{ key, expectedStamp: expected === null ? null : text(expected), value, companions }]);
    const getMany = async (keys: readonly string[]) => allAnswered(await store.getMany(keys));
    const read = async (key: string): Promise<number[] | null> => plain((await getMany([key]))[0]);

    it('reads in the order of the keys, null for absent ones, repeated keys repeatedly', async () => {
      await store.put('a{1}', text('A'));
      await store.put('b{1}', text('B'));
      const values = await getMany(['b{1}', 'absent{1}', 'a{1}', 'b{1}']);
      expect(values.map(plain)).toEqual([text('B'), null, text('A'), text('B')].map(plain));
      expect(await getMany([])).toEqual([]);
    });

    it('keeps every byte, also of an empty value', async () => {
      const allBytes = Uint8Array.from({ length: 256 }, (_, index) => index);
      await store.put('bytes{1}', allBytes);
      await store.put('empty{1}', new Uint8Array(0));
      expect(plain((await getMany(['bytes{1}']))[0])).toEqual([...allBytes]);
      expect((await getMany(['empty{1}']))[0]).toHaveLength(0);
    });

    it('tells keys apart by every character', async () => {
      const keys = ['k{1}', 'k{1} ', 'k{1}\0', 'K{1}', 'k{é}', 'k{e\u0301}', 'k*{1}', 'k?{1}', 'k{😀}'];
      for (const [index, key] of keys.entries()) await store.put(key, Uint8Array.of(index));
      expect((await getMany(keys)).map((value) => value?.[0])).toEqual(keys.map((_, index) => index));
    });

    it('keeps keys of any length apart', async () => {
      const long = 'k'.repeat(5_000);
      const keys = [`${long}{1}`, `${long}{2}`, long.slice(0, 1_900), long.slice(0, 1_932)];
      for (const [index, key] of keys.entries()) await store.put(key, Uint8Array.of(index));
      expect((await getMany(keys)).map((value) => value?.[0])).toEqual([0, 1, 2, 3]);
      expect(await collect(store.scan(`${long}{`))).toEqual([`${long}{1}`, `${long}{2}`]);
      await store.delete([keys[0]!]);
      expect(await collect(store.scan('k'))).toEqual([keys[1], keys[2], keys[3]].sort());
    });

    it('stores a first value only where there is none', async () => {
      expect(await write('k{1}', 's1', stamped('s2', 'x'))).toEqual([false]);
      expect(await read('k{1}')).toBeNull();
      expect(await write('k{1}', null, stamped('s1', 'x'))).toEqual([true]);
      expect(await write('k{1}', null, stamped('s1', 'y'))).toEqual([false]);
      expect(await read('k{1}')).toEqual(plain(stamped('s1', 'x')));
    });

    it('replaces a value only where the stamp is the expected one, whole', async () => {
      await write('k{1}', null, stamped('stamp', 'x'));
      for (const wrong of ['', 'stam', 'stampx', 'stamq', 'STAMP']) {
        expect(await write('k{1}', wrong, stamped('next', 'y')), wrong).toEqual([false]);
      }
      expect(await write('k{1}', 'stamp', stamped('next', 'y'))).toEqual([true]);
      expect(await read('k{1}')).toEqual(plain(stamped('next', 'y')));
    });

    it('compares binary and empty stamps', async () => {
      const stamp = Uint8Array.of(0, 255, 10, 13, 0);
      await write('k{1}', null, stampedValue(stamp, text('x')));
      const next = { key: 'k{1}', value: stampedValue(new Uint8Array(0), text('y')), companions: [] };
      expect(await store.compareAndSet([{ ...next, expectedStamp: stamp.slice(0, 4) }])).toEqual([false]);
      expect(await store.compareAndSet([{ ...next, expectedStamp: stamp }])).toEqual([true]);
      expect(await write('k{1}', '', stamped('after', 'z'))).toEqual([true]);
      expect(await read('k{1}')).toEqual(plain(stamped('after', 'z')));
    });

    it('writes and deletes companions with the value, or not at all', async () => {
      const companions = [
        { key: 'ids1{1}', value: text('one') },
        { key: 'ids2{1}', value: new Uint8Array(0) },
      ];
      expect(await write('k{1}', null, stamped('s1', 'x'), companions)).toEqual([true]);
      expect(await read('ids1{1}')).toEqual(plain(text('one')));
      expect(await read('ids2{1}')).toEqual([]);
      const later = [
        { key: 'ids1{1}', value: null },
        { key: 'ids2{1}', value: text('two') },
      ];
      expect(await write('k{1}', 'wrong', stamped('s2', 'y'), later)).toEqual([false]);
      expect(await read('ids1{1}')).toEqual(plain(text('one')));
      expect(await write('k{1}', 's1', stamped('s2', 'y'), later)).toEqual([true]);
      expect(await read('ids1{1}')).toBeNull();
      expect(await read('ids2{1}')).toEqual(plain(text('two')));
    });

    it('answers each write of a batch for itself, in order, also for one key twice', async () => {
      await write('k{1}', null, stamped('s1', 'x'));
      const none = { companions: [] };
      const results = await store.compareAndSet([
        { key: 'k{1}', expectedStamp: text('wrong'), value: stamped('s9', '-'), ...none },
        { key: 'new{2}', expectedStamp: null, value: stamped('n1', '-'), ...none },
        { key: 'k{1}', expectedStamp: text('s1'), value: stamped('s2', 'y'), ...none },
        { key: 'k{1}', expectedStamp: text('s2'), value: stamped('s3', 'z'), ...none },
        { key: 'k{1}', expectedStamp: text('s1'), value: stamped('s9', '-'), ...none },
      ]);
      expect(results).toEqual([false, true, true, true, false]);
      expect(await read('k{1}')).toEqual(plain(stamped('s3', 'z')));
      expect(await store.compareAndSet([])).toEqual([]);
    });

    describe('with a fence', () => {
      const fence = (token: string) => ({ keyIn: (shard: string) => `fence:{${shard}}`, value: text(token) });
      const one = (key: string, payload: string, expected: string | null = null) => ({
        key,
        expectedStamp: expected === null ? null : text(expected),
        value: stamped(payload, payload),
        companions: [{ key: `ids:${key}`, value: text(payload) }],
      });

      it('writes where it stands, and tells a lost race from a refusal', async () => {
        await store.put('fence:{1}', text('mine'));
        expect(await store.compareAndSet([one('a{1}', 'x'), one('b{1}', 'y')], fence('mine'))).toEqual([true, true]);
        expect(await store.compareAndSet([one('a{1}', 'z'), one('b{1}', 'z', 'y')], fence('mine'))).toEqual([
          false,
          true,
        ]);
        expect(await read('b{1}')).toEqual(plain(stamped('z', 'z')));
        expect(await store.compareAndSet([], fence('other'))).toEqual([]);
      });

      it('refuses where another stands, a part of it, more, or none, and writes nothing there', async () => {
        await store.put('fence:{1}', text('mine'));
        await store.put('a{1}', stamped('x', 'x'));
        const both = [one('a{1}', 'y', 'x'), one('b{1}', 'y')];
        for (const token of ['no', 'min', 'mine ', 'MINE', 'yours']) {
          expect(await store.compareAndSet(both, fence(token)), token).toEqual([null, null]);
          await store.delete(['a{1}'], fence(token));
        }
        await store.delete(['fence:{1}']);
        expect(await store.compareAndSet(both, fence('mine'))).toEqual([null, null]);
        await store.delete(['a{1}'], fence('mine'));
        expect([await read('a{1}'), await read('b{1}'), await read('ids:b{1}')]).toEqual([
          plain(stamped('x', 'x')),
          null,
          null,
        ]);
      });

      it('is of each shard by itself', async () => {
        await store.put('fence:{1}', text('mine'));
        await store.put('fence:{2}', text('yours'));
        const many = Array.from({ length: 300 }, (_, index) => one(`k${index}{${1 + (index % 2)}}`, 'x'));
        const keys = many.map(({ key }) => key);
        expect(await store.compareAndSet(many, fence('mine'))).toEqual(many.map((_, i) => (i % 2 === 0 ? true : null)));
        expect(await store.compareAndSet(many, fence('yours'))).toEqual(
          many.map((_, i) => (i % 2 === 0 ? null : true)),
        );
        await store.delete(keys.slice(1), fence('mine'));
        expect((await getMany(keys)).map((value) => value !== null)).toEqual(
          keys.map((_, i) => i === 0 || i % 2 === 1),
        );
      });
    });

    it('lets exactly one of many concurrent writers win, so that no increment is lost', async () => {
      const increment = async (): Promise<void> => {
        for (;;) {
          const [stored] = await getMany(['count{1}']);
          const expectedStamp = stored ? stampOf(stored) : null;
          const value = stampedValue(Uint8Array.of((expectedStamp?.[0] ?? 0) + 1), text('n'));
          const [won] = await store.compareAndSet([{ key: 'count{1}', expectedStamp, value, companions: [] }]);
          if (won) return;
        }
      };
      await Promise.all(Array.from({ length: 25 }, increment));
      const [stored] = await getMany(['count{1}']);
      expect([...stampOf(stored!)]).toEqual([25]);
    });

    it('deletes, and a deleted key is as if never written', async () => {
      await write('k{1}', null, stamped('s1', 'x'));
      await store.delete(['k{1}', 'absent{1}']);
      await store.delete([]);
      expect(await read('k{1}')).toBeNull();
      expect(await write('k{1}', null, stamped('s2', 'y'))).toEqual([true]);
    });

    it('scans exactly the keys with a prefix, taken literally', async () => {
      for (const key of ['v:1:{a}', 'v:1:{b}', 'v:10:{a}', 'w:1:{a}', 'v*1:{a}', 'v[1]:{a}', 'v\\1:{a}']) {
        await store.put(key, text('x'));
      }
      expect(await collect(store.scan('v:1:'))).toEqual(['v:1:{a}', 'v:1:{b}']);
      expect(await collect(store.scan('v*'))).toEqual(['v*1:{a}']);
      expect(await collect(store.scan('v[1'))).toEqual(['v[1]:{a}']);
      expect(await collect(store.scan('v\\'))).toEqual(['v\\1:{a}']);
      expect(await collect(store.scan('none'))).toEqual([]);
      expect(await collect(store.scan(''))).toHaveLength(7);
    });

    it('takes a batch of thousands', async () => {
      const writes = Array.from({ length: 3_000 }, (_, index) => ({
        key: `batch:{${index}}`,
        expectedStamp: null,
        value: stamped('s', String(index)),
        companions: [{ key: `ids:{${index}}`, value: text('i') }],
      }));
      expect(new Set(await store.compareAndSet(writes))).toEqual(new Set([true]));
      const values = await getMany(writes.map(({ key }) => key));
      expect(values.map(plain)).toEqual(writes.map(({ value }) => plain(value)));
    });
  });
}
