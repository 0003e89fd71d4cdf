import { join } from 'node:path';
import { createReadingClock } from '../../../adapters/clock/reading-clock.ts';
import { createSystemClock } from '../../../adapters/clock/system-clock.ts';
import { createLinkedDeadLetters } from '../../../adapters/cluster/dead-letters.ts';
import { createLinkedEventLog } from '../../../adapters/cluster/event-log.ts';
import type { Link } from '../../../adapters/cluster/link.ts';
import { createLinkedLiveBus } from '../../../adapters/cluster/live-bus.ts';
import { openLmdbOnlineReader } from '../../../adapters/lmdb/online-reader.ts';
import type { Instant } from '../../../core/values/types.ts';
import { createClosingStack } from '../../../runtime/closing-stack.ts';
import { watchLiveBus } from '../measure.ts';
import { onceOpened, onDemand } from '../once-opened.ts';
import type { ServingStores } from '../parts/part.ts';
import {
  openBusServer,
  openDeadLetterServer,
  openLogServer,
  openOnlineServer,
  type ServerDeps,
  type Watching,
} from '../server-stores.ts';
import type { Settings } from '../settings.ts';

/**
 * The stores of a worker: servers it asks itself; of what the primary has embedded it reads the online values from their
 * file, and asks for the rest. It keeps nothing.
 *
 * @param floor what the primary's clock showed when this began; asked for when something needs the time of data
 */
export function createWorkerStores(
  settings: Settings,
  link: Link,
  { floor, ...watch }: Watching & { readonly floor: () => Instant },
): ServingStores & AsyncDisposable {
  const stack = createClosingStack();
  const once = <T extends AsyncDisposable>(open: () => Promise<T>) => onceOpened(async () => stack.use(await open()));
  const systemClock = createSystemClock();
  const live = watchLiveBus(watch, systemClock);
  const deps: ServerDeps = { settings, systemClock, watch, live: live.events };
  const clock = onDemand(() => createReadingClock(systemClock, floor()));
  const onListenerError = (error: unknown): void =>
    watch.logger.error({ err: error }, 'a subscriber failed at a live message');
  return {
    systemClock,
    get clock() {
      return clock();
    },
    online: once(
      async () => (await openOnlineServer(deps)) ?? openLmdbOnlineReader({ folder: join(settings.dataDir, 'online') }),
    ),
    log: once(async () => (await openLogServer(deps, null)) ?? keptElsewhere(createLinkedEventLog(link))),
    bus: once(async () => (await openBusServer(deps)) ?? createLinkedLiveBus({ link, onListenerError })),
    deadLetters: once(async () => (await openDeadLetterServer(deps)) ?? keptElsewhere(createLinkedDeadLetters(link))),
    notes: live.notes,
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  };
}

/** There is nothing to close here. */
function keptElsewhere<T extends object>(store: T): T & AsyncDisposable {
  return { ...store, [Symbol.asyncDispose]: async () => {} };
}
