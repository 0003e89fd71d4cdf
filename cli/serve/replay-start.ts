import type { PersistedDataClock } from '../../adapters/clock/data-clock.ts';
import type { SystemClock } from '../../core/ports/clocks.ts';
import type { RegistryStore } from '../../core/ports/registry-store.ts';

interface ReplayStart {
  /** System time at which the replay is at its beginning. */
  readonly startsAtMillis: number;
}

const documentId = 'shared';
const lookMillis = 500;
/** Time for every process to hear of it. */
const noticeMillis = 3 * lookMillis;

/** Has the shared replay begin in all processes, if it has not begun. */
export async function startReplay(
  documents: Pick<RegistryStore, 'getDocument' | 'putDocument'>,
  systemClock: SystemClock,
): Promise<void> {
  if ((await documents.getDocument('replays', documentId)) !== null) return;
  const start: ReplayStart = { startsAtMillis: systemClock.nowMillis() + noticeMillis };
  await documents.putDocument('replays', documentId, start);
}

/** Releases the clock when the shared replay has begun, or is about to; resolves then, or when the signal aborts. */
export async function followReplayStart(deps: {
  readonly documents: Pick<RegistryStore, 'getDocument'>;
  readonly clock: Pick<PersistedDataClock, 'release'>;
  readonly systemClock: SystemClock;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { documents, clock, systemClock, signal } = deps;
  while (!signal.aborted) {
    // While the registry is away nobody can have begun.
    const start = (await documents.getDocument('replays', documentId).catch(() => null)) as ReplayStart | null;
    if (start !== null) return clock.release(start.startsAtMillis);
    await systemClock.sleep(lookMillis, signal).catch(() => {});
  }
}
