import type { CompiledView } from '../definitions/compiled.ts';
import { AsofError } from '../errors/asof-error.ts';
import type { DataClock } from '../ports/clocks.ts';
import type { KeyedRecords } from '../ports/offline-store.ts';
import type { OnlineStore } from '../ports/online-store.ts';
import type { Instant, Value } from '../values/types.ts';
import { allAnswered } from './answers.ts';
import { onlineKey } from './keys.ts';
import { createRowUpdater } from './row-update.ts';
import { stampOf } from './stamp.ts';
import { createStateCache } from './state-cache.ts';
import type { HeldState, StateUpdate, StateUpdater } from './state-updater.ts';
import { type AppliedCounts, noCounts } from './tile-apply.ts';
import { createTileUpdater } from './tile-update.ts';

/** What one `apply` did. */
export interface AppliedBatch {
  readonly keysWritten: number;
  /** The keys whose values may have changed: a counting event, or a row that is kept, was added. */
  readonly changedKeys: readonly (readonly Value[])[];
  /** Greatest event time and known time among what changed them; null = nothing did. */
  readonly newestEventTime: Instant | null;
  readonly newestKnownTime: Instant | null;
  readonly counts: AppliedCounts;
}

export interface OnlineWriter {
  /**
   * Merges records into the online state of their keys and stores it; durable as the store is when it resolves.
   * Records at or below what was applied before change nothing, so a batch may be repeated after a failure.
   *
   * @param groups by key, in place order within a key; a key with a NULL part is left out
   * @throws AsofError CONFLICT when other writers won every race; CORRUPT when a stored value cannot be read
   */
  apply(view: CompiledView, groups: readonly KeyedRecords[]): Promise<AppliedBatch>;
  /** Drops the states that are held decoded: the store has lost some of them. Not while `apply` runs. */
  forget(): void;
}

export interface OnlineWriterDeps {
  readonly store: OnlineStore;
  /** Rows that no read from its instant on can return are dropped. */
  readonly clock: Pick<DataClock, 'now'>;
  /** Decoded states are kept up to about this many bytes of memory, of each kind of view; default 32 MiB. */
  readonly cacheBytes?: number;
}

const keysPerRound = 128;
/** While the store answers one, the next is worked out. */
const roundsAtOnce = 4;
const maxRounds = 64;
const defaultCacheBytes = 32 * 1024 * 1024;

export function createOnlineWriter({ store, clock, cacheBytes = defaultCacheBytes }: OnlineWriterDeps): OnlineWriter {
  const tiles = createApply(store, createTileUpdater(store), cacheBytes);
  const rows = createApply(store, createRowUpdater(clock), cacheBytes);
  return {
    apply: (view, groups) => (view.kind === 'rows' ? rows.apply(view, groups) : tiles.apply(view, groups)),
    forget() {
      rows.forget();
      tiles.forget();
    },
  };
}

function createApply<S>(store: OnlineStore, updater: StateUpdater<S>, cacheBytes: number): OnlineWriter {
  let cache = createStateCache<HeldState<S>>(cacheBytes);

  /** One attempt at these keys; returns those that lost their race. */
  async function applyRound(view: CompiledView, groups: readonly KeyedRecords[], result: Result) {
    const updates = await holdStates(view, groups);
    await updater.load(view, updates);
    const prepared = updates.map((update) => ({ update, ...updater.update(view, update) }));
    const writes = prepared.flatMap(({ update, value, companions }) =>
      value === null ? [] : [{ key: update.onlineKey, expectedStamp: update.held.stamp, value, companions }],
    );
    // Also when there are none: what was applied before may have been stored without our knowing it to be safe.
    const stored = await store.compareAndSet(writes);
    let next = 0;
    return prepared.flatMap(({ update, value, counts, isChanged, heldBytes }, i): KeyedRecords[] => {
      const isStored = value === null || stored[next++] === true;
      if (!isStored) return [groups[i]!];
      if (value !== null) {
        // A copy: a part of the value would keep all of it.
        update.held.stamp = new Uint8Array(stampOf(value));
        cache.put(update.onlineKey, update.held, heldBytes);
      }
      result.add(update, counts, value !== null, isChanged);
      return [];
    });
  }

  async function holdStates(view: CompiledView, groups: readonly KeyedRecords[]): Promise<StateUpdate<S>[]> {
    const keys = groups.map(({ key }) => onlineKey(view, key, store.shards));
    const cached = keys.map((key) => cache.take(key));
    const missing = keys.filter((_, i) => cached[i] === undefined);
    const values = missing.length === 0 ? [] : allAnswered(await store.getMany(missing));
    let next = 0;
    return groups.map(({ key, records }, i) => {
      const held = cached[i] ?? hold(view, values[next++] ?? null);
      return { key, onlineKey: keys[i]!, records, held };
    });
  }

  function hold(view: CompiledView, value: Uint8Array | null): HeldState<S> {
    if (value === null) return { state: updater.empty(view), stamp: null };
    return { state: updater.decode(view, value), stamp: new Uint8Array(stampOf(value)) };
  }

  async function applyChunk(view: CompiledView, groups: readonly KeyedRecords[], result: Result): Promise<void> {
    let pending = groups;
    for (let round = 0; pending.length > 0; round++) {
      if (round === maxRounds) {
        throw new AsofError('CONFLICT', `${pending.length} keys changed under every one of ${maxRounds} attempts`, {
          path: view.name,
          remedy: 'See whether several ingest processes consume the same partitions, and repeat the batch.',
        });
      }
      pending = await applyRound(view, pending, result);
    }
  }

  const apply: OnlineWriter['apply'] = async (view, groups) => {
    const result = createResult();
    const whole = groups.filter(({ key, records }) => records.length > 0 && !key.includes(null));
    const chunks = Array.from({ length: Math.ceil(whole.length / keysPerRound) }, (_, index) =>
      whole.slice(index * keysPerRound, (index + 1) * keysPerRound),
    ).values();
    const takeChunks = async (): Promise<void> => {
      for (const chunk of chunks) await applyChunk(view, chunk, result);
    };
    const outcomes = await Promise.allSettled(Array.from({ length: roundsAtOnce }, takeChunks));
    // Only now: what is repeated after a failure must not meet what is still under way.
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    return result.batch();
  };
  return {
    apply,
    forget() {
      cache = createStateCache(cacheBytes);
    },
  };
}

interface Result {
  add(update: StateUpdate<unknown>, counts: AppliedCounts, isWritten: boolean, isChanged: boolean): void;
  batch(): AppliedBatch;
}

function createResult(): Result {
  const counts = noCounts();
  const changedKeys: (readonly Value[])[] = [];
  let keysWritten = 0;
  let newestEventTime: Instant | null = null;
  let newestKnownTime: Instant | null = null;
  return {
    add({ key, records }, added, isWritten, isChanged) {
      counts.accepted += added.accepted;
      counts.redelivered += added.redelivered;
      counts.late += added.late;
      counts.future += added.future;
      counts.duplicate += added.duplicate;
      counts.misplaced += added.misplaced;
      if (isWritten) keysWritten++;
      if (!isChanged) return;
      changedKeys.push(key);
      for (const { eventTime, knownTime } of records) {
        if (newestEventTime === null || eventTime > newestEventTime) newestEventTime = eventTime;
        if (newestKnownTime === null || knownTime > newestKnownTime) newestKnownTime = knownTime;
      }
    },
    batch: () => ({ keysWritten, changedKeys, newestEventTime, newestKnownTime, counts }),
  };
}
