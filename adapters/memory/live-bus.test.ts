import { describe, expect, it } from 'vitest';
import type { LiveEvent } from '../../core/ports/live-bus.ts';
import { liveBusContract } from '../../test/contracts/live-bus.ts';
import { createMemoryLiveBus } from './live-bus.ts';

liveBusContract('memory', async (bufferSize) => createMemoryLiveBus({ bufferSize }));

describe('createMemoryLiveBus', () => {
  it('answers a cursor of an earlier process with lagged and all it has', async () => {
    const earlier = createMemoryLiveBus();
    const cursors: string[] = [];
    earlier.subscribe(['registryChange'], ({ cursor }) => cursors.push(cursor));
    await earlier.publish({ kind: 'registryChange', revision: 1 });

    const bus = createMemoryLiveBus();
    const kept: LiveEvent[] = [];
    await bus.publish({ kind: 'registryChange', revision: 2 });
    const subscription = bus.subscribe(['registryChange'], (event) => kept.push(event), cursors[0]);
    expect(subscription.lagged).toBe(true);
    await bus.publish({ kind: 'registryChange', revision: 3 });
    expect(kept.map(({ message }) => message)).toEqual([
      { kind: 'registryChange', revision: 2 },
      { kind: 'registryChange', revision: 3 },
    ]);
  });

  it('keeps a listener that throws from harming the publisher and the others', async () => {
    const errors: unknown[] = [];
    const bus = createMemoryLiveBus({ onListenerError: (error) => errors.push(error) });
    const seen: LiveEvent[] = [];
    const failure = new Error('a listener must not');
    bus.subscribe(['registryChange'], () => {
      throw failure;
    });
    bus.subscribe(['registryChange'], (event) => seen.push(event));
    await bus.publish({ kind: 'registryChange', revision: 1 });
    expect(seen).toHaveLength(1);
    expect(errors).toEqual([failure]);
  });

  it('keeps updates that name many keys no longer than they are affordable', async () => {
    const bus = createMemoryLiveBus({ bufferedKeys: 10 });
    const first: LiveEvent[] = [];
    bus.subscribe(['featureUpdate'], (event) => first.push(event));
    const update = (keys: number) =>
      bus.publish({
        kind: 'featureUpdate',
        view: 'v',
        version: 1,
        keys: Array.from({ length: keys }, (_, key) => [key]),
        eventTime: 0,
        arrival: 0,
      });
    const resumed = async (after: number) => {
      const sizes: number[] = [];
      const { lagged } = bus.subscribe(
        ['featureUpdate'],
        ({ message }) => message.kind === 'featureUpdate' && sizes.push(message.keys.length),
        first[after]!.cursor,
      );
      await Promise.resolve();
      return { lagged, sizes };
    };
    for (const keys of [1, 4, 5]) await update(keys);
    expect(await resumed(0)).toEqual({ lagged: false, sizes: [4, 5] });
    await update(3);
    expect(await resumed(0)).toEqual({ lagged: true, sizes: [5, 3] });
    expect(await resumed(1)).toEqual({ lagged: false, sizes: [5, 3] });
    await update(20);
    expect(await resumed(3)).toEqual({ lagged: false, sizes: [20] });
  });

  it('works without a buffer', async () => {
    const bus = createMemoryLiveBus({ bufferSize: 0 });
    const seen: LiveEvent[] = [];
    bus.subscribe(['registryChange'], (event) => seen.push(event));
    await bus.publish({ kind: 'registryChange', revision: 1 });
    const again = bus.subscribe(['registryChange'], (event) => seen.push(event), seen[0]!.cursor);
    expect(again.lagged).toBe(false);
    await bus.publish({ kind: 'registryChange', revision: 2 });
    expect(seen).toHaveLength(3);
  });
});
