import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { checkCursor, createReplayBuffer, defaultReplayLimits } from '../../core/live/replay-buffer.ts';
import type { LiveBus } from '../../core/ports/live-bus.ts';
import { parseRedisUrl } from './address.ts';
import { createLiveLink } from './live-link.ts';
import { encodeMessage } from './live-messages.ts';
import { createLivePublisher } from './live-publisher.ts';
import { createLiveReader } from './live-reader.ts';
import { cursorForm, liveKeys, readTail } from './live-stream.ts';
import { connectRedis, type RedisConnectionOptions } from './open.ts';

export interface RedisLiveBusOptions extends RedisConnectionOptions {
  /** The stream's name, default `live`. */
  readonly stream?: string;
  /** Names this process in the stream; default a random id. */
  readonly publisher?: string;
  /** How many of the newest messages the stream keeps. */
  readonly bufferSize?: number;
  /** How many bytes these may have in all. */
  readonly bufferBytes?: number;
  readonly events?: LiveBusEvents;
}

export interface LiveBusEvents {
  /** The stream cannot be written, or read, and why; null when it can again. */
  readonly onContact?: (what: 'writing' | 'reading', lost: unknown) => void;
  /** An entry that this release cannot read: subscribers are told of a gap. */
  readonly onUnreadable?: (cursor: string) => void;
  /** What a listener threw. */
  readonly onListenerError?: (error: unknown) => void;
}

const defaultBytes = 16 * 1_048_576;
/** How long a subscriber waits for this process to have read what it must not be told of, or must. */
const reachMillis = 2_000;
const closeMillis = 1_000;

/**
 * The live bus of several processes: a stream in Redis, which each process that has subscribers reads once for all of
 * them, into a buffer of its own. A cursor is the same in all processes. Opens its connections when they
 * are first needed, and waits for nobody to answer.
 */
export function createRedisLiveBus(options: RedisLiveBusOptions): LiveBus {
  const { clock, events = {}, bufferSize = defaultReplayLimits.bufferSize, bufferBytes = defaultBytes } = options;
  const address = parseRedisUrl(options.url);
  const keys = liveKeys(options.stream ?? 'live');
  const stopping = new AbortController();
  const closing = stopping.signal;
  // Each subscriber that waits listens.
  setMaxListeners(0, closing);
  const link = () =>
    createLiveLink({ connect: () => connectRedis(address, options), key: keys.stream, clock, closing });
  const [asking, reading] = [link(), link()];
  const buffer = createReplayBuffer({
    ...defaultReplayLimits,
    bufferSize,
    defer: setImmediate,
    onListenerError: (error) => events.onListenerError?.(error),
  });
  const publisher = createLivePublisher({
    link: asking,
    keys,
    publisher: options.publisher ?? randomUUID(),
    clock,
    closing,
    limits: { entries: bufferSize, bytes: bufferBytes },
    waiting: { messages: bufferSize, bytes: bufferBytes },
    onContact: (lost) => events.onContact?.('writing', lost),
  });
  const reader = createLiveReader({
    link: reading,
    keys,
    clock,
    closing,
    buffer,
    onContact: (lost) => events.onContact?.('reading', lost),
    onUnreadable: (cursor) => events.onUnreadable?.(cursor),
  });
  const tailNow = shared(async () => readTail(await asking.ask('mget', [keys.state], reachMillis)));

  return {
    name: 'redis',
    publish: (message) => publisher.publish(encodeMessage(message)),
    async subscribe(kinds, listener, after) {
      checkCursor(after, cursorForm);
      try {
        await reader.reach(await tailNow(), reachMillis);
      } catch (error) {
        // Nobody can say what is new: who knew the stream before goes on from there.
        if (!reader.hasBegun()) throw error;
      }
      return buffer.subscribe(kinds, listener, after);
    },
    async [Symbol.asyncDispose]() {
      const done = new AbortController();
      await Promise.race([publisher.settled(), clock.sleep(closeMillis, done.signal).catch(() => {})]);
      done.abort();
      stopping.abort(new Error('the live bus is closed'));
      buffer.close();
      asking.close();
      reading.close();
      await Promise.all([publisher.settled(), reader.done()]);
    },
  };
}

/** One asking follows the one under way; whoever calls meanwhile shares it, for the answer must be of after the call. */
function shared<T>(ask: () => Promise<T>): () => Promise<T> {
  let running: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | null = null;
  return () => {
    next ??= running
      .catch(() => {})
      .then(() => {
        next = null;
        const asked = ask();
        running = asked;
        return asked;
      });
    return next;
  };
}
