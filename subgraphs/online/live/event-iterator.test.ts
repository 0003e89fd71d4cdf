import { describe, expect, it, vi } from 'vitest';
import { createBoundedBuffer, createConflatingBuffer, createEventIterator } from './event-iterator.ts';

const atMost = (events: number) => ({ events, size: 100, sizeOf: () => 1 });

describe('an event iterator', () => {
  it('gives what was offered before and after it was asked, in order', async () => {
    const events = createEventIterator(createBoundedBuffer<string>(atMost(10)), () => {});
    events.offer('a');
    expect((await events.next()).value).toEqual({ event: 'a', dropped: 0 });
    const later = events.next();
    events.offer('b');
    expect((await later).value).toEqual({ event: 'b', dropped: 0 });
  });

  it('ends a waiting next() and tells its source once when the subscriber leaves', async () => {
    const onClose = vi.fn();
    const events = createEventIterator(createBoundedBuffer<string>(atMost(10)), onClose);
    const parked = events.next();
    await events.return();
    await events.return();
    expect(await parked).toEqual({ done: true, value: undefined });
    expect(onClose).toHaveBeenCalledTimes(1);
    events.offer('late');
    expect(await events.next()).toEqual({ done: true, value: undefined });
  });

  it('keeps the newest when its buffer is full, and says how many it dropped', async () => {
    const events = createEventIterator(createBoundedBuffer<number>(atMost(3)), () => {});
    for (let n = 0; n < 10; n++) events.offer(n);
    expect((await events.next()).value).toEqual({ event: 7, dropped: 7 });
    expect((await events.next()).value).toEqual({ event: 8, dropped: 0 });
  });

  it('drops large events sooner, but never the newest', async () => {
    const buffer = createBoundedBuffer<number>({ events: 10, size: 100, sizeOf: (size) => size });
    for (const size of [40, 50, 60, 500, 30]) buffer.offer(size);
    expect([buffer.take(), buffer.take()]).toEqual([{ event: 30, dropped: 4 }, undefined]);
    buffer.offer(500);
    expect(buffer.take()).toEqual({ event: 500, dropped: 0 });
  });

  it('conflates to the latest of each key, the key that waited longest first', async () => {
    const buffer = createConflatingBuffer<{ key: string; value: number }>(({ key }) => key);
    const events = createEventIterator(buffer, () => {});
    events.offer({ key: 'ATL', value: 1 });
    events.offer({ key: 'ORD', value: 2 });
    events.offer({ key: 'ATL', value: 3 });
    expect((await events.next()).value).toEqual({ key: 'ATL', value: 3 });
    expect((await events.next()).value).toEqual({ key: 'ORD', value: 2 });
  });

  it('hands over what waits and what comes, and keeps it while who takes it is busy', async () => {
    const events = createEventIterator(
      createConflatingBuffer<{ key: string; value: number }>(({ key }) => key),
      () => {},
    );
    const taken: number[] = [];
    const rooms: (() => void)[] = [];
    let isFull = false;
    events.offer({ key: 'ATL', value: 1 });
    const over = events.handOver(({ value }) => {
      taken.push(value);
      return isFull ? new Promise((resolve) => rooms.push(() => resolve(null))) : null;
    });
    events.offer({ key: 'ATL', value: 2 });
    expect(taken).toEqual([1, 2]);
    isFull = true;
    for (const value of [3, 4, 5]) events.offer({ key: 'ATL', value });
    events.offer({ key: 'ORD', value: 6 });
    expect(taken).toEqual([1, 2, 3]);
    isFull = false;
    rooms.shift()!();
    await Promise.resolve();
    expect(taken).toEqual([1, 2, 3, 5, 6]);
    await events.return();
    await over;
    events.offer({ key: 'ATL', value: 7 });
    expect(taken).toHaveLength(5);
  });

  it.each([
    [
      'at once',
      () => {
        throw new Error('broken');
      },
    ],
    ['later', () => Promise.reject(new Error('broken'))],
  ])('ends when who takes its events fails %s, and whoever offers them hears nothing of it', async (_when, take) => {
    const onClose = vi.fn();
    const events = createEventIterator(createBoundedBuffer<string>(atMost(10)), onClose);
    const over = events.handOver(take);
    events.offer('a');
    await expect(over).rejects.toThrow('broken');
    events.offer('b');
    expect(onClose).toHaveBeenCalledTimes(1);
  });

  it('has nothing to hand over when it is over', async () => {
    const events = createEventIterator(createBoundedBuffer<string>(atMost(10)), () => {});
    await events.return();
    await events.handOver(() => {
      throw new Error('not to be called');
    });
  });
});
