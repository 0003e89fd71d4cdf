import type { HandingOver, Take } from '../../../runtime/streams.ts';

/** Holds what a subscriber has not taken yet; decides what to keep when it is slow. */
export interface EventBuffer<Event, Taken> {
  offer(event: Event): void;
  /** The oldest, or undefined when there is none. */
  take(): Taken | undefined;
  /** What `take` gives for an event that is offered when there is none. */
  passed(event: Event): Taken;
}

/** An event with the number of older ones that were dropped just before it. */
export interface Counted<Event> {
  readonly event: Event;
  readonly dropped: number;
}

export interface BufferLimits<Event> {
  readonly events: number;
  /** Bounds what large events hold: the sum of their sizes. */
  readonly size: number;
  readonly sizeOf: (event: Event) => number;
}

/** Keeps the newest events within the limits, in order, at least one; counts those it drops. */
export function createBoundedBuffer<Event>(limits: BufferLimits<Event>): EventBuffer<Event, Counted<Event>> {
  const events: Event[] = [];
  let size = 0;
  let dropped = 0;
  const shift = (): Event | undefined => {
    const event = events.shift();
    if (event !== undefined) size -= limits.sizeOf(event);
    return event;
  };
  return {
    offer(event) {
      events.push(event);
      size += limits.sizeOf(event);
      while (events.length > limits.events || (size > limits.size && events.length > 1)) {
        shift();
        dropped++;
      }
    },
    take() {
      const event = shift();
      if (event === undefined) return undefined;
      const taken = { event, dropped };
      dropped = 0;
      return taken;
    },
    passed: (event) => ({ event, dropped: 0 }),
  };
}

/** Keeps one event per key, the latest, in the order in which the keys first waited. */
export function createConflatingBuffer<Event>(keyOf: (event: Event) => string): EventBuffer<Event, Event> {
  const waiting = new Map<string, Event>();
  return {
    offer(event) {
      waiting.set(keyOf(event), event);
    },
    take() {
      for (const [key, event] of waiting) {
        waiting.delete(key);
        return event;
      }
      return undefined;
    },
    passed: (event) => event,
  };
}

/** Who has events handed over. */
interface Receiver<Taken> {
  readonly take: Take<Taken>;
  isBusy: boolean;
  end(): void;
  fail(error: unknown): void;
}

export interface EventIterator<Event, Taken> extends AsyncIterableIterator<Taken, undefined>, HandingOver<Taken> {
  offer(event: Event): void;
  handOver(take: Take<Taken>): Promise<void>;
  return(): Promise<IteratorReturnResult<undefined>>;
}

/**
 * Events for one subscriber. `onClose` runs exactly once, when the subscriber leaves, even while `next()` waits: an
 * `async function*` parked on `await` could not be told, and its listener would stay for ever.
 */
export function createEventIterator<Event, Taken>(
  buffer: EventBuffer<Event, Taken>,
  onClose: () => void,
): EventIterator<Event, Taken> {
  const waiting: ((result: IteratorResult<Taken, undefined>) => void)[] = [];
  let receiver: Receiver<Taken> | null = null;
  let closed = false;
  const close = (): Promise<IteratorReturnResult<undefined>> => {
    if (!closed) {
      closed = true;
      for (const resolve of waiting.splice(0)) resolve({ done: true, value: undefined });
      receiver?.end();
      onClose();
    }
    return Promise.resolve({ done: true, value: undefined });
  };
  const handOn = (to: Receiver<Taken>, value: Taken): void => {
    try {
      const taken = to.take(value);
      if (taken === null) return;
      to.isBusy = true;
      taken.then(() => {
        to.isBusy = false;
        handOnWaiting(to);
      }, to.fail);
    } catch (error) {
      // Whoever offers an event has nothing to do with it.
      to.fail(error);
    }
  };
  /** As long as the receiver has room; nothing waits when it still has. */
  const handOnWaiting = (to: Receiver<Taken>): void => {
    while (!closed && !to.isBusy) {
      const value = buffer.take();
      if (value === undefined) return;
      handOn(to, value);
    }
  };
  const iterator: EventIterator<Event, Taken> = {
    offer(event) {
      if (closed) return;
      if (receiver !== null && !receiver.isBusy) return handOn(receiver, buffer.passed(event));
      buffer.offer(event);
      if (waiting.length === 0) return;
      const value = buffer.take();
      if (value !== undefined) waiting.shift()!({ done: false, value });
    },
    next() {
      if (closed) return Promise.resolve({ done: true, value: undefined });
      const value = buffer.take();
      if (value !== undefined) return Promise.resolve({ done: false, value });
      return new Promise((resolve) => waiting.push(resolve));
    },
    handOver: (take) =>
      new Promise((resolve, reject) => {
        const fail = (error: unknown): void => {
          reject(error);
          void close();
        };
        receiver = { take, isBusy: false, end: resolve, fail };
        if (closed) resolve();
        else handOnWaiting(receiver);
      }),
    return: close,
    async throw(error) {
      await close();
      throw error;
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}
