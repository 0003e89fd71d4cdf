import { describe, expect, it } from 'vitest';
import { createPushStream, mapStream, type Take } from './streams.ts';

function listen(enqueue: (queue: number[], value: number) => void = (queue, value) => queue.push(value)) {
  let ends = 0;
  const stream = createPushStream<number>({ enqueue, onEnd: () => ends++ });
  return { stream, ends: () => ends };
}

describe('push stream', () => {
  it('delivers in order, whether the reader waits or comes later', async () => {
    const { stream } = listen();
    const early = stream.values.next();
    for (const value of [1, 2, 3]) stream.push(value);
    expect([await early, await stream.values.next(), await stream.values.next()].map(({ value }) => value)).toEqual([
      1, 2, 3,
    ]);
  });

  it('ends a parked reader and its source, once', async () => {
    const { stream, ends } = listen();
    const parked = stream.values.next();
    await stream.values.return();
    expect(await parked).toEqual({ done: true, value: undefined });
    await stream.values.return();
    expect([ends(), stream.push(1)]).toEqual([1, false]);
  });

  it('delivers what is queued before it ends', async () => {
    const { stream, ends } = listen();
    stream.push(1);
    stream.end();
    expect([stream.push(2), ends()]).toEqual([false, 0]);
    const seen = [];
    for await (const value of stream.values) seen.push(value);
    expect([seen, ends()]).toEqual([[1], 1]);
  });

  it('lets its owner bound the queue', async () => {
    const { stream } = listen((queue, value) => queue.splice(0, queue.length, value));
    for (const value of [1, 2, 3]) stream.push(value);
    expect((await stream.values.next()).value).toBe(3);
  });
});

describe('mapped stream', () => {
  it('maps each value and ends with its source', async () => {
    const { stream, ends } = listen();
    for (const value of [1, 2]) stream.push(value);
    stream.end();
    let ended = 0;
    const seen = [];
    for await (const value of mapStream(
      stream.values,
      async (value) => value * 10,
      () => ended++,
    ))
      seen.push(value);
    expect([seen, ended, ends()]).toEqual([[10, 20], 1, 1]);
  });

  it('frees the source when the reader leaves, and when mapping fails', async () => {
    const left = listen();
    const leaving = mapStream(left.stream.values, (value) => value);
    const parked = leaving.next();
    await leaving.return();
    expect([(await parked).done, left.ends()]).toEqual([true, 1]);

    const failed = listen();
    failed.stream.push(1);
    const failing = mapStream(failed.stream.values, () => Promise.reject(new Error('no')));
    await expect(failing.next()).rejects.toThrow('no');
    expect([(await failing.next()).done, failed.ends()]).toEqual([true, 1]);
  });
});

describe('a stream that hands over', () => {
  const never = new Promise<IteratorResult<number, void>>(() => {});

  /** Hands over these, then ends, or fails. */
  function handing(values: readonly number[], failure: Error | null = null) {
    const source = {
      returned: 0,
      next: () => never,
      async return() {
        source.returned++;
        return { done: true, value: undefined } as const;
      },
      async handOver(take: Take<number>): Promise<void> {
        for (const value of values) await take(value);
        if (failure !== null) throw failure;
      },
    };
    return source;
  }

  it('is mapped as it is when it is asked, and waits for what takes time', async () => {
    let ends = 0;
    const mapped = mapStream(
      handing([1, 2, 3]),
      (value) => (value === 2 ? Promise.resolve('later') : String(value)),
      () => ends++,
    );
    const taken: string[] = [];
    await mapped.handOver!((value) => {
      taken.push(value);
      return Promise.resolve();
    });
    expect([taken, ends]).toEqual([['1', 'later', '3'], 1]);
  });

  it.each([
    ['the source', handing([1], new Error('broken')), (value: number) => value],
    [
      'the map',
      handing([1]),
      (): number => {
        throw new Error('broken');
      },
    ],
    ['the map, later', handing([1]), () => Promise.reject<number>(new Error('broken'))],
  ])('ends its source when %s fails, and says so', async (_what, source, map) => {
    await expect(mapStream(source, map).handOver!(() => null)).rejects.toThrow('broken');
    expect(source.returned).toBe(1);
  });

  it('does not, where its source does not', () => {
    expect(mapStream(createPushStream<number>({ enqueue: () => {}, onEnd: () => {} }).values, String).handOver).toBe(
      undefined,
    );
  });
});
