import type { LiveBus, LiveListener } from '../../core/ports/live-bus.ts';
import type { RegistryWatcher } from '../../runtime/registry-watcher.ts';
import { createPushStream, mapStream } from '../../runtime/streams.ts';

export interface RegistryChangeEvent {
  readonly revision: number;
  readonly cursor: string;
  readonly lagged: boolean;
  readonly dropped: number;
}

const queueLimit = 100;

/** Each new revision, told when this process serves it. A slow reader is told how many it missed. */
export async function registryChanges(
  { bus, watcher }: { readonly bus: LiveBus; readonly watcher: RegistryWatcher },
  after: string | null,
): Promise<AsyncGenerator<RegistryChangeEvent, void, undefined>> {
  let close = (): void => {};
  let lagged = false;
  const stream = createPushStream<RegistryChangeEvent>({
    enqueue(queue, event) {
      const oldest = queue.length < queueLimit ? undefined : queue.shift();
      queue.push(event);
      // The next one that is read says how many went before it.
      const next = queue[0];
      if (oldest !== undefined && next !== undefined)
        queue[0] = { ...next, dropped: next.dropped + oldest.dropped + 1 };
    },
    onEnd: () => close(),
  });
  const listener: LiveListener = {
    onEvent({ cursor, message }) {
      if (message.kind !== 'registryChange') return;
      stream.push({ revision: message.revision, cursor, lagged, dropped: 0 });
      lagged = false;
    },
    onGap() {
      lagged = true;
    },
  };
  const subscription = await bus.subscribe(['registryChange'], listener, after ?? undefined);
  close = () => subscription.close();
  return mapStream(stream.values, async (event) => {
    if (watcher.current().snapshot.revision < event.revision) await watcher.refresh();
    return event;
  });
}
