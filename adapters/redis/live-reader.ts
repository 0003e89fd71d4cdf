import { AsofError } from '../../core/errors/asof-error.ts';
import type { ReplayBuffer } from '../../core/live/replay-buffer.ts';
import type { SystemClock } from '../../core/ports/clocks.ts';
import { linkSignals } from '../../core/time/linked-signal.ts';
import type { LiveLink } from './live-link.ts';
import { decodeMessage } from './live-messages.ts';
import { hasReached, idOf, type LiveKeys, noEntry, readEntries, readTail, type StreamEntry } from './live-stream.ts';
import { runOutOfPatience } from './patience.ts';

export interface LiveReaderDeps {
  /** Of its own: it waits at the server. */
  readonly link: LiveLink;
  readonly keys: LiveKeys;
  readonly clock: SystemClock;
  readonly closing: AbortSignal;
  readonly buffer: ReplayBuffer;
  /** Hears why the stream cannot be read when that begins; null when it can again. */
  readonly onContact: (lost: unknown) => void;
  /** Hears of an entry that this release cannot read. */
  readonly onUnreadable: (cursor: string) => void;
}

/** Brings the stream into the buffer of this process, all of it first, and then as it grows. */
export interface LiveReader {
  /** Resolves when it has come as far as this entry; UNAVAILABLE when it has not in so many milliseconds. Begins to read. */
  reach(cursor: string, millis: number): Promise<void>;
  /** Whether it has ever read as far as the stream went. */
  hasBegun(): boolean;
  /** Resolves when it has ended, after `closing`. */
  done(): Promise<void>;
}

/** How long the server may wait for something new; then it is asked whether it has forgotten something. */
const blockMillis = 1_000;
const answerMillis = 3_000;
const retryMillis = 250;
const entriesAtOnce = 500;

export function createLiveReader(deps: LiveReaderDeps): LiveReader {
  const { link, keys, clock, closing, buffer, onContact, onUnreadable } = deps;
  /** The cursor of the newest entry read, `noEntry` where there was none; null = not known, read from the oldest. */
  let last: string | null = null;
  let hasBegun = false;
  let running: Promise<void> | null = null;
  const waiting = new Set<() => void>();

  function take({ cursor, previous, message, isAfterLoss }: StreamEntry): void {
    if (isAfterLoss) buffer.gap(null);
    else if (previous !== last) buffer.gap(previous);
    last = cursor;
    const decoded = decodeMessage(message);
    if (decoded !== null) {
      buffer.add({ cursor, message: decoded });
      return;
    }
    onUnreadable(cursor);
    buffer.gap(cursor);
  }

  /** What was read last may be more than Redis still knows: after a failover, or when it was emptied. */
  async function checkTail(): Promise<void> {
    const tail = readTail(await link.ask('mget', [keys.state], answerMillis));
    const isEmpty = tail === noEntry;
    hasBegun ||= isEmpty;
    if (last === null && isEmpty) last = noEntry;
    if (last === null || hasReached(tail, last)) return;
    const isKnown = isEmpty || buffer.holds(tail);
    buffer.gap(isKnown ? tail : null);
    last = isKnown ? tail : null;
  }

  async function read(): Promise<void> {
    const from = last === null ? noEntry : idOf(last);
    const args = ['COUNT', entriesAtOnce, 'BLOCK', blockMillis, 'STREAMS', keys.stream, from];
    const reply = (await link.ask('xread', args, blockMillis + answerMillis)) as [[Buffer, unknown]] | null;
    if (reply === null) {
      await checkTail();
      hasBegun = true;
      return;
    }
    const entries = readEntries(reply[0][1]);
    for (const entry of entries) take(entry);
    hasBegun ||= entries.length < entriesAtOnce;
  }

  async function run(): Promise<void> {
    let isConnected = false;
    let isTold = false;
    while (!closing.aborted) {
      try {
        if (!isConnected) await checkTail();
        isConnected = true;
        if (isTold) onContact(null);
        isTold = false;
        tellWaiting();
        await read();
      } catch (error) {
        if (closing.aborted) break;
        isConnected = false;
        if (!isTold) onContact(error);
        isTold = true;
        await clock.sleep(retryMillis, closing).catch(() => {});
      }
    }
  }

  function tellWaiting(): void {
    for (const check of [...waiting]) check();
  }

  return {
    reach(cursor, millis) {
      running ??= run();
      const isThere = (): boolean => hasBegun && last !== null && hasReached(last, cursor);
      if (isThere()) return Promise.resolve();
      return new Promise((resolve, reject) => {
        const done = new AbortController();
        const check = (): void => {
          if (!isThere()) return;
          waiting.delete(check);
          done.abort();
          resolve();
        };
        waiting.add(check);
        const giveUp = (): void => {
          if (!waiting.delete(check)) return;
          reject(new AsofError('UNAVAILABLE', 'the live bus is not read', { got: `nothing in ${millis} ms` }));
        };
        const ended = linkSignals(done.signal, closing);
        runOutOfPatience(clock, millis, ended.signal)
          .then(giveUp, giveUp)
          .finally(() => ended[Symbol.dispose]());
      });
    },
    hasBegun: () => hasBegun,
    done: async () => {
      await running;
    },
  };
}
