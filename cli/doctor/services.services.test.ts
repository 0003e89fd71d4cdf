import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSystemClock } from '../../adapters/clock/system-clock.ts';
import { openPostgresRegistry } from '../../adapters/postgres/registry-store.ts';
import type { Definitions } from '../../core/definitions/model.ts';
import { planChange } from '../../core/registry/plan.ts';
import { bad, collected } from '../../test/health/findings.ts';
import { clicksDefinitions } from '../../test/pipelines/clicks.ts';
import { describeWithService } from '../../test/services/find-program.ts';
import { type KafkaServer, kafka, startKafka } from '../../test/services/kafka.ts';
import { type PostgresServer, postgres, startPostgres } from '../../test/services/postgres.ts';
import { type RedisServer, redis, startRedis } from '../../test/services/redis.ts';
import { examine } from './services.ts';

const missing = [postgres, redis, kafka].find(({ program }) => program === null) ?? kafka;

describeWithService('the doctor on PostgreSQL, Redis and Kafka', missing, () => {
  let folder: string;
  let database: PostgresServer;
  let online: RedisServer;
  let log: KafkaServer;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'asof-doctor-'));
    [database, online, log] = await Promise.all([startPostgres(), startRedis(), startKafka()]);
  });
  afterAll(async () => {
    await Promise.all([database, online, log].map((server) => server?.[Symbol.asyncDispose]()));
    rmSync(folder, { recursive: true, force: true });
  });

  const found = async (definitions: Definitions | null) => {
    const env = {
      ASOF_DATA_DIR: folder,
      DATABASE_URL: database.url,
      REDIS_URL: online.url,
      KAFKA_BROKERS: log.brokers,
    };
    const all = await collected(examine({ env, nodeVersion: process.versions.node, definitions }));
    // How full this machine's disk is, is not what is tested.
    return bad(all).filter(({ what }) => !what.startsWith('free space'));
  };

  it('looks for the topics of the registry, of given definitions, or says that it knows none', async () => {
    const clicks = { service: 'Kafka', level: 'warn', what: 'topic clicks' };
    expect(await found(null)).toMatchObject([
      { service: 'Kafka', what: 'topics', remedy: expect.stringContaining('--definitions') },
    ]);
    expect(await found(clicksDefinitions)).toMatchObject([clicks]);
    const clock = createSystemClock();
    await using registry = await openPostgresRegistry({ url: database.url, clock });
    const { change } = planChange(await registry.load(), clicksDefinitions, '2026-01-01T00:00:00.000Z');
    await registry.apply({ ...change, appliedBy: 'test' }, 0);
    expect(await found(null)).toMatchObject([clicks]);
  });
});
