import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSystemClock } from '../../adapters/clock/system-clock.ts';
import { createDuckDbOfflineStore } from '../../adapters/duckdb/offline-store.ts';
import { openKafkaEventLog } from '../../adapters/kafka/event-log.ts';
import { openRedisOnlineStore } from '../../adapters/redis/open.ts';
import { createOnlineReader } from '../../core/online/reader.ts';
import type { EventLog } from '../../core/ports/event-log.ts';
import { topicOf } from '../../core/records/topic.ts';
import { prepareFromNothing } from '../doubles/filled-from-nothing.ts';
import { aggregateView } from '../doubles/landing-views.ts';
import { waitFor } from '../e2e/asof-process.ts';
import type { RunningFile } from '../processes/run-file.ts';
import { describeWithService } from '../services/find-program.ts';
import { type KafkaServer, kafka, startKafka } from '../services/kafka.ts';
import { type RedisServer, redis, startRedis } from '../services/redis.ts';
import { expectOfflineHoldsEachOnce, expectValuesOfOracle, recordsOfLog } from './check.ts';
import { consumerGroup, shopRegistry, shopTopics } from './definitions.ts';
import { end, ownedBy, runStorm } from './storm.ts';

/** `ASOF_EVENTS=1000000 ASOF_BLOWS=20 ASOF_SEED=…` is the test in earnest. */
const events = Number(process.env.ASOF_EVENTS ?? 30_000);
const blows = Number(process.env.ASOF_BLOWS ?? 6);
const seed = Number(process.env.ASOF_SEED ?? 3);

const program = kafka.program === null || redis.program === null ? null : kafka.program;
const install = `${kafka.install}; ${redis.install}`;

describeWithService('ingest by several processes that share a consumer group', { program, install }, () => {
  let folder: string;
  let servers: { readonly kafka: KafkaServer; readonly redis: RedisServer };
  const systemClock = createSystemClock();

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'asof-exactly-once-'));
    const [log, values] = await Promise.all([startKafka({ 'group.min.session.timeout.ms': '1000' }), startRedis()]);
    servers = { kafka: log, redis: values };
  });
  afterAll(async () => {
    await Promise.all([servers?.kafka, servers?.redis].map((server) => server?.[Symbol.asyncDispose]()));
    rmSync(folder, { recursive: true, force: true });
  });

  it('counts each event once in both stores, through kills, freezes and rebalances', {
    timeout: 60_000 + events * 2,
  }, async () => {
    const { brokers } = servers.kafka;
    await using log = await openKafkaEventLog({ brokers: [brokers], systemClock });
    await using online = await openRedisOnlineStore({ url: servers.redis.url, clock: systemClock });
    const views = [...shopRegistry.views.values()].flat();
    await prepareFromNothing(online, views);

    const memberArgs = [brokers, servers.redis.url, folder];
    const until = systemClock.nowMillis();
    const members = await runStorm({ log, memberArgs, events, blows, seed, until });
    await waitFor(async () => ((await isCommitted(log)) ? true : undefined), 60_000 + events / 2);
    await waitFor(async () => (members.every((member) => ownedBy([member]) === 3) ? true : undefined), 30_000);
    for (const member of members) await end(member);
    expect(errorsOf(members)).toEqual([]);

    const records = await recordsOfLog(log);
    const t = systemClock.nowMillis() + 1;
    await using offline = await createDuckDbOfflineStore({ folder: join(folder, 'offline'), threads: 1 });
    const reader = createOnlineReader({ store: online, clock: { readInstant: () => t } });
    let keys = 0;
    for (const view of views) {
      const expected = records.get(topicOf(view.source)!)!;
      await expectOfflineHoldsEachOnce(offline, aggregateView(view.source, [], []), expected);
      keys += await expectValuesOfOracle({ reader, offline }, view, expected, t);
    }
    expect(keys).toBeGreaterThan(500);
  });

  async function isCommitted(log: EventLog): Promise<boolean> {
    for (const topic of shopTopics) {
      const committed = await log.committed(consumerGroup, topic);
      for (const [partition, end] of await log.endOffsets(topic))
        if (committed.get(partition)?.offset !== end) return false;
    }
    return true;
  }

  function errorsOf(members: readonly RunningFile[]): string[] {
    // Who was frozen finds that a server's answer did not come in time.
    return members.flatMap(({ lines }) => lines.filter((line) => /^error (?!UNAVAILABLE)/.test(line)));
  }
});
