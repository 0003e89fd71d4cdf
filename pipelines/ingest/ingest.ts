import type { LogBatch } from '../../core/ports/event-log.ts';
import { linkSignals } from '../../core/time/linked-signal.ts';
import { createBell } from '../bell.ts';
import { createAdoptedViews } from './adoption.ts';
import { createBatchApplier } from './apply-batch.ts';
import { catchUpOffline } from './catch-up.ts';
import type { IngestDeps, IngestLimits } from './deps.ts';
import { createFlusher } from './flusher.ts';
import { createGate } from './gate.ts';
import { createLetterBox } from './letters.ts';
import { createAppliedOffsets } from './offsets.ts';
import { createPoisonSieve, isPassing } from './poison.ts';
import { routesByRevision, type TopicRoutes } from './routes.ts';
import { createIngestStatistics, type IngestStatistics } from './statistics.ts';
import { createTroubles } from './troubles.ts';

/**
 * Event log → online and offline stores. At any moment each record has been counted at most once in both. Several of them,
 * in processes of their own, share the partitions of one consumer group: which partition is whose may change at any time,
 * for both stores skip what they hold, whoever applied it.
 */
export interface Ingest extends AsyncDisposable {
  /** Resolves when the consumer runs. */
  start(): Promise<void>;
  /** Ends the consumer, writes the tail and commits. */
  stop(): Promise<void>;
  /** Resolves when nothing is being applied; batches wait until `resume`. */
  pause(): Promise<void>;
  resume(): void;
  /** Takes up topics of new sources; call it after every registry change. */
  registryChanged(): Promise<void>;
  /** Makes what was applied durable offline and commits it. */
  flush(): Promise<void>;
  /** Per partition, the next offset to apply; what lies before is in both stores. */
  nextOffsets(topic: string): ReadonlyMap<number, number>;
  /** Whether the partition is this process's to apply, rather than another member's of the group. */
  owns(topic: string, partition: number): boolean;
  /** The partitions that the group gave to this process. */
  assigned(topic: string): readonly number[];
  readonly statistics: IngestStatistics;
  /** What keeps it from applying records at present, one sentence each. */
  troubles(): readonly string[];
}

/** The consumer group of all ingest processes. */
export const ingestGroup = 'ingest';

const defaultLimits: IngestLimits = {
  group: ingestGroup,
  maxBatchRecords: 4_000,
  flushRecords: 50_000,
  flushMillis: 60_000,
};

const retryMillis = 1_000;

/** What its consumer reads, of which no partition can be told while that fails. */
const theLog = 'the event log';
/** A consumer that may join and not read fails again within seconds; meanwhile nothing tells it from one with nothing to do. */
const consumerMillis = 30_000;

/** So often a batch fails, for another reason than a store that does not answer, before what makes it fail is looked for. */
const patience = 3;

export function createIngest(given: IngestDeps): Ingest {
  const deps = { ...given, deadLetters: createLetterBox(given.deadLetters) };
  const { log, systemClock } = deps;
  const limits = { ...defaultLimits, ...deps.limits };
  const gate = createGate();
  const offsets = createAppliedOffsets(log, limits.group);
  const statistics = createIngestStatistics();
  const views = createAdoptedViews({ ...deps, offsets });
  const flusher = createFlusher({ ...deps, offsets, gate, note: views.note });
  const published = createBell();
  const troubles = createTroubles(systemClock);
  const apply = createBatchApplier({ ...deps, fillOf: views.fillOf }, statistics);
  const applyApart = createPoisonSieve(apply, deps);
  /** What the registry says now, and what records are applied by: the first becomes the second in `takeUp`. */
  const newestRoutes = routesByRevision(deps.registry);
  let routes: TopicRoutes = new Map();

  let running: { readonly stop: AbortController; readonly done: Promise<unknown> } | null = null;
  let round = new AbortController();
  let consumed: readonly string[] = [];
  async function onBatch({ topic, partition, records }: LogBatch, isStuck: boolean): Promise<void> {
    // First of all: a new source needs what its topic held before, or its history would begin with this batch.
    await takeUp();
    // A restarted consumer delivers again from the committed offset what this process has applied since.
    const next = offsets.next(topic).get(partition) ?? 0;
    const fresh = (records[0]?.offset ?? next) >= next ? records : records.filter(({ offset }) => offset >= next);
    const last = fresh.at(-1);
    if (last === undefined) return;
    const batch = { topic, partition, records: fresh };
    await (isStuck ? applyApart : apply)(batch, routes.get(topic) ?? []);
    offsets.advance(topic, partition, last.offset + 1);
    flusher.add(fresh.length);
    if (flusher.pending >= limits.flushRecords) await flusher.beside(routes);
  }

  /** Follows the registry; only inside the gate. */
  async function takeUp(): Promise<void> {
    const next = newestRoutes();
    if (next === routes) return;
    await offsets.load(next.keys());
    // By the routes until now: what a source that is no more has left in its tail would be committed and lost.
    if (flusher.pending > 0) await flusher.all(routes);
    for (const [topic, sources] of next) {
      for (const { source } of sources) await catchUpOffline(deps, source, topic, offsets.next(topic));
    }
    routes = next;
  }

  /**
   * A new owner brings offline, for each source, what lies before the group's offset and is not there: the owner before
   * may have committed without knowing of a source that was added.
   */
  async function takeOver(partitions: ReadonlyMap<string, readonly number[]>): Promise<void> {
    await takeUp();
    const taken = await offsets.assign(partitions);
    deps.deadLetters.forget();
    for (const [topic, own] of partitions) {
      const next = new Map([...offsets.next(topic)].filter(([partition]) => own.includes(partition)));
      for (const { source } of routes.get(topic) ?? []) await catchUpOffline(deps, source, topic, next);
    }
    await views.takeOver(taken);
    await sayWhatIsAdopted();
  }

  /** Only inside the gate. The offsets stay what they were: they wait for what was applied to become durable. */
  async function sayWhatIsAdopted(): Promise<void> {
    await offsets.renote(views.note());
    deps.onCommitted?.();
  }

  async function release(): Promise<void> {
    try {
      await flusher.all(routes);
    } finally {
      offsets.suspend();
    }
  }

  /** Until it is applied: who left the group at each failure of a store would have the others stop and share anew. */
  async function tryOn(batch: LogBatch, signal: AbortSignal): Promise<void> {
    const place = `${batch.topic}/${batch.partition}`;
    try {
      for (let failures = 0; ; ) {
        try {
          await gate.batch(() => onBatch(batch, failures >= patience), signal);
          return troubles.over(theLog);
        } catch (error) {
          signal.throwIfAborted();
          if (!isPassing(error)) failures++;
          troubles.failed(place, error);
          deps.onError(error);
          await systemClock.sleep(retryMillis, signal);
        }
      }
    } finally {
      troubles.over(place);
    }
  }

  async function consume(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      using either = linkSignals(signal, round.signal);
      const ended = either.signal;
      const topics = [...newestRoutes().keys()];
      consumed = topics;
      try {
        // Nothing to consume yet: wait for the registry.
        if (topics.length === 0) await aborted(ended);
        await log.consume({
          group: limits.group,
          topics,
          maxBatchRecords: limits.maxBatchRecords,
          signal: ended,
          onBatch: async (batch, leaving) => {
            using gone = linkSignals(ended, leaving);
            return await tryOn(batch, gone.signal);
          },
          onAssigned: (partitions) => gate.exclusive(() => takeOver(partitions)),
          onReleasing: () => gate.exclusive(release),
        });
      } catch (error) {
        if (ended.aborted) continue;
        troubles.failed(theLog, error, consumerMillis);
        deps.onError(error);
        await systemClock.sleep(retryMillis, signal).catch(() => {});
      } finally {
        offsets.suspend();
      }
    }
  }

  async function followAdoptions(signal: AbortSignal): Promise<void> {
    const stop = deps.adoptions.watch(published.ring);
    published.ring();
    while (!signal.aborted) {
      await published.heard(signal);
      try {
        if (signal.aborted) break;
        await views.adopt(gate.exclusive);
        await gate.exclusive(sayWhatIsAdopted);
      } catch (error) {
        if (signal.aborted) break;
        deps.onError(error);
        published.ring();
        await systemClock.sleep(retryMillis, signal).catch(() => {});
      }
    }
    stop();
  }

  async function flushNowAndThen(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await systemClock.sleep(limits.flushMillis, signal);
        if (flusher.pending > 0) await gate.exclusive(() => flusher.beside(routes));
      } catch (error) {
        if (!signal.aborted) deps.onError(error);
      }
    }
  }

  const ingest: Ingest = {
    statistics,
    troubles: troubles.sentences,
    async start() {
      if (running !== null) return;
      await gate.exclusive(takeUp);
      const stop = new AbortController();
      round = new AbortController();
      const { signal } = stop;
      running = { stop, done: Promise.all([consume(signal), flushNowAndThen(signal), followAdoptions(signal)]) };
    },
    async stop() {
      const ending = running;
      running = null;
      if (ending === null) return;
      ending.stop.abort(new Error('ingest is stopping'));
      await ending.done;
      await flusher.settled();
      // Where the consumer could not do so before it left.
      if (flusher.pending > 0) await gate.exclusive(() => flusher.all(routes));
      await offsets.assign(null);
    },
    pause: () => gate.pause(),
    resume: () => gate.resume(),
    async registryChanged() {
      if (running === null) return;
      await gate.exclusive(takeUp);
      published.ring();
      if (sameTopics(consumed, newestRoutes())) return;
      const ended = round;
      round = new AbortController();
      ended.abort(new Error('the registry changed'));
    },
    flush: () => gate.exclusive(() => flusher.all(routes)),
    nextOffsets: (topic) => offsets.next(topic),
    owns: (topic, partition) => offsets.owns(topic, partition),
    assigned: (topic) => offsets.assigned(topic),
    [Symbol.asyncDispose]: () => ingest.stop(),
  };
  return ingest;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function sameTopics(consumed: readonly string[], routes: ReadonlyMap<string, unknown>): boolean {
  return consumed.length === routes.size && consumed.every((topic) => routes.has(topic));
}
