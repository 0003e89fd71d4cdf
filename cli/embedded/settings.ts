import { resolve } from 'node:path';
import { parseRedisUrl } from '../../adapters/redis/address.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import { type LogLevel, logLevels } from '../../runtime/logging.ts';
import { type KafkaAccess, readKafkaAccess } from './kafka-access.ts';

/** What a process reads from its environment; `null` = switched off. */
export interface Settings {
  /** Everything the process keeps (ASOF_DATA_DIR, default `.asof`). */
  readonly dataDir: string;
  /** PORT, default 4000; 0 = any free one. */
  readonly port: number;
  /** HOST, default 127.0.0.1. */
  readonly host: string;
  /** Batch paths are relative to it (ASOF_BATCH_DIR, default the data folder). */
  readonly batchDir: string;
  /** ASOF_LOG_LEVEL, default warn. */
  readonly logLevel: LogLevel;
  /** DATABASE_URL: PostgreSQL instead of the embedded registry. */
  readonly databaseUrl: string | null;
  /** DATABASE_CA_FILE: who may have signed PostgreSQL's certificate, and switches TLS on; null = as the URL says. */
  readonly databaseCaFile: string | null;
  /** REDIS_URL: Redis instead of the embedded online store. */
  readonly redisUrl: string | null;
  /** REDIS_CA_FILE: who may have signed the servers' certificates; null = whom Node trusts. */
  readonly redisCaFile: string | null;
  /** REDIS_SENTINEL_PASSWORD */
  readonly redisSentinelPassword: string | null;
  /** REDIS_READ_DEADLINE_MILLIS, default 500. */
  readonly redisReadDeadlineMillis: number;
  /** KAFKA_BROKERS, `host:port` each: Kafka instead of the embedded event log; empty = the embedded one. */
  readonly kafkaBrokers: readonly string[];
  readonly kafkaAccess: KafkaAccess;
  /** KAFKA_DEAD_LETTER_TOPIC, default asof.dead-letters. */
  readonly kafkaDeadLetterTopic: string;
  /** SCHEMA_REGISTRY_URL: where the schemas of Avro and Protobuf topics are. */
  readonly schemaRegistryUrl: string | null;
  /** ASOF_REFILL, default auto: whether online values that are lost while the process runs are filled again by themselves. */
  readonly refill: (typeof refillModes)[number];
  /** ASOF_DUCKDB_MEMORY, default 384MB. */
  readonly duckDbMemory: string;
}

const refillModes = ['auto', 'manual'] as const;

type Environment = Readonly<Record<string, string | undefined>>;

/** BAD_INPUT that lists every problem at once. */
export function readSettings(env: Environment): Settings {
  const problems: string[] = [];
  const dataDir = resolve(env.ASOF_DATA_DIR ?? '.asof');
  const settings: Settings = {
    dataDir,
    port: wholeNumber(env, 'PORT', 4000, 65_535, problems),
    host: env.HOST ?? '127.0.0.1',
    batchDir: resolve(env.ASOF_BATCH_DIR ?? dataDir),
    logLevel: oneOf(env, 'ASOF_LOG_LEVEL', logLevels, 'warn', problems),
    databaseUrl: urlOf(env, 'DATABASE_URL', ['postgres:', 'postgresql:'], problems),
    databaseCaFile: env.DATABASE_CA_FILE || null,
    redisUrl: redisUrlOf(env, 'REDIS_URL', problems),
    redisCaFile: env.REDIS_CA_FILE || null,
    redisSentinelPassword: env.REDIS_SENTINEL_PASSWORD || null,
    redisReadDeadlineMillis: wholeNumber(env, 'REDIS_READ_DEADLINE_MILLIS', 500, 60_000, problems),
    kafkaBrokers: brokersOf(env, 'KAFKA_BROKERS', problems),
    kafkaAccess: readKafkaAccess(env, problems),
    kafkaDeadLetterTopic: env.KAFKA_DEAD_LETTER_TOPIC || 'asof.dead-letters',
    schemaRegistryUrl: urlOf(env, 'SCHEMA_REGISTRY_URL', ['http:', 'https:'], problems),
    refill: oneOf(env, 'ASOF_REFILL', refillModes, 'auto', problems),
    duckDbMemory: memorySize(env, 'ASOF_DUCKDB_MEMORY', '384MB', problems),
  };
  if (problems.length > 0) {
    throw new AsofError('BAD_INPUT', `the environment is not usable: ${problems.join('; ')}`, {
      remedy: 'Mend these variables, or unset them for their defaults.',
    });
  }
  return settings;
}

/** A positive number such as a replay speed. */
export function positiveNumber(env: Environment, name: string, fallback: number): number {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new AsofError('BAD_INPUT', `${name} is not usable`, { expected: 'a positive number', got: text });
}

function wholeNumber(env: Environment, name: string, fallback: number, most: number, problems: string[]): number {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > most) {
    problems.push(`${name}: expected a whole number from 0 to ${most}, got ${JSON.stringify(text)}`);
  }
  return value;
}

function oneOf<T extends string>(
  env: Environment,
  name: string,
  allowed: readonly T[],
  fallback: T,
  problems: string[],
): T {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const found = allowed.find((value) => value === text);
  if (found === undefined) problems.push(`${name}: expected ${allowed.join(', ')}, got ${JSON.stringify(text)}`);
  return found ?? fallback;
}

function urlOf(env: Environment, name: string, protocols: readonly string[], problems: string[]): string | null {
  const text = env[name];
  if (text === undefined || text === '') return null;
  // The value may hold a password: it is never repeated.
  if (!URL.canParse(text)) problems.push(`${name}: expected a URL`);
  else if (!protocols.includes(new URL(text).protocol)) {
    problems.push(`${name}: expected ${protocols.join(' or ')}, got ${new URL(text).protocol}`);
  }
  return text;
}

function redisUrlOf(env: Environment, name: string, problems: string[]): string | null {
  const text = env[name];
  if (text === undefined || text === '') return null;
  try {
    parseRedisUrl(text);
  } catch (error) {
    if (!(error instanceof AsofError)) throw error;
    problems.push(`${name}: expected ${error.details.expected}, got ${error.details.got}`);
  }
  return text;
}

function brokersOf(env: Environment, name: string, problems: string[]): readonly string[] {
  const brokers = (env[name] ?? '').split(',').flatMap((broker) => (broker.trim() === '' ? [] : [broker.trim()]));
  for (const broker of brokers) {
    if (!/^[^\s:/]+:\d{1,5}$/.test(broker)) problems.push(`${name}: expected host:port, got ${JSON.stringify(broker)}`);
  }
  return brokers;
}

function memorySize(env: Environment, name: string, fallback: string, problems: string[]): string {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  if (!/^\d+(MB|GB)$/.test(text)) problems.push(`${name}: expected a size such as 512MB, got ${JSON.stringify(text)}`);
  return text;
}
