import { describe, expect, it, onTestFinished } from 'vitest';
import type { FreshnessReport } from '../../core/ports/freshness.ts';
import { deadLettersContract } from '../../test/contracts/dead-letters.ts';
import { eventLogContract } from '../../test/contracts/event-log.ts';
import { collect, liveBusContract, revision } from '../../test/contracts/live-bus.ts';
import { registryStoreContract } from '../../test/contracts/registry-store.ts';
import { linkedPair } from '../../test/doubles/linked-pair.ts';
import { createMapRegistryStore } from '../../test/doubles/map-registry-store.ts';
import { temporaryFolders } from '../../test/processes/temporary-folders.ts';
import { createManualClock } from '../clock/manual-clock.ts';
import { createFileDeadLetters } from '../files/dead-letters.ts';
import { createLocalEventLog } from '../local-log/event-log.ts';
import { createMemoryLiveBus } from '../memory/live-bus.ts';
import { openPgliteRegistry } from '../pglite/registry-store.ts';
import { createLinkedDeadLetters, deadLettersCalls } from './dead-letters.ts';
import { createLinkedEventLog, eventLogCalls } from './event-log.ts';
import { followLinkedReports, freshnessStreams } from './freshness.ts';
import { createLinkedLiveBus, liveBusCalls, liveBusStreams } from './live-bus.ts';
import { createLinkedRegistry, registryCalls, registryStreams } from './registry-store.ts';

const folder = temporaryFolders('linked');
const registryFolder = folder();
const clock = createManualClock({ at: 1_000_000 });
const onListenerError = (error: unknown) => expect.unreachable(String(error));

/** What workers ask over a link, and the rest of the store as it is. */
async function linked<T extends AsyncDisposable>(
  store: T,
  link: (store: T, pair: ReturnType<typeof linkedPair>) => Partial<T>,
) {
  const pair = linkedPair();
  return {
    ...store,
    ...link(store, pair),
    async [Symbol.asyncDispose]() {
      pair.close();
      await store[Symbol.asyncDispose]();
    },
  };
}

eventLogContract('a local log through a link', (partitions) =>
  linked(createLocalEventLog({ folder: folder(), clock, partitions }), (log, { here, there }) => {
    here.offer(eventLogCalls(async () => log));
    return createLinkedEventLog(there);
  }),
);

deadLettersContract('files through a link', () =>
  linked(createFileDeadLetters({ folder: folder() }), (letters, { here, there }) => {
    here.offer(deadLettersCalls(async () => letters));
    return createLinkedDeadLetters(there);
  }),
);

registryStoreContract('pglite through a link', {
  open: async () =>
    linked(await openPgliteRegistry({ folder: registryFolder }), (store, { here, there }) => {
      here.offer(
        registryCalls(async () => store),
        registryStreams(async () => store),
      );
      return createLinkedRegistry(there);
    }),
  isShared: false,
});

liveBusContract('the memory bus through a link', async (bufferSize) => {
  const { here, there, close } = linkedPair();
  const bus = createMemoryLiveBus({ bufferSize });
  here.offer(
    liveBusCalls(async () => bus),
    liveBusStreams(async () => bus),
  );
  const mirror = createLinkedLiveBus({ link: there, bufferSize, onListenerError });
  return {
    ...mirror,
    async [Symbol.asyncDispose]() {
      await mirror[Symbol.asyncDispose]();
      close();
    },
  };
});

describe('a linked bus', () => {
  it('goes on from what another worker told, though it began later, and knows what it cannot know', async () => {
    const bus = createMemoryLiveBus({ bufferSize: 3 });
    const worker = () => {
      const { here, there, close } = linkedPair();
      onTestFinished(close);
      here.offer(
        liveBusCalls(async () => bus),
        liveBusStreams(async () => bus),
      );
      return createLinkedLiveBus({ link: there, bufferSize: 3, onListenerError });
    };
    const first = await collect(worker(), ['registryChange']);
    for (const number of [1, 2, 3, 4, 5]) await bus.publish(revision(number));
    await first.got(5);
    const cursorOf = (number: number) => first.events[number - 1]!.cursor;

    const whole = await collect(worker(), ['registryChange'], cursorOf(2));
    expect(await whole.got(3)).toEqual([3, 4, 5].map(revision));
    const lossy = await collect(worker(), ['registryChange'], cursorOf(1));
    expect(await lossy.got(3)).toEqual(['gap', ...[3, 4, 5].map(revision)]);
    await bus.publish(revision(6));
    expect(await whole.got(4)).toEqual([3, 4, 5, 6].map(revision));
  });
});

describe('a linked registry', () => {
  it('tells when the store is lost and found again, and what came between a look and the watch', async () => {
    const { here, there, close } = linkedPair();
    onTestFinished(close);
    const registry = createMapRegistryStore();
    let tellContact: (lost: unknown) => void = () => {};
    const store = {
      ...registry,
      watch(onRevision: (newer: number) => void, onContact: (lost: unknown) => void = () => {}) {
        tellContact = onContact;
        return registry.watch(onRevision);
      },
    };
    here.offer(
      registryCalls(async () => store),
      registryStreams(async () => store),
    );
    const worker = createLinkedRegistry(there);
    await worker.load();
    await registry.apply({ versions: [], retire: [], restore: [], appliedBy: 'ops' }, 0);
    const told: unknown[] = [];
    const stop = worker.watch(
      (newer) => told.push(newer),
      (lost) => told.push(lost),
    );
    await expect.poll(() => told).toEqual([1]);
    tellContact(new Error('away'));
    tellContact(null);
    await expect.poll(() => told).toEqual([1, expect.objectContaining({ message: 'away' }), null]);
    stop();
  });
});

it('follows the reports of freshness', async () => {
  const { here, there, close } = linkedPair();
  onTestFinished(close);
  const report = (view: string, ageMillis: number) => ({ view, ageMillis }) as FreshnessReport;
  let tell: (reports: readonly FreshnessReport[]) => void = () => {};
  here.offer(
    {},
    freshnessStreams(async () => (teller) => {
      tell = teller;
      tell([report('a', 1)]);
      return () => {};
    }),
  );
  const monitor = await followLinkedReports(there);
  expect([monitor.report('a'), monitor.report('b')]).toEqual([report('a', 1), null]);
  tell([report('b', 2)]);
  await expect.poll(() => monitor.report('b')).toEqual(report('b', 2));
  expect(monitor.report('a')).toBeNull();
});
