import { createReplayBuffer, defaultReplayLimits, type ReplayLimits } from '../../core/live/replay-buffer.ts';
import type { LiveBus, LiveEvent, LiveListener, LiveMessage, LiveSubscription } from '../../core/ports/live-bus.ts';
import { asking, type Link } from './link.ts';

/** A bus that a worker can hold a copy of. */
export interface MirroredBus extends Pick<LiveBus, 'publish' | 'subscribe'> {
  /** What can be replayed now, and the cursor before it; the listener is told of all that comes after it. */
  mirror(
    listener: LiveListener,
  ): LiveSubscription & { readonly floor: string | null; readonly events: readonly LiveEvent[] };
}

/** `whole`: nothing is missing behind this cursor, and behind null something may be. */
type Told = LiveEvent | { readonly whole: string | null };

export function liveBusCalls(open: () => Promise<MirroredBus>) {
  return {
    'bus.publish': async (message: LiveMessage) => (await open()).publish(message),
    async 'bus.checkCursor'(cursor: string) {
      const probe = await (await open()).subscribe([], { onEvent() {}, onGap() {} }, cursor);
      probe.close();
    },
  };
}

export function liveBusStreams(open: () => Promise<MirroredBus>) {
  return {
    async 'bus.mirror'(tell: (told: Told) => void) {
      const mirror = (await open()).mirror({ onEvent: tell, onGap: () => tell({ whole: null }) });
      tell({ whole: mirror.floor });
      for (const event of mirror.events) tell(event);
      return () => mirror.close();
    },
  };
}

export interface LinkedLiveBusOptions extends Partial<ReplayLimits> {
  readonly link: Link;
  /** Told of what a listener threw. */
  readonly onListenerError: (error: unknown) => void;
}

/**
 * The primary's bus, in a worker. From its first subscriber on it holds a copy of the primary's replay buffer, and is told of
 * each message once for all of its subscribers. Cursors are the primary's: one that another worker gave is good here.
 */
export function createLinkedLiveBus({ link, onListenerError, ...limits }: LinkedLiveBusOptions): LiveBus {
  const primary = asking<ReturnType<typeof liveBusCalls>, ReturnType<typeof liveBusStreams>>(link);
  const buffer = createReplayBuffer({ ...defaultReplayLimits, ...limits, defer: setImmediate, onListenerError });
  let mirroring: Promise<() => void> | null = null;

  function mirrored(): Promise<() => void> {
    mirroring ??= primary
      .follow('bus.mirror', (told) => {
        if ('whole' in told) buffer.gap(told.whole);
        else buffer.add(told);
      })
      .catch((error: unknown) => {
        mirroring = null;
        throw error;
      });
    return mirroring;
  }

  return {
    name: 'linked',
    publish: (message) => primary.call('bus.publish', message),
    async subscribe(kinds, listener, after) {
      await mirrored();
      if (after !== undefined && !buffer.holds(after)) await primary.call('bus.checkCursor', after);
      return buffer.subscribe(kinds, listener, after);
    },
    async [Symbol.asyncDispose]() {
      const stop = await mirroring?.catch(() => null);
      stop?.();
      buffer.close();
    },
  };
}
