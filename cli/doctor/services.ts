import { join } from 'node:path';
import { clockHealth } from '../../adapters/clock/clock-health.ts';
import { createSystemClock } from '../../adapters/clock/system-clock.ts';
import { folderHealth } from '../../adapters/files/folder-health.ts';
import { kafkaHealth } from '../../adapters/kafka/health.ts';
import { postgresHealth } from '../../adapters/postgres/health.ts';
import { readPostgresRegistry } from '../../adapters/postgres/read-registry.ts';
import { redisHealth } from '../../adapters/redis/health.ts';
import { schemaRegistryHealth } from '../../adapters/schema-registry/health.ts';
import type { Definitions } from '../../core/definitions/model.ts';
import { findingsOf } from '../../core/health/findings.ts';
import type { Finding, HealthCheck } from '../../core/ports/health-check.ts';
import { topicOf } from '../../core/records/topic.ts';
import { currentDefinitions } from '../../core/registry/overlay.ts';
import { ingestGroup } from '../../pipelines/ingest/ingest.ts';
import { openKafkaAccess, readPemFile } from '../serve/kafka-access.ts';
import { readSettings, type Settings } from '../serve/settings.ts';
import { machineHealth } from './machine.ts';

export interface DoctorOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `process.versions.node` */
  readonly nodeVersion: string;
  /** Whose topics are looked at; null = what the registry in PostgreSQL holds. */
  readonly definitions: Definitions | null;
}

/** Looks at everything that the environment names, one after the other. */
export async function* examine({ env, nodeVersion, definitions }: DoctorOptions): AsyncIterable<Finding> {
  const { failed, ok } = findingsOf('environment');
  let settings: Settings;
  try {
    settings = readSettings(env);
    yield ok('variables', 'usable');
  } catch (error) {
    yield failed('variables', error);
    return;
  }
  const checks = [
    async () => machineHealth({ nodeVersion, duckDbMemory: settings.duckDbMemory }),
    async () => folderHealth({ service: 'data folder', folder: settings.dataDir, variable: 'ASOF_DATA_DIR' }),
    async () => folderHealth({ service: 'offline folder', folder: settings.offlineDir, variable: 'OFFLINE_URL' }),
    async () => clockHealth({ file: join(settings.dataDir, 'clock.json'), systemClock }),
    () => postgres(settings),
    () => redis(settings),
    () => kafka(settings, definitions),
    async () =>
      settings.schemaRegistryUrl === null ? null : schemaRegistryHealth({ url: settings.schemaRegistryUrl }),
  ];
  for (const open of checks) {
    try {
      const check = await open();
      if (check !== null) yield* check.checks();
    } catch (error) {
      yield failed('files', error);
    }
  }
}

const systemClock = createSystemClock();

async function postgres(settings: Settings): Promise<HealthCheck | null> {
  const access = await postgresAccess(settings);
  return access === null ? null : postgresHealth({ ...access, clock: systemClock });
}

async function postgresAccess({ databaseUrl, databaseCaFile }: Settings) {
  if (databaseUrl === null) return null;
  if (databaseCaFile === null) return { url: databaseUrl };
  return { url: databaseUrl, ca: await readPemFile('DATABASE_CA_FILE', databaseCaFile) };
}

async function redis({ redisUrl, redisCaFile, redisSentinelPassword }: Settings): Promise<HealthCheck | null> {
  if (redisUrl === null) return null;
  return redisHealth({
    url: redisUrl,
    clock: systemClock,
    ...(redisCaFile !== null && { ca: await readPemFile('REDIS_CA_FILE', redisCaFile) }),
    ...(redisSentinelPassword !== null && { sentinelPassword: redisSentinelPassword }),
  });
}

async function kafka(settings: Settings, definitions: Definitions | null): Promise<HealthCheck | null> {
  if (settings.kafkaBrokers.length === 0) return null;
  const security = await openKafkaAccess(settings.kafkaAccess);
  // PostgreSQL that is away has been told of already.
  const known = definitions ?? (await registered(settings).catch(() => null));
  const topics = new Set(known?.sources.flatMap((source) => topicOf(source) ?? []));
  const check = kafkaHealth({
    brokers: settings.kafkaBrokers,
    systemClock,
    security,
    group: ingestGroup,
    topics: [...topics].sort(),
    deadLetterTopic: settings.kafkaDeadLetterTopic,
  });
  return known === null ? withoutTopics(check) : check;
}

async function registered(settings: Settings): Promise<Definitions | null> {
  const access = await postgresAccess(settings);
  const snapshot = access === null ? null : await readPostgresRegistry(access);
  return snapshot === null ? null : currentDefinitions(snapshot);
}

function withoutTopics(check: HealthCheck): HealthCheck {
  return {
    service: check.service,
    async *checks() {
      yield* check.checks();
      yield findingsOf(check.service).warn({
        what: 'topics',
        expected: 'to know which ones feed sources',
        got: 'no registry in PostgreSQL, and no definitions',
        remedy: 'Call it with --definitions FILE',
      });
    },
  };
}
