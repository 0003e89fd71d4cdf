import { expect, it } from 'vitest';
import { createManualClock } from '../../adapters/clock/manual-clock.ts';
import { createMemoryDocuments } from '../../test/pipelines/memory-documents.ts';
import { followReplayStart, startReplay } from './replay-start.ts';

it('begins a shared replay for all at one instant to come, and for who comes later at the same', async () => {
  const at = Date.UTC(2026, 0, 1);
  const systemClock = createManualClock({ at });
  const documents = createMemoryDocuments();
  const { signal } = new AbortController();
  const released: (number | undefined)[] = [];
  const follow = () =>
    followReplayStart({
      documents,
      clock: { release: (atMillis) => void released.push(atMillis) },
      systemClock,
      signal,
    });
  const early = [follow(), follow()];
  await systemClock.advance(10_000);
  expect(released).toEqual([]);
  await startReplay(documents, systemClock);
  await systemClock.advance(1_000);
  await Promise.all(early);
  const startsAt = released[0]!;
  expect(startsAt).toBeGreaterThan(systemClock.nowMillis());
  await systemClock.advance(60_000);
  await startReplay(documents, systemClock);
  await follow();
  expect(released).toEqual([startsAt, startsAt, startsAt]);
});

it('ends with its process, and waits while the registry is away', async () => {
  const systemClock = createManualClock({ at: 0 });
  const stopping = new AbortController();
  let asked = 0;
  const following = followReplayStart({
    documents: {
      getDocument: async () => {
        asked++;
        throw new Error('away');
      },
    },
    clock: { release: () => expect.unreachable() },
    systemClock,
    signal: stopping.signal,
  });
  for (let look = 0; look < 4; look++) {
    await new Promise((resolve) => setImmediate(resolve));
    await systemClock.advance(500);
  }
  expect(asked).toBeGreaterThan(2);
  stopping.abort();
  await following;
});
