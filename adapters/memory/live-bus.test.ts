import { describe, expect, it } from 'vitest';
import { collect, liveBusContract, revision } from '../../test/contracts/live-bus.ts';
import { createMemoryLiveBus } from './live-bus.ts';

liveBusContract('memory', async (bufferSize) => createMemoryLiveBus({ bufferSize }));

describe('createMemoryLiveBus', () => {
  it('answers a cursor of an earlier process with a gap and all it has', async () => {
    const earlier = createMemoryLiveBus();
    const before = await collect(earlier, ['registryChange']);
    await earlier.publish(revision(1));
    await before.got(1);

    const bus = createMemoryLiveBus();
    await bus.publish(revision(2));
    const resumed = await collect(bus, ['registryChange'], before.events[0]!.cursor);
    await bus.publish(revision(3));
    expect(await resumed.got(2)).toEqual(['gap', revision(2), revision(3)]);
  });

  it('keeps a listener that throws from harming the publisher and the others', async () => {
    const errors: unknown[] = [];
    const bus = createMemoryLiveBus({ onListenerError: (error) => errors.push(error) });
    const failure = new Error('a listener must not');
    const onEvent = () => {
      throw failure;
    };
    await bus.subscribe(['registryChange'], { onEvent, onGap() {} });
    const other = await collect(bus, ['registryChange']);
    await bus.publish(revision(1));
    expect(await other.got(1)).toEqual([revision(1)]);
    expect(errors).toEqual([failure]);
  });

  it('keeps updates that name many keys no longer than they are affordable', async () => {
    const bus = createMemoryLiveBus({ bufferedKeys: 10 });
    const first = await collect(bus, ['featureUpdate']);
    const update = (keys: number) =>
      bus.publish({
        kind: 'featureUpdate',
        view: 'v',
        version: 1,
        keys: Array.from({ length: keys }, (_, key) => [key]),
        eventTime: 0,
        arrival: 0,
      });
    const resumed = async (after: number, count: number) => {
      const heard = await (await collect(bus, ['featureUpdate'], first.events[after]!.cursor)).got(count);
      return heard.map((one) => (one !== 'gap' && one.kind === 'featureUpdate' ? one.keys.length : one));
    };
    for (const keys of [1, 4, 5]) await update(keys);
    await first.got(3);
    expect(await resumed(0, 2)).toEqual([4, 5]);
    await update(3);
    expect(await resumed(0, 2)).toEqual(['gap', 5, 3]);
    expect(await resumed(1, 2)).toEqual([5, 3]);
    await update(20);
    await first.got(5);
    expect(await resumed(3, 1)).toEqual([20]);
  });

  it('works without a buffer', async () => {
    const bus = createMemoryLiveBus({ bufferSize: 0 });
    const first = await collect(bus, ['registryChange']);
    await bus.publish(revision(1));
    await first.got(1);
    const again = await collect(bus, ['registryChange'], first.events[0]!.cursor);
    await bus.publish(revision(2));
    expect(await again.got(1)).toEqual([revision(2)]);
    const late = await collect(bus, ['registryChange'], first.events[0]!.cursor);
    await bus.publish(revision(3));
    expect(await late.got(1)).toEqual(['gap', revision(3)]);
  });
});
