import type { Cluster } from 'ioredis';
import { expect, it } from 'vitest';
import { followTopology } from './topology.ts';

it('asks a cluster that is ready once a second, until it is told to end', async () => {
  const over = new AbortController();
  let asked = 0;
  const cluster = { status: 'connecting', refreshSlotsCache: () => asked++ };
  let seconds = 0;
  const clock = {
    nowMillis: () => seconds * 1_000,
    async sleep(millis: number, signal?: AbortSignal) {
      expect(millis).toBe(1_000);
      signal?.throwIfAborted();
      seconds++;
      if (seconds === 2) cluster.status = 'ready';
      if (seconds === 5) over.abort();
    },
  };
  await followTopology(cluster as unknown as Cluster, clock, over.signal);
  expect({ asked, seconds }).toEqual({ asked: 3, seconds: 5 });
});
