import { randomUUID } from 'node:crypto';
import {
  checkCursor,
  createReplayBuffer,
  defaultReplayLimits,
  type ReplayLimits,
} from '../../core/live/replay-buffer.ts';
import type { LiveBus } from '../../core/ports/live-bus.ts';

export interface MemoryLiveBusOptions extends Partial<ReplayLimits> {
  /** Told of what a listener threw. */
  readonly onListenerError?: (error: unknown) => void;
}

const cursorForm = /^[0-9a-f-]{36}\.\d{1,15}$/;

/**
 * The live bus of one process. A cursor is `<epoch>.<number>`: numbers count the messages of this bus, the epoch names
 * it, so that a cursor of an earlier process is answered with a gap instead of a wrong place.
 */
export function createMemoryLiveBus({
  onListenerError = (error) => process.emitWarning(error instanceof Error ? error : String(error)),
  ...limits
}: MemoryLiveBusOptions = {}): LiveBus {
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
    [Symbol.asyncDispose]: async () => buffer.close(),
  };
}
