import type { LiveBus } from '../../core/ports/live-bus.ts';
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
export function registryChanges(
  { bus, watcher }: { readonly bus: LiveBus; readonly watcher: RegistryWatcher },
  after: string | null,
): AsyncGenerator<RegistryChangeEvent, void, undefined> {
  let close = (): void => {};
  let isFirst = true;
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
  const subscription = bus.subscribe(
    ['registryChange'],
    ({ cursor, message }) => {
      if (message.kind !== 'registryChange') return;
      stream.push({ revision: message.revision, cursor, lagged: isFirst && subscription.lagged, dropped: 0 });
      isFirst = false;
    },
    after ?? undefined,
  );
  close = () => subscription.close();
  return mapStream(stream.values, async (event) => {
    if (watcher.current().snapshot.revision < event.revision) await watcher.refresh();
    return event;
  });
}
