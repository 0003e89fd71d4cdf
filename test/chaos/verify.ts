import { createSystemClock } from '../../adapters/clock/system-clock.ts';
import { createDuckDbOfflineStore } from '../../adapters/duckdb/offline-store.ts';
import { openRedisOnlineStore } from '../../adapters/redis/open.ts';
import { createOnlineReader } from '../../core/online/reader.ts';
import { topicOf } from '../../core/records/topic.ts';
import { ingestGroup } from '../../pipelines/ingest/ingest.ts';
import { aggregateView } from '../doubles/landing-views.ts';
import { waitFor } from '../e2e/asof-process.ts';
import { expectOfflineHoldsEachOnce, expectValuesOfOracle, recordsOfLog } from '../exactly-once/check.ts';
import { shopTopics } from '../exactly-once/definitions.ts';
import { untilApplied, type World } from './world.ts';

/**
 * Holds every value of every key against the oracle, online and joined offline, and the history against the log: each
 * record is there once. The producer has stopped. Returns the number of records.
 */
export async function expectNothingLost(world: World, timeoutMillis: number): Promise<number> {
  const { log, engines, historyFolder, registry } = world;
  await untilApplied(world, timeoutMillis);
  await waitFor(async () => ((await isCommitted(world)) ? true : undefined), timeoutMillis);
  const records = await recordsOfLog(log);
  const clock = createSystemClock();
  const t = clock.nowMillis() + 1;
  await using online = await openRedisOnlineStore({ url: engines.redis.url, clock });
  await using offline = await createDuckDbOfflineStore({ folder: historyFolder, threads: 1 });
  const reader = createOnlineReader({ store: online, clock: { readInstant: () => t } });
  for (const view of [...registry.views.values()].flat()) {
    const expected = records.get(topicOf(view.source)!)!;
    await expectOfflineHoldsEachOnce(offline, aggregateView(view.source, [], []), expected);
    await expectValuesOfOracle({ reader, offline }, view, expected, t);
  }
  return [...records.values()].reduce((sum, own) => sum + own.length, 0);
}

async function isCommitted({ log }: World): Promise<boolean> {
  for (const topic of shopTopics) {
    const committed = await log.committed(ingestGroup, topic);
    for (const [partition, end] of await log.endOffsets(topic)) {
      if (committed.get(partition)?.offset !== end) return false;
    }
  }
  return true;
}
