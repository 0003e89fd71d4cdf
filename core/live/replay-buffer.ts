import { AsofError } from '../errors/asof-error.ts';
import type { LiveEvent, LiveKind, LiveListener, LiveSubscription } from '../ports/live-bus.ts';

export interface ReplayLimits {
  /** How many of the newest messages can be replayed to a subscriber with a cursor. */
  readonly bufferSize: number;
  /** How many keys these messages may name in all: a busy stream's updates name a thousand each. */
  readonly bufferedKeys: number;
}

export const defaultReplayLimits: ReplayLimits = { bufferSize: 10_000, bufferedKeys: 500_000 };

export interface ReplayBufferDeps extends ReplayLimits {
  /** Runs it soon, after everything that is about to run. */
  readonly defer: (work: () => void) => void;
  /** Told of what a listener threw. A listener must not throw; one that does harms no other. */
  readonly onListenerError: (error: unknown) => void;
}

/** The newest messages of a stream as one process knows them, and who listens to it. */
export interface ReplayBuffer {
  /** Keeps the next message of the stream, and delivers it. */
  add(event: LiveEvent): void;
  /**
   * What came before may be lost: it is forgotten, and every subscriber is told. Nothing is missing behind the message
   * with the cursor `whole`, if there is one.
   */
  gap(whole: string | null): void;
  holds(cursor: string): boolean;
  /** All that can be replayed, and the cursor of the message before it; null = nobody knows that. */
  held(): { readonly floor: string | null; readonly events: readonly LiveEvent[] };
  subscribe(kinds: readonly LiveKind[], listener: LiveListener, after?: string): LiveSubscription;
  close(): void;
}

export function createReplayBuffer(deps: ReplayBufferDeps): ReplayBuffer {
  const { bufferSize, bufferedKeys, defer, onListenerError } = deps;
  /** A ring: message n, counted from the first one here, stands at n % bufferSize. */
  const ring: (LiveEvent | undefined)[] = [];
  const numbers = new Map<string, number>();
  let oldest = 0;
  let next = 0;
  let keys = 0;
  /** Of the message before the oldest: whoever has seen it misses nothing. */
  let floor: string | null = null;
  const listeners = new Set<Receiver>();

  const drop = (): void => {
    const dropped = ring[oldest % bufferSize]!;
    keys -= keysIn(dropped);
    numbers.delete(dropped.cursor);
    floor = dropped.cursor;
    ring[oldest % bufferSize] = undefined;
    oldest++;
  };

  const keep = (event: LiveEvent): void => {
    if (bufferSize === 0) {
      floor = event.cursor;
      return;
    }
    keys += keysIn(event);
    while (oldest < next && (next - oldest >= bufferSize || keys > bufferedKeys)) drop();
    ring[next % bufferSize] = event;
    numbers.set(event.cursor, next);
    next++;
  };

  const deliver = (listener: LiveListener, event: LiveEvent | null): void => {
    try {
      if (event === null) listener.onGap();
      else listener.onEvent(event);
    } catch (error) {
      onListenerError(error);
    }
  };

  /** What a new subscriber is told first; null = of a gap. */
  const replayOf = (after: string | undefined): (LiveEvent | null)[] => {
    if (after === undefined) return [];
    const seen = numbers.get(after);
    const first = seen === undefined ? oldest : seen + 1;
    const replay = Array.from({ length: next - first }, (_, index) => ring[(first + index) % bufferSize]!);
    return seen === undefined && after !== floor ? [null, ...replay] : replay;
  };

  return {
    add(event) {
      keep(event);
      for (const receive of [...listeners]) receive(event);
    },
    gap(whole) {
      while (oldest < next) drop();
      floor = whole;
      for (const receive of [...listeners]) receive(null);
    },
    holds: (cursor) => numbers.has(cursor) || cursor === floor,
    held: () => ({
      floor,
      events: Array.from({ length: next - oldest }, (_, index) => ring[(oldest + index) % bufferSize]!),
    }),
    subscribe(kinds, listener, after) {
      const wanted = new Set<LiveKind>(kinds);
      const isWanted = (event: LiveEvent | null): boolean => event === null || wanted.has(event.message.kind);
      // Delivered when the caller holds its subscription; what comes meanwhile queues behind.
      const waiting = replayOf(after).filter(isWanted);
      let isWaiting = true;
      let isClosed = false;
      const receive: Receiver = (event) => {
        if (isClosed || !isWanted(event)) return;
        if (isWaiting) waiting.push(event);
        else deliver(listener, event);
      };
      defer(() => {
        for (let at = 0; at < waiting.length && !isClosed; at++) deliver(listener, waiting[at]!);
        isWaiting = false;
        waiting.length = 0;
      });
      listeners.add(receive);
      return {
        close() {
          isClosed = true;
          listeners.delete(receive);
        },
      };
    },
    close: () => listeners.clear(),
  };
}

/** null = a gap. */
type Receiver = (event: LiveEvent | null) => void;

function keysIn({ message }: LiveEvent): number {
  return message.kind === 'featureUpdate' ? message.keys.length : 0;
}

/** @throws AsofError BAD_INPUT for what has not the form of a cursor */
export function checkCursor(cursor: string | undefined, form: RegExp): void {
  if (cursor === undefined || form.test(cursor)) return;
  throw new AsofError('BAD_INPUT', 'the resume cursor is not one of ours', {
    path: 'after',
    expected: 'the `cursor` of an event that was delivered',
    got: JSON.stringify(cursor.slice(0, 80)),
    remedy: 'Pass the last cursor you received unchanged, or leave it out to start with what is new',
  });
}
