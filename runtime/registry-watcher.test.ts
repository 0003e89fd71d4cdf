import { describe, expect, it } from 'vitest';
import type { RegistryStore } from '../core/ports/registry-store.ts';
import { planChange } from '../core/registry/plan.ts';
import { createMapRegistryStore } from '../test/doubles/map-registry-store.ts';
import { definitions } from '../test/registry/registry-world.ts';
import { createRegistryWatcher } from './registry-watcher.ts';

const now = '2026-01-01T00:00:00.000Z';

async function applyOwner(store: RegistryStore, owner: string): Promise<void> {
  const snapshot = await store.load();
  const views = definitions.views.map((view) => ({ ...view, owner }));
  await store.apply(planChange(snapshot, { ...definitions, views }, now).change, snapshot.revision);
}

describe('registry watcher', () => {
  it('compiles each revision once and tells its listeners', async () => {
    const store = createMapRegistryStore();
    const watcher = await createRegistryWatcher({ store, onError: () => expect.unreachable() });
    expect(watcher.current().compiled.revision).toBe(0);
    const heard: number[] = [];
    const stop = watcher.onChange(({ compiled }) => heard.push(compiled.revision));
    await applyOwner(store, 'a');
    const { compiled } = await watcher.refresh();
    expect([...compiled.views.keys()].sort()).toEqual(['airport_facts', 'origin_delays', 'route_delays']);
    await Promise.all([watcher.refresh(), watcher.refresh()]);
    expect(watcher.current().compiled).toBe(compiled);
    expect(heard).toEqual([1]);
    stop();
    await applyOwner(store, 'b');
    await watcher.refresh();
    expect(heard).toEqual([1]);
  });

  it('follows what another process applied, by its own look when nobody tells it', async () => {
    const store = createMapRegistryStore();
    store.silent = true;
    const watcher = await createRegistryWatcher({ store, onError: () => expect.unreachable() });
    await applyOwner(store, 'a');
    expect(watcher.current().compiled.revision).toBe(0);
    expect((await watcher.refresh()).compiled.revision).toBe(1);
    await watcher[Symbol.asyncDispose]();
  });

  it('keeps what it has when a newer revision cannot be read, and says so', async () => {
    const store = createMapRegistryStore();
    const errors: unknown[] = [];
    const broken: RegistryStore = { ...store, load: () => Promise.reject(new Error('gone')) };
    const flaky: RegistryStore = {
      ...store,
      load: () => (errors.length === 0 && isDown ? broken.load() : store.load()),
    };
    let isDown = false;
    const watcher = await createRegistryWatcher({ store: flaky, onError: (error) => errors.push(error) });
    isDown = true;
    await applyOwner(store, 'a');
    await expect(watcher.refresh()).rejects.toThrow('gone');
    isDown = false;
    expect((await watcher.refresh()).compiled.revision).toBe(1);
    expect(errors).toEqual([new Error('gone')]);
  });
});
