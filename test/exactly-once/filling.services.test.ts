import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDataClock } from '../../adapters/clock/data-clock.ts';
import { createSystemClock } from '../../adapters/clock/system-clock.ts';
import { createDuckDbOfflineStore } from '../../adapters/duckdb/offline-store.ts';
import { createFileDeadLetters } from '../../adapters/files/dead-letters.ts';
import { openKafkaEventLog } from '../../adapters/kafka/event-log.ts';
import { createMemoryLiveBus } from '../../adapters/memory/live-bus.ts';
import { openPostgresRegistry } from '../../adapters/postgres/registry-store.ts';
import { openRedisOnlineStore } from '../../adapters/redis/open.ts';
import type { Definitions } from '../../core/definitions/model.ts';
import { createOnlineReader } from '../../core/online/reader.ts';
import { unreadyShards } from '../../core/online/ready.ts';
import { createOnlineWriter } from '../../core/online/writer.ts';
import { topicOf } from '../../core/records/topic.ts';
import { createBell } from '../../pipelines/bell.ts';
import { onlineVersions } from '../../pipelines/ingest/routes.ts';
import { createLedMaterializer } from '../../pipelines/materialize/leading.ts';
import { createRegistryWatcher } from '../../runtime/registry-watcher.ts';
import { createApplyDefinitions } from '../../subgraphs/registry/apply.ts';
import { waitFor } from '../e2e/asof-process.ts';
import { type RunningFile, runFile } from '../processes/run-file.ts';
import { describeWithService } from '../services/find-program.ts';
import { type KafkaServer, kafka, startKafka } from '../services/kafka.ts';
import { type PostgresServer, postgres, startPostgres } from '../services/postgres.ts';
import { type RedisServer, redis, startRedis } from '../services/redis.ts';
import { expectValuesOfOracle, recordsOfLog } from './check.ts';
import { consumerGroup, shopDefinitions, shopTopics } from './definitions.ts';
import { shopEvents } from './events.ts';
import { end, memberFile, ownedBy, sendSome } from './storm.ts';

const services = [kafka, redis, postgres];
const program = services.every((service) => service.program !== null) ? kafka.program : null;
const install = services.map((service) => service.install).join('; ');

describeWithService('fills beside several ingest processes', { program, install }, () => {
  let folder: string;
  let servers: { readonly kafka: KafkaServer; readonly redis: RedisServer; readonly postgres: PostgresServer };
  const systemClock = createSystemClock();
  const cleanUps: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'asof-filling-'));
    const started = await Promise.all([
      startKafka({ 'group.min.session.timeout.ms': '1000' }),
      startRedis(),
      startPostgres(),
    ]);
    servers = { kafka: started[0], redis: started[1], postgres: started[2] };
  }, 120_000);
  afterAll(async () => {
    for (const cleanUp of cleanUps.reverse()) await cleanUp();
    await Promise.all(Object.values(servers ?? {}).map((server) => server[Symbol.asyncDispose]()));
    rmSync(folder, { recursive: true, force: true });
  });

  /** A process that may fill, as the offline one is; here several in one. */
  async function openFiller(databaseUrl: string, name: string) {
    const documents = await openPostgresRegistry({ url: databaseUrl, clock: systemClock });
    const errors: unknown[] = [];
    const onError = (error: unknown): void => void errors.push(error);
    const watcher = await createRegistryWatcher({ store: documents, onError });
    const online = await openRedisOnlineStore({ url: servers.redis.url, clock: systemClock });
    const log = await openKafkaEventLog({ brokers: [servers.kafka.brokers], systemClock });
    const offline = await createDuckDbOfflineStore({ folder: join(folder, 'offline'), threads: 1 });
    const clock = createDataClock({ file: join(folder, `${name}.clock.json`), systemClock });
    const deadLetters = createFileDeadLetters({ folder: join(folder, `${name}.letters`) });
    const materializer = createLedMaterializer({
      registry: () => watcher.current().compiled,
      documents,
      online,
      log,
      offline,
      writer: createOnlineWriter({ store: online, clock }),
      deadLetters,
      systemClock,
      group: consumerGroup,
      committed: createBell(),
      baseFolder: folder,
      now: () => new Date(systemClock.nowMillis()).toISOString(),
      onLost: () => true,
      onError,
    });
    watcher.onChange(() => materializer.registryChanged());
    materializer.start();
    const close = async (): Promise<void> => {
      for (const one of opened.splice(0)) await one[Symbol.asyncDispose]();
    };
    const opened: AsyncDisposable[] = [materializer, watcher, offline, online, log, deadLetters, clock, documents];
    cleanUps.push(close);
    return { documents, watcher, online, offline, log, materializer, errors, close };
  }

  it('adds a view, fills a lost store and rebuilds while members ingest and are killed', {
    timeout: 240_000,
  }, async () => {
    const databaseUrl = servers.postgres.database('shop');
    const first = await openFiller(databaseUrl, 'first');
    const second = await openFiller(databaseUrl, 'second');
    const apply = createApplyDefinitions({ store: second.documents, systemClock, bus: createMemoryLiveBus() });
    const without = (name: string): Definitions => ({
      ...shopDefinitions,
      views: shopDefinitions.views.filter((view) => view.name !== name),
    });
    await apply(without('user_orders'), { appliedBy: 'test' });

    const stream = shopEvents(30_000, 5, systemClock.nowMillis());
    await sendSome(second.log, stream, 6_000);
    const members: RunningFile[] = [];
    const alive: RunningFile[] = [];
    const start = (): void => {
      const name = `member-${members.length + 1}`;
      const member = runFile(memberFile, [servers.kafka.brokers, servers.redis.url, folder, name, databaseUrl]);
      members.push(member);
      alive.push(member);
      cleanUps.push(() => member.kill());
    };
    start();
    start();
    let isStreaming = true;
    const streaming = (async () => {
      while (isStreaming) {
        await sendSome(second.log, stream, 100);
        // The oracle takes the square of a key's events: not as many as may be.
        await systemClock.sleep(200);
      }
    })();
    const stopStreaming = async (): Promise<void> => {
      isStreaming = false;
      await streaming;
    };
    cleanUps.push(stopStreaming);
    /** A member dies, and another comes in its place. */
    const blow = async (): Promise<void> => {
      await waitFor(async () => (ownedBy(alive) === 9 ? true : undefined), 60_000);
      await alive.shift()!.kill();
      start();
    };
    const views = () => onlineVersions(second.watcher.current().compiled);
    const isWhole = async (count: number): Promise<true | undefined> => {
      const shards = await unreadyShards(second.online, views());
      return views().length === count && shards.flat().length === 0 ? true : undefined;
    };

    await waitFor(() => isWhole(3), 60_000);
    await apply(shopDefinitions, { appliedBy: 'test' });
    await blow();
    await waitFor(() => isWhole(4), 60_000);

    const admin = new Redis(servers.redis.url);
    await admin.flushall();
    admin.disconnect();
    expect(await isWhole(4)).toBeUndefined();
    await blow();
    await waitFor(() => isWhole(4), 60_000);

    // Whoever leads, the other is asked; and then the leader ends.
    const { id } = await second.materializer.rebuild(['product_orders', 'user_profile'], { discard: true });
    await blow();
    await first.close();
    const job = await waitFor(async () => {
      const now = await second.materializer.get(id);
      return now !== null && now.finishedAt !== null ? now : undefined;
    }, 90_000);
    expect(job).toMatchObject({ state: 'SUCCEEDED', kind: 'REBUILD' });
    await waitFor(() => isWhole(4), 60_000);
    await stopStreaming();

    await waitFor(async () => {
      for (const topic of shopTopics) {
        const committed = await second.log.committed(consumerGroup, topic);
        for (const [partition, last] of await second.log.endOffsets(topic)) {
          if (committed.get(partition)?.offset !== last) return undefined;
        }
      }
      return true;
    }, 60_000);
    for (const member of alive) await end(member);
    expect(await isWhole(4)).toBe(true);
    const records = await recordsOfLog(second.log);
    const t = systemClock.nowMillis() + 1;
    const reader = createOnlineReader({ store: second.online, clock: { readInstant: () => t } });
    let keys = 0;
    for (const view of views()) {
      const expected = records.get(topicOf(view.source)!)!;
      keys += await expectValuesOfOracle({ reader, offline: second.offline }, view, expected, t);
    }
    expect(keys).toBeGreaterThan(500);
    const errors = members.flatMap(({ lines }) => lines.filter((line) => /^error (?!UNAVAILABLE)/.test(line)));
    expect(errors).toEqual([]);
    expect([...first.errors, ...second.errors]).toEqual([]);
  });
});
