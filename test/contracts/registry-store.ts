import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RegisteredVersion, RegistryChange, RegistryStore } from '../../core/ports/registry-store.ts';
import { entityVersion, storing } from './registry-versions.ts';

/**
 * What every registry store must do. `open` opens the same, at first empty, registry again each time, as another
 * process would; where only one process can, `isShared` is false. The tests run in order on one registry.
 */
export function registryStoreContract(
  name: string,
  { open, isShared }: { readonly open: () => Promise<RegistryStore>; readonly isShared: boolean },
): void {
  describe(`${name} keeps the registry store's contract`, () => {
    let store: RegistryStore;
    let revision = 0;
    const apply = async (change: RegistryChange): Promise<void> => {
      revision = (await store.apply(change, revision)).revision;
    };
    /** The next revision that `watched` is told of. */
    const nextRevision = (watched: RegistryStore): { told: Promise<number>; stop: () => void } => {
      let stop = (): void => {};
      const told = new Promise<number>((resolve) => {
        stop = watched.watch(resolve);
      });
      return { told, stop };
    };

    // PGlite takes seconds to make its database.
    beforeAll(async () => {
      store = await open();
    }, 60_000);
    afterAll(async () => {
      await store[Symbol.asyncDispose]();
    });

    it('is empty at revision 0', async () => {
      expect(await store.load()).toEqual({ revision: 0, versions: [], retired: [] });
      expect(await store.lastApplied()).toBeNull();
    });

    it('stores versions and gives them back as they were', async () => {
      const odd = entityVersion('airport', {
        definition: {
          name: 'airport',
          key: [{ name: 'iata', type: { kind: 'string' } }],
          description: `it's "quoted" \\ \u0000 東京 😀`,
          tags: ['a,b', '"c"', ''],
          owner: 'ops',
        },
      });
      const snapshot = await store.apply(storing(odd), 0);
      revision = snapshot.revision;
      expect(snapshot).toEqual({ revision: 1, versions: [odd], retired: [] });
      const loaded = await store.load();
      expect(loaded).toEqual(snapshot);
      expect(JSON.stringify(loaded.versions[0]!.definition)).toBe(JSON.stringify(odd.definition));
    });

    it('orders by kind, name by bytes and version', async () => {
      const view = (viewName: string, version: number): RegisteredVersion =>
        entityVersion(viewName, { kind: 'view', version, hash: `${viewName}${version}` });
      await apply(storing(view('b', 2), view('b', 1), view('B', 1), view('a', 10), view('a', 9), entityVersion('z')));
      const { versions } = await store.load();
      expect(versions.map((stored) => `${stored.kind}.${stored.name}.${stored.version}`)).toEqual([
        'entity.airport.1',
        'entity.z.1',
        'view.B.1',
        'view.a.9',
        'view.a.10',
        'view.b.1',
        'view.b.2',
      ]);
    });

    it('updates what people read of a version, and refuses to change its meaning', async () => {
      const described = entityVersion('z', {
        definition: { name: 'z', key: [], description: 'now described' },
        updatedAt: '2001-06-02T00:00:00.000Z',
        createdAt: '2009-01-01T00:00:00.000Z',
      });
      await apply(storing(described));
      const stored = (await store.load()).versions.find((version) => version.name === 'z')!;
      expect(stored).toEqual({ ...described, createdAt: '2001-06-01T00:00:00.000Z' });
      const changed = storing(entityVersion('new'), entityVersion('z', { hash: 'another' }));
      await expect(store.apply(changed, revision)).rejects.toThrowError(/version 1 of entity z is stored with other/);
      const after = await store.load();
      expect(after.revision).toBe(revision);
      expect(after.versions.some((version) => version.name === 'new')).toBe(false);
    });

    it('retires and restores, any number of times', async () => {
      const retired = [{ kind: 'entity', name: 'z' } as const];
      const none = { versions: [], retire: [], restore: [], appliedBy: 'ops' };
      await apply({ ...none, retire: retired });
      await apply({ ...none, retire: retired });
      expect((await store.load()).retired).toEqual(retired);
      await apply({ ...none, restore: retired });
      await apply({ ...none, restore: retired });
      expect((await store.load()).retired).toEqual([]);
    });

    it('refuses a change that was planned on another revision, and writes nothing of it', async () => {
      for (const wrong of [revision - 1, revision + 1]) {
        const late = store.apply(storing(entityVersion('late')), wrong);
        await expect(late).rejects.toMatchObject({ code: 'CONFLICT' });
        await expect(late).rejects.toThrowError(
          `expected revision ${wrong}; got revision ${revision}, applied by ops at 20`,
        );
        await expect(late).rejects.toThrowError(/Plan again/);
      }
      expect(await store.lastApplied()).toMatchObject({ revision, appliedBy: 'ops' });
      expect((await store.load()).versions.some((version) => version.name === 'late')).toBe(false);
    });

    it('lets one of several concurrent changes through', async () => {
      const other = isShared ? await open() : store;
      const results = await Promise.allSettled(
        [0, 1, 2, 3, 4, 5].map((index) =>
          (index % 2 === 0 ? store : other).apply(storing(entityVersion(`racer${index}`)), revision),
        ),
      );
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const result of results) {
        if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'CONFLICT' });
      }
      const snapshot = await other.load();
      expect(snapshot.revision).toBe(revision + 1);
      expect(snapshot.versions.filter((version) => version.name.startsWith('racer'))).toHaveLength(1);
      revision = snapshot.revision;
      if (other !== store) await other[Symbol.asyncDispose]();
    });

    it('tells watchers of a newer revision, and no longer after their stop', async () => {
      const watcher = isShared ? await open() : store;
      await watcher.load();
      const told: number[] = [];
      const stopEarly = watcher.watch((newer) => told.push(newer));
      stopEarly();
      const next = nextRevision(watcher);
      await apply(storing(entityVersion('watched')));
      expect(await next.told).toBe(revision);
      next.stop();
      expect(told).toEqual([]);
      if (watcher !== store) await watcher[Symbol.asyncDispose]();
    });

    it('tells a watcher also of what came between its load and its watch', async () => {
      const watcher = isShared ? await open() : store;
      if (isShared) await watcher.load();
      await apply(storing(entityVersion('between')));
      if (isShared) {
        const next = nextRevision(watcher);
        expect(await next.told).toBe(revision);
        next.stop();
        await watcher[Symbol.asyncDispose]();
      }
    });

    it('keeps documents by collection and id', async () => {
      const document = { id: 'd1', text: `it's "x" \u0000`, list: [1, null, { deep: true }], b: 1, a: 2 };
      await store.putDocument('datasets', 'd1', document);
      await store.putDocument('incidents', 'd1', { other: true });
      expect(await store.getDocument('datasets', 'd1')).toEqual(document);
      expect(await store.getDocument('incidents', 'd1')).toEqual({ other: true });
      expect(await store.getDocument('datasets', 'absent')).toBeNull();
      await store.putDocument('datasets', 'd1', { replaced: true });
      expect(await store.getDocument('datasets', 'd1')).toEqual({ replaced: true });
    });

    it('lists documents newest first by creation, whatever was updated since', async () => {
      for (const id of ['m1', 'm2', 'm3']) await store.putDocument('materializations', id, { id });
      await store.putDocument('materializations', 'm1', { id: 'm1', done: true });
      expect(await store.listDocuments('materializations', 10)).toEqual([
        { id: 'm3' },
        { id: 'm2' },
        { id: 'm1', done: true },
      ]);
      expect(await store.listDocuments('materializations', 1)).toEqual([{ id: 'm3' }]);
      expect(await store.listDocuments('viewStates', 10)).toEqual([]);
    });

    it('lists of each view version the adoption of the fill that was begun last, by growing numbers', async () => {
      const fill = (token: string, version = 1) => ({ view: 'clicks', version, token });
      expect(await store.adoptions.list()).toEqual([]);
      const never = store.adoptions.publish(fill('a'), new Map());
      await expect(never).rejects.toMatchObject({ code: 'CONFLICT' });
      await store.adoptions.begin(fill('a'));
      await store.adoptions.begin(fill('b', 2));
      expect(await store.adoptions.list()).toEqual([]);
      const positions = new Map([
        ['topic/0', 7],
        ["it's/1", 2 ** 53 - 1],
      ]);
      const first = await store.adoptions.publish(fill('a'), positions);
      expect(first).toEqual({ ...fill('a'), number: first.number, positions: Object.fromEntries(positions) });
      const second = await store.adoptions.publish(fill('b', 2), new Map());
      expect(await store.adoptions.list()).toEqual([first, second]);
      const again = await store.adoptions.publish(fill('a'), new Map([['topic/0', 9]]));
      expect(await store.adoptions.list()).toEqual([second, again]);
      expect(second.number).toBeGreaterThan(first.number);
      expect(again.number).toBeGreaterThan(second.number);
      await store.adoptions.begin(fill('c'));
      expect(await store.adoptions.list()).toEqual([second]);
      await expect(store.adoptions.publish(fill('a'), new Map())).rejects.toMatchObject({ code: 'CONFLICT' });
      const last = await store.adoptions.publish(fill('c'), new Map());
      expect(await store.adoptions.list()).toEqual([second, last]);
    });

    it('tells of adoptions, and no longer after the stop', async () => {
      const watcher = isShared ? await open() : store;
      let told = 0;
      const stop = watcher.adoptions.watch(() => {
        told++;
      });
      await expect.poll(() => told, { timeout: 2_000 }).toBe(1);
      await store.adoptions.publish({ view: 'clicks', version: 1, token: 'c' }, new Map());
      await expect.poll(() => told, { timeout: 1_000 }).toBe(2);
      stop();
      await store.adoptions.publish({ view: 'clicks', version: 1, token: 'c' }, new Map());
      if (watcher !== store) await watcher[Symbol.asyncDispose]();
      expect(told).toBe(2);
    });

    it('gives the lead to one at a time, and to the next when that one ends', async () => {
      const stop = new AbortController();
      const told: string[] = [];
      const leads = [store, isShared ? await open() : null].flatMap((one, index) => {
        if (one === null) return [];
        let end = (): void => {};
        const work = async (): Promise<void> => {
          told.push(`begins ${index}`);
          await new Promise<void>((resolve) => {
            end = resolve;
          });
          told.push(`ends ${index}`);
        };
        return [{ one, done: one.lead(work, stop.signal), end: () => end() }];
      });
      await expect.poll(() => told).toHaveLength(1);
      for (const index of told[0] === 'begins 0' ? [0, 1] : [1, 0]) {
        if (leads[index] === undefined) continue;
        await expect.poll(() => told.at(-1), { timeout: 5_000 }).toBe(`begins ${index}`);
        leads[index].end();
        await leads[index].done;
      }
      expect(told.filter((_, index) => index % 2 === 1)).toEqual(
        told.flatMap((line) => (line.startsWith('ends') ? line : [])),
      );
      const failing = store.lead(async () => {
        throw new Error('of the work');
      }, stop.signal);
      await expect(failing).rejects.toThrowError('of the work');
      stop.abort();
      await store.lead(async () => void told.push('never'), stop.signal);
      expect(told).not.toContain('never');
      for (const { one } of leads) if (one !== store) await one[Symbol.asyncDispose]();
    });

    it('finds everything again when it is opened anew', async () => {
      const before = await store.load();
      await store[Symbol.asyncDispose]();
      store = await open();
      expect(await store.load()).toEqual(before);
      expect(await store.getDocument('datasets', 'd1')).toEqual({ replaced: true });
    });
  });
}
