import { randomUUID } from 'node:crypto';
import {
  checkCursor,
  createReplayBuffer,
  defaultReplayLimits,
  type ReplayLimits,
} from '../../core/live/replay-buffer.ts';
import {
  type LiveBus,
  type LiveEvent,
  type LiveListener,
  type LiveSubscription,
  liveKinds,
} from '../../core/ports/live-bus.ts';

export interface MemoryLiveBusOptions extends Partial<ReplayLimits> {
  /** Told of what a listener threw. */
  readonly onListenerError?: (error: unknown) => void;
}

/** A bus that other processes can hold a copy of. */
export interface MemoryLiveBus extends LiveBus {
  /** What can be replayed now, as in `ReplayBuffer.held`; the listener is told of all that comes after it, until `close`. */
  mirror(
    listener: LiveListener,
  ): LiveSubscription & { readonly floor: string | null; readonly events: readonly LiveEvent[] };
}

const cursorForm = /^[0-9a-f-]{36}\.\d{1,15}$/;

/**
 * The live bus of one process. A cursor is `<epoch>.<number>`: numbers count the messages of this bus, the epoch names
 * it, so that a cursor of an earlier process is answered with a gap instead of a wrong place.
 */
export function createMemoryLiveBus({
  onListenerError = (error) => process.emitWarning(error instanceof Error ? error : String(error)),
  ...limits
}: MemoryLiveBusOptions = {}): MemoryLiveBus {
  const epoch = randomUUID();
  const buffer = createReplayBuffer({ ...defaultReplayLimits, ...limits, defer: setImmediate, onListenerError });
  let published = 0;

  return {
    name: 'memory',
    publish: async (message) => {
      buffer.add({ cursor: `${epoch}.${published++}`, message });
    },
    subscribe: async (kinds, listener, after) => {
      checkCursor(after, cursorForm);
      return buffer.subscribe(kinds, listener, after);
    },
    mirror: (listener) => ({ ...buffer.held(), ...buffer.subscribe(liveKinds, listener) }),
    [Symbol.asyncDispose]: async () => buffer.close(),
  };
}
