import type { ViewReading } from '../../../core/definitions/compiled.ts';
import type { OnlineReader } from '../../../core/online/reader.ts';
import type { DataClock, SystemClock } from '../../../core/ports/clocks.ts';
import type { LiveBus, LiveEvent, LiveSubscription } from '../../../core/ports/live-bus.ts';
import type { Instant } from '../../../core/values/types.ts';
import { never, nextChangeByTime } from './schedule.ts';
import { createWatchTable, fingerprintOf, type Watch, type WatchedView } from './watch-table.ts';

/** Rounds of reading follow each other at least this far apart (SystemClock), however fast a replay runs. */
const roundGapMillis = 100;
/** The longest sleep: a replay may change its speed meanwhile. Also the pause after a failed round. */
const longestSleepMillis = 1_000;

/** Tells subscribers when what they would read has changed, and reads each watched view once for all of them. */
export interface LiveViews {
  /** Resolves when the present readings are known; `onChange` hears of each change after that, until `close`. */
  watch<W extends WatchedView>(watched: readonly W[], onChange: (watched: W) => void): Promise<{ close(): void }>;
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
  let updates: LiveSubscription | null = null;
  let wake = (): void => {};
  let running = false;

  const onUpdate = ({ message }: LiveEvent): void => {
    if (message.kind !== 'featureUpdate') return;
    const affected = watches.affected(message.view, message.version, message.keys);
    if (affected.length === 0) return;
    const now = clock.now();
    for (const watch of affected) {
      watch.touched = true;
      watch.nextCheckAt = Math.min(watch.nextCheckAt, now);
    }
    wake();
  };

  const read = async (due: readonly Watch[]): Promise<void> => {
    for (const watch of due) watch.nextCheckAt = never;
    const { readings, nextAt } = await reader.readAhead(due);
    due.forEach((watch, index) => {
      settle(watch, readings[index]!, nextAt[index]!);
    });
  };

  const readRound = async (): Promise<void> => {
    const now = clock.now();
    const due = [...watches.all()].filter(({ nextCheckAt }) => nextCheckAt <= now);
    try {
      await read(due);
    } catch (error) {
      onBackgroundError(error);
      const again = clock.now() + longestSleepMillis;
      for (const watch of due) watch.nextCheckAt = Math.min(watch.nextCheckAt, again);
    }
  };

  /** At once, whatever the rounds do: until it is done the subscriber hears of nothing. */
  const readFirst = (held: readonly Watch[]): Promise<unknown> => {
    const unread = held.filter(({ firstRead }) => firstRead === null);
    if (unread.length > 0) {
      const reading = read(unread);
      for (const watch of unread) watch.firstRead = reading;
    }
    return Promise.all(held.map(({ firstRead }) => firstRead));
  };

  const run = async (): Promise<void> => {
    let roundAllowedAt = Number.NEGATIVE_INFINITY;
    while (watches.size > 0) {
      let nextCheckAt = never;
      for (const watch of watches.all()) nextCheckAt = Math.min(nextCheckAt, watch.nextCheckAt);
      const untilDue = nextCheckAt === never ? longestSleepMillis : clock.systemMillisUntil(nextCheckAt);
      const millis = Math.max(untilDue, roundAllowedAt - systemClock.nowMillis());
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

  const release = (watch: Watch, listener: () => void): void => {
    watch.listeners.delete(listener);
    if (watch.listeners.size === 0) watches.remove(watch);
    if (watches.size > 0) return;
    updates?.close();
    updates = null;
    wake();
  };

  return {
    watchedCount: () => watches.size,
    async watch(watched, onChange) {
      // Before the first reading, so that nothing applied in between is missed.
      updates ??= bus.subscribe(['featureUpdate'], onUpdate);
      const held = watched.map((one) => {
        const watch = watches.of(one);
        const listener = (): void => onChange(one);
        watch.listeners.add(listener);
        return { watch, listener };
      });
      const close = (): void => {
        for (const { watch, listener } of held.splice(0)) release(watch, listener);
      };
      try {
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

/** `nextAt`: when something that is stored already comes into force. */
function settle(watch: Watch, reading: ViewReading, nextAt: Instant | null): void {
  // A first reading and a round may overtake each other.
  if (reading.readAt < watch.readAt) return;
  if (reading.status === 'UNAVAILABLE') {
    // Whether anything changed is not known: what was told stands until the store answers.
    watch.nextCheckAt = Math.min(watch.nextCheckAt, reading.readAt + longestSleepMillis);
    return;
  }
  watch.readAt = reading.readAt;
  const fingerprint = fingerprintOf(watch.view, reading);
  const changed = watch.fingerprint === null ? watch.touched : watch.fingerprint !== fingerprint;
  watch.fingerprint = fingerprint;
  const byTime = nextChangeByTime(watch.view, reading, watch.maxAgeMillis);
  // An update that came during the reading has asked for an earlier one.
  watch.nextCheckAt = Math.min(watch.nextCheckAt, byTime, nextAt ?? never);
  if (changed) for (const listener of watch.listeners) listener();
}
