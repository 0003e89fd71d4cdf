import { randomUUID } from 'node:crypto';
import { freshnessKey } from '../../core/online/keys.ts';
import type { SystemClock } from '../../core/ports/clocks.ts';
import type { FreshnessMonitor, FreshnessReport } from '../../core/ports/freshness.ts';
import type { OnlineStore } from '../../core/ports/online-store.ts';

/** What the monitor last put into the online store, as JSON. */
interface Published {
  /** Another one at each check. */
  readonly check: string;
  readonly reports: readonly FreshnessReport[];
}

/** Has other processes know what a check found. */
export async function publishReports(
  store: Pick<OnlineStore, 'shards' | 'put'>,
  reports: ReadonlyMap<string, FreshnessReport>,
): Promise<void> {
  const published: Published = { check: randomUUID(), reports: [...reports.values()] };
  await store.put(freshnessKey(store.shards), Buffer.from(JSON.stringify(published)));
}

/** Between two looks. */
const lookMillis = 1_000;
/** Reports of a monitor that has been silent for longer say nothing about now. */
const silentMillis = 30_000;

/** The reports of a monitor in another process; none while it is silent. Ends when it is closed. */
export function followReports({
  store,
  systemClock,
}: {
  readonly store: Pick<OnlineStore, 'shards' | 'getMany'>;
  readonly systemClock: SystemClock;
}): FreshnessMonitor & AsyncDisposable {
  const stopping = new AbortController();
  const { signal } = stopping;
  const key = freshnessKey(store.shards);
  let reports: ReadonlyMap<string, FreshnessReport> = new Map();
  let check: string | null = null;
  /** By our own clock: the monitor's may go wrong. */
  let heardAt = Number.NEGATIVE_INFINITY;

  async function look(): Promise<void> {
    const [bytes] = await store.getMany([key]);
    if (!(bytes instanceof Uint8Array)) return;
    const published = JSON.parse(Buffer.from(bytes).toString()) as Published;
    if (published.check === check) return;
    // What was there at the start may be of long ago.
    if (check !== null) {
      heardAt = systemClock.nowMillis();
      reports = new Map(published.reports.map((report) => [report.view, report]));
    }
    check = published.check;
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      // A store that is away says so to whoever reads.
      await look().catch(() => {});
      await systemClock.sleep(lookMillis, signal).catch(() => {});
    }
  }

  const running = run();
  return {
    report: (view) => (systemClock.nowMillis() - heardAt > silentMillis ? null : (reports.get(view) ?? null)),
    [Symbol.asyncDispose]: async () => {
      stopping.abort(new Error('nobody asks any more'));
      await running;
    },
  };
}
