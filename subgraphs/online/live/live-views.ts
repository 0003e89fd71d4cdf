import type { ViewReading } from '../../../core/definitions/compiled.ts';
import type { OnlineReader } from '../../../core/online/reader.ts';
import type { DataClock, SystemClock } from '../../../core/ports/clocks.ts';
import type { LiveBus, LiveEvent, LiveListener, LiveSubscription } from '../../../core/ports/live-bus.ts';
import { remainingMillis } from '../../../core/time/remaining.ts';
import type { Instant } from '../../../core/values/types.ts';
import { never, nextChangeByTime } from './schedule.ts';
import { type Change, createWatchTable, fingerprintOf, type Watch, type WatchedView } from './watch-table.ts';

/** One key is read again after this time at the earliest (SystemClock), however often it changes and however fast a replay runs. */
const restMillis = 100;
/** Rounds of reading follow each other at least this far apart: what changes in between is read together. */
const roundGapMillis = 10;
/** The longest sleep: a replay may change its speed meanwhile. Also the pause after a failed round. */
const longestSleepMillis = 1_000;

/** First readings in one read of the store. */
const firstReads = 500;

/** Tells subscribers when what they would read has changed, and reads each watched view once for all of them. */
export interface LiveViews {
  /** Resolves when the present readings are known; `onChange` hears of each change after that, until `close`. */
  watch<W extends WatchedView>(
    watched: readonly W[],
    onChange: (watched: W, change: Change) => void,
  ): Promise<{ close(): void }>;
  /** How many distinct views of keys are being watched. */
  watchedCount(): number;
}

export interface LiveViewsDeps {
  readonly reader: OnlineReader;
  readonly clock: DataClock;
  readonly systemClock: SystemClock;
  readonly bus: LiveBus;
  readonly onBackgroundError: (error: unknown) => void;
}

export function createLiveViews({ reader, clock, systemClock, bus, onBackgroundError }: LiveViewsDeps): LiveViews {
  const watches = createWatchTable();
  let updates: Promise<LiveSubscription> | null = null;
  let wake = (): void => {};
  let running = false;
  /** The first readings of those who came since this process last took in what has arrived. */
  let first: { readonly watches: Watch[]; readonly read: Promise<void> } | null = null;

  const onUpdate = ({ message }: LiveEvent): void => {
    if (message.kind !== 'featureUpdate') return;
    touch(watches.affected(message.view, message.version, message.keys));
  };

  const touch = (affected: readonly Watch[]): void => {
    if (affected.length === 0) return;
    const now = clock.now();
    for (const watch of affected) {
      watch.touched = true;
      watch.nextCheckAt = Math.min(watch.nextCheckAt, now);
    }
    wake();
  };

  // Of which keys was said is lost: each is looked at, and whoever sees no change hears of none.
  const listener: LiveListener = { onEvent: onUpdate, onGap: () => touch([...watches.all()]) };

  const readNow = async (due: readonly Watch[]): Promise<void> => {
    for (const watch of due) watch.nextCheckAt = never;
    const { readings, nextAt } = await reader.readAhead(due);
    const changes = due.flatMap((watch, index) => settle(watch, readings[index]!, nextAt[index]!) ?? []);
    // Whoever is slower than that reads for itself what is true then.
    setImmediate(() => {
      for (const change of changes) change.reading = null;
    });
  };

  /** How long until a watch may be read that is due; the longest sleep when none is. */
  const untilDue = (): number => {
    const [now, systemNow] = [clock.now(), systemClock.nowMillis()];
    let nextCheckAt = never;
    let millis = longestSleepMillis;
    for (const watch of watches.all()) {
      if (watch.nextCheckAt > now) nextCheckAt = Math.min(nextCheckAt, watch.nextCheckAt);
      else millis = Math.min(millis, remainingMillis(watch.restsUntil, systemNow, restMillis));
    }
    return nextCheckAt === never ? millis : Math.min(millis, clock.systemMillisUntil(nextCheckAt));
  };

  const readRound = async (): Promise<void> => {
    const [now, systemNow] = [clock.now(), systemClock.nowMillis()];
    const due = [...watches.all()].filter(
      ({ nextCheckAt, restsUntil }) => nextCheckAt <= now && remainingMillis(restsUntil, systemNow, restMillis) === 0,
    );
    for (const watch of due) watch.restsUntil = systemNow + restMillis;
    try {
      await readNow(due);
    } catch (error) {
      onBackgroundError(error);
      const again = clock.now() + longestSleepMillis;
      for (const watch of due) watch.nextCheckAt = Math.min(watch.nextCheckAt, again);
    }
  };

  /**
   * At once, whatever the rounds do: until it is done the subscriber hears of nothing. Of many who come together each does
   * not read by itself.
   */
  const readFirst = (held: readonly Watch[]): Promise<unknown> => {
    for (const watch of held) {
      if (watch.firstRead !== null) continue;
      if (first === null || first.watches.length >= firstReads) first = beginFirst();
      first.watches.push(watch);
      watch.firstRead = first.read;
    }
    return Promise.all(held.map(({ firstRead }) => firstRead));
  };

  const beginFirst = (): { readonly watches: Watch[]; readonly read: Promise<void> } => {
    const unread: Watch[] = [];
    const read = afterInput().then(() => {
      if (first === began) first = null;
      return readNow(unread);
    });
    const began = { watches: unread, read };
    return began;
  };

  const run = async (): Promise<void> => {
    let roundAllowedAt = Number.NEGATIVE_INFINITY;
    while (watches.size > 0) {
      const untilAllowed = remainingMillis(roundAllowedAt, systemClock.nowMillis(), roundGapMillis);
      const millis = Math.max(untilDue(), untilAllowed);
      if (millis > 0) {
        const woken = new AbortController();
        wake = () => woken.abort();
        await systemClock.sleep(Math.min(millis, longestSleepMillis), woken.signal).catch(() => undefined);
      } else {
        roundAllowedAt = systemClock.nowMillis() + roundGapMillis;
        await readRound();
      }
    }
    running = false;
  };

  const release = (watch: Watch, listener: (change: Change) => void): void => {
    watch.listeners.delete(listener);
    if (watch.listeners.size === 0) watches.remove(watch);
    if (watches.size > 0) return;
    updates?.then(
      (subscription) => subscription.close(),
      () => {},
    );
    updates = null;
    wake();
  };

  /** One that failed is not kept: the next to come tries again. */
  const subscribed = (): Promise<LiveSubscription> => {
    const subscription = bus.subscribe(['featureUpdate'], listener);
    subscription.catch(() => {
      if (updates === subscription) updates = null;
    });
    return subscription;
  };

  return {
    watchedCount: () => watches.size,
    async watch(watched, onChange) {
      const held = watched.map((one) => {
        const watch = watches.of(one);
        const listener = (change: Change): void => onChange(one, change);
        watch.listeners.add(listener);
        return { watch, listener };
      });
      const close = (): void => {
        for (const { watch, listener } of held.splice(0)) release(watch, listener);
      };
      try {
        // Before the first reading, so that nothing applied in between is missed.
        updates ??= subscribed();
        await updates;
        await readFirst(held.map(({ watch }) => watch));
      } catch (error) {
        close();
        throw error;
      }
      wake();
      if (!running && watches.size > 0) {
        running = true;
        void run();
      }
      return { close };
    },
  };
}

function afterInput(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * Takes in what was read, and tells who listens when it is something else; null = it is not.
 *
 * @param nextAt when something that is stored already comes into force
 */
function settle(watch: Watch, reading: ViewReading, nextAt: Instant | null): Change | null {
  // A first reading and a round may overtake each other.
  if (reading.readAt < watch.readAt) return null;
  if (reading.status === 'UNAVAILABLE') {
    // Whether anything changed is not known: what was told stands until the store answers.
    watch.nextCheckAt = Math.min(watch.nextCheckAt, reading.readAt + longestSleepMillis);
    return null;
  }
  watch.readAt = reading.readAt;
  const fingerprint = fingerprintOf(watch.view, reading);
  const changed = watch.fingerprint === null ? watch.touched : watch.fingerprint !== fingerprint;
  watch.fingerprint = fingerprint;
  const byTime = nextChangeByTime(watch.view, reading, watch.maxAgeMillis);
  // An update that came during the reading has asked for an earlier one.
  watch.nextCheckAt = Math.min(watch.nextCheckAt, byTime, nextAt ?? never);
  if (!changed) return null;
  const change: Change = { watched: watch, reading };
  for (const listener of watch.listeners) listener(change);
  return change;
}
