import { linkSignals } from '../../core/time/linked-signal.ts';
import type { Polling } from './revision-watch.ts';
import type { SqlClient } from './sql-client.ts';

/** Any number that nothing else in the database locks. */
const leadLock = 0x0a510;

/** How long others wait, at most, when the leader has ended; and how often it looks whether it still leads. */
const everyMillis = 1_000;

/** See `RegistryStore.lead`. Without polling there are no other processes. */
export async function lead(
  client: SqlClient,
  polling: Polling | null,
  work: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  if (polling === null) return signal.aborted ? undefined : await work(signal);
  const { clock } = polling;
  for (;;) {
    if (signal.aborted) return;
    // While the server is away nobody leads.
    const lock = await client.lock(leadLock).catch(() => null);
    if (lock === null) {
      await clock.sleep(everyMillis, signal).catch(() => {});
      continue;
    }
    const over = new AbortController();
    const lost = new AbortController();
    const watch = async (): Promise<void> => {
      while (!over.signal.aborted) {
        await clock.sleep(everyMillis, over.signal).catch(() => {});
        if (!over.signal.aborted) await lock.check();
      }
    };
    const watching = watch().catch((error: unknown) => lost.abort(error));
    using ended = linkSignals(signal, lost.signal);
    try {
      await work(ended.signal);
      if (!lost.signal.aborted) return;
    } catch (error) {
      if (!lost.signal.aborted) throw error;
    } finally {
      over.abort();
      await watching;
      await lock.release();
    }
  }
}
