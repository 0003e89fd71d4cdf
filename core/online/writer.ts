import type { CompiledView } from '../definitions/compiled.ts';
import { AsofError } from '../errors/asof-error.ts';
import type { DataClock } from '../ports/clocks.ts';
import type { KeyedRecords } from '../ports/offline-store.ts';
import type { OnlineStore } from '../ports/online-store.ts';
import type { Instant, Value } from '../values/types.ts';
import { allAnswered } from './answers.ts';
import { onlineKey, shardOf } from './keys.ts';
import { fillFence } from './ready.ts';
import { createRefusedShards } from './refused-shards.ts';
import { createRowUpdater } from './row-update.ts';
import { stampOf } from './stamp.ts';
import { createStateCache } from './state-cache.ts';
import type { HeldState, StateUpdate, StateUpdater } from './state-updater.ts';
import { type AppliedCounts, noCounts } from './tile-apply.ts';
import { createTileUpdater } from './tile-update.ts';

/** What one `apply` did. */
export interface AppliedBatch {
  readonly keysWritten: number;
  /** Keys that were left alone: their shard is not, or no more, of the fill that was to be built upon. */
  readonly keysRefused: number;
  /**
   * The keys whose values may have changed: a counting event, or a row that is kept, was added, or had been before: whoever
   * added it may have ended without telling anyone.
   */
  readonly changedKeys: readonly (readonly Value[])[];
  /** Greatest event time and known time among what was to change them; null = nothing was. */
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
   * @param fill the token of the fill that this builds upon (ready.ts); absent = whatever is there
   * @throws AsofError CONFLICT when other writers won every race; CORRUPT when a stored value cannot be read
   */
  apply(view: CompiledView, groups: readonly KeyedRecords[], fill?: string): Promise<AppliedBatch>;
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
    apply: (view, groups, fill) => (view.kind === 'rows' ? rows : tiles).apply(view, groups, fill),
  };
}

interface Target {
  readonly view: CompiledView;
  readonly fill: string | undefined;
}

/** A state that is held belongs to the fill under which it was stored: another may have made it of other parts. */
type OwnedState<S> = HeldState<S> & { readonly fill: string | undefined };

function createApply<S>(store: OnlineStore, updater: StateUpdater<S>, cacheBytes: number): OnlineWriter {
  const cache = createStateCache<OwnedState<S>>(cacheBytes);
  const refused = createRefusedShards();

  /** One attempt at these keys; returns those that lost their race. */
  async function applyRound({ view, fill }: Target, groups: readonly KeyedRecords[], result: Result) {
    const updates = await holdStates(view, groups, fill);
    await updater.load(view, updates);
    const prepared = updates.map((update) => ({ update, ...updater.update(view, update) }));
    const writes = prepared.flatMap(({ update, value, companions }) =>
      value === null ? [] : [{ key: update.onlineKey, expectedStamp: update.held.stamp, value, companions }],
    );
    // Also when there are none: what was applied before may have been stored without our knowing it to be safe.
    const stored = await store.compareAndSet(writes, fill === undefined ? undefined : fillFence(view, fill));
    let next = 0;
    return prepared.flatMap(({ update, value, counts, isChanged, heldBytes }, i): KeyedRecords[] => {
      const outcome = value === null || stored[next++]!;
      if (outcome === false) return [groups[i]!];
      if (outcome === null) {
        if (fill !== undefined) refused.add(view, fill, shardOf(update.onlineKey));
        result.refuse(1);
        return [];
      }
      if (value !== null) {
        // A copy: a part of the value would keep all of it.
        update.held.stamp = new Uint8Array(stampOf(value));
        cache.put(update.onlineKey, { ...update.held, fill }, heldBytes);
      }
      result.add(update, counts, value !== null, isChanged);
      return [];
    });
  }

  async function holdStates(
    view: CompiledView,
    groups: readonly KeyedRecords[],
    fill: string | undefined,
  ): Promise<StateUpdate<S>[]> {
    const keys = groups.map(({ key }) => onlineKey(view, key, store.shards));
    const cached = keys.map((key) => {
      const held = cache.take(key);
      return held?.fill === fill ? held : undefined;
    });
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

  async function applyChunk(target: Target, groups: readonly KeyedRecords[], result: Result): Promise<void> {
    let pending = groups;
    for (let round = 0; pending.length > 0; round++) {
      if (round === maxRounds) {
        throw new AsofError('CONFLICT', `${pending.length} keys changed under every one of ${maxRounds} attempts`, {
          path: target.view.name,
          remedy: 'See whether several ingest processes consume the same partitions, and repeat the batch.',
        });
      }
      pending = await applyRound(target, pending, result);
    }
  }

  const apply: OnlineWriter['apply'] = async (view, groups, fill) => {
    const result = createResult();
    const present = groups.filter(({ key, records }) => records.length > 0 && !key.includes(null));
    const lost = fill === undefined ? null : refused.of(view, fill);
    const isLost = ({ key }: KeyedRecords): boolean => lost?.has(shardOf(onlineKey(view, key, store.shards))) === true;
    const whole = lost === null ? present : present.filter((group) => !isLost(group));
    result.refuse(present.length - whole.length);
    const chunks = Array.from({ length: Math.ceil(whole.length / keysPerRound) }, (_, index) =>
      whole.slice(index * keysPerRound, (index + 1) * keysPerRound),
    ).values();
    const takeChunks = async (): Promise<void> => {
      for (const chunk of chunks) await applyChunk({ view, fill }, chunk, result);
    };
    const outcomes = await Promise.allSettled(Array.from({ length: roundsAtOnce }, takeChunks));
    // Only now: what is repeated after a failure must not meet what is still under way.
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    return result.batch();
  };
  return { apply };
}

interface Result {
  add(update: StateUpdate<unknown>, counts: AppliedCounts, isWritten: boolean, isChanged: boolean): void;
  refuse(keys: number): void;
  batch(): AppliedBatch;
}

function createResult(): Result {
  const counts = noCounts();
  const changedKeys: (readonly Value[])[] = [];
  let keysWritten = 0;
  let keysRefused = 0;
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
      if (!isChanged && added.redelivered === 0) return;
      changedKeys.push(key);
      for (const { eventTime, knownTime } of records) {
        if (newestEventTime === null || eventTime > newestEventTime) newestEventTime = eventTime;
        if (newestKnownTime === null || knownTime > newestKnownTime) newestKnownTime = knownTime;
      }
    },
    refuse(keys) {
      keysRefused += keys;
    },
    batch: () => ({ keysWritten, keysRefused, changedKeys, newestEventTime, newestKnownTime, counts }),
  };
}
