import { randomUUID } from 'node:crypto';
import { AsofError } from '../../core/errors/asof-error.ts';
import type { LiveBus, LiveEvent, LiveKind } from '../../core/ports/live-bus.ts';

export interface MemoryLiveBusOptions {
  /** How many of the newest messages can be replayed to a subscriber with a cursor. */
  readonly bufferSize?: number;
  /** How many keys these messages may name in all: a busy stream's updates name a thousand each. */
  readonly bufferedKeys?: number;
  /** Told of what a listener threw. A listener must not throw; one that does harms no other. */
  readonly onListenerError?: (error: unknown) => void;
}

/**
 * The live bus of one process. A cursor is `<epoch>.<number>`: numbers count the messages of this bus, the epoch names
 * it, so that a cursor of an earlier process is answered with `lagged` instead of a wrong place.
 */
export function createMemoryLiveBus({
  bufferSize = 10_000,
  bufferedKeys = 500_000,
  onListenerError = (error) => process.emitWarning(error instanceof Error ? error : String(error)),
}: MemoryLiveBusOptions = {}): LiveBus {
  const epoch = randomUUID();
  /** A ring: message n stands at n % bufferSize. */
  const buffer: (LiveEvent | undefined)[] = [];
  let published = 0;
  let oldest = 0;
  let keys = 0;
  const listeners = new Set<(event: LiveEvent) => void>();

  const keep = (event: LiveEvent): void => {
    keys += keysIn(event);
    while (oldest < published && (published - oldest >= bufferSize || keys > bufferedKeys)) {
      keys -= keysIn(buffer[oldest % bufferSize]!);
      buffer[oldest % bufferSize] = undefined;
      oldest++;
    }
    buffer[published % bufferSize] = event;
    published++;
  };
  const notify = (listener: (event: LiveEvent) => void, event: LiveEvent): void => {
    try {
      listener(event);
    } catch (error) {
      onListenerError(error);
    }
  };

  return {
    name: 'memory',
    publish: async (message) => {
      const event: LiveEvent = { cursor: `${epoch}.${published}`, message };
      if (bufferSize > 0) keep(event);
      else oldest = ++published;
      for (const listener of [...listeners]) notify(listener, event);
    },
    subscribe: (kinds, listener, after) => {
      const wanted = new Set<LiveKind>(kinds);
      const resume = after === undefined ? null : parseCursor(after);
      const isForeign = resume !== null && (resume.epoch !== epoch || resume.number >= published);
      const first = resume === null ? published : isForeign ? oldest : Math.max(resume.number + 1, oldest);
      const replay = Array.from({ length: published - first }, (_, index) => buffer[(first + index) % bufferSize]!);
      // Replayed messages are delivered after this call returned, so that the caller holds its subscription by then;
      // what is published meanwhile queues behind them.
      const waiting: LiveEvent[] = replay.filter(({ message }) => wanted.has(message.kind));
      let isReplaying = waiting.length > 0;
      let isClosed = false;
      const receive = (event: LiveEvent): void => {
        if (isClosed || !wanted.has(event.message.kind)) return;
        if (isReplaying) waiting.push(event);
        else listener(event);
      };
      if (isReplaying) {
        queueMicrotask(() => {
          for (let event = waiting.shift(); event !== undefined && !isClosed; event = waiting.shift()) {
            notify(listener, event);
          }
          isReplaying = false;
        });
      }
      listeners.add(receive);
      return {
        lagged: resume !== null && (isForeign || resume.number + 1 < oldest),
        close: () => {
          isClosed = true;
          listeners.delete(receive);
        },
      };
    },
    [Symbol.asyncDispose]: async () => {
      listeners.clear();
    },
  };
}

function keysIn({ message }: LiveEvent): number {
  return message.kind === 'featureUpdate' ? message.keys.length : 0;
}

function parseCursor(cursor: string): { readonly epoch: string; readonly number: number } {
  const match = /^([0-9a-f-]{36})\.(\d{1,15})$/.exec(cursor);
  if (match === null) {
    throw new AsofError('BAD_INPUT', 'the resume cursor is not one of ours', {
      path: 'after',
      expected: 'the `cursor` of an event that was delivered',
      got: JSON.stringify(cursor.slice(0, 80)),
      remedy: 'Pass the last cursor you received unchanged, or leave it out to start with what is new',
    });
  }
  return { epoch: match[1]!, number: Number(match[2]) };
}
