import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseRedisUrl } from '../../adapters/redis/address.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import type { ReadCacheLimits } from '../../core/online/read-cache.ts';
import { type LogLevel, logLevels } from '../../runtime/logging.ts';
import { type KafkaAccess, readKafkaAccess } from './kafka-access.ts';
import { type Role, roleNeeds, rolePorts } from './roles.ts';
import { workersOf } from './workers/count.ts';

/** What a process reads from its environment; `null` = switched off. */
export interface Settings {
  /** Everything the process keeps for itself (ASOF_DATA_DIR, default `.asof`, of a single part `.asof/<role>`). */
  readonly dataDir: string;
  /** PORT, default as the role's; 0 = any free one. */
  readonly port: number;
  /** HOST, default 127.0.0.1. */
  readonly host: string;
  /** ASOF_TOKEN_FILE: who may ask for what; null = whoever reaches the process, which only listens on loopback then. */
  readonly tokenFile: string | null;
  /** ASOF_GATEWAY_TOKEN_FILE: what the gateway shows to subgraphs; null = nothing. */
  readonly gatewayTokenFile: string | null;
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
  /** OFFLINE_URL: where history lies, which several processes may share; default `offline` in the data folder. */
  readonly offlineDir: string;
  /**
   * ASOF_ONLINE_CACHE, default off: memory for states that this process has read; ASOF_ONLINE_CACHE_MILLIS, default 1,000;
   * ASOF_ONLINE_CACHE_VIEWS, default all; ASOF_ONLINE_CACHE_KEYS, `all` or `hot`.
   */
  readonly onlineCache: ReadCacheLimits | null;
  /** ASOF_FLUSH_MILLIS: how often ingest makes durable, and seen by other processes, what it applied. */
  readonly flushMillis: number;
  /** ASOF_QUERY_MILLIS, default 3,000: so long a gateway waits for what registry or online answer to a query. */
  readonly queryMillis: number;
  /** ASOF_GRACE_MILLIS, default 25,000: so long a process may take to stop when it is told to. */
  readonly graceMillis: number;
  /** ASOF_DRAIN_MILLIS, default 0: of that, how long it is not ready and answers all the same, until nobody sends it more. */
  readonly drainMillis: number;
  /** ASOF_WORKERS, default 1: how many processes share the port and the work of answering; 1 = this one does it all. */
  readonly workers: number;
  /** ASOF_DOCUMENTS_FILE: the manifest of documents that clients name by their ids; null = there is none. */
  readonly documentsFile: string | null;
  /** ASOF_FREE_DOCUMENTS, default allowed: whether other documents are answered, too. */
  readonly freeDocuments: (typeof freeDocumentModes)[number];
  /** ASOF_REGISTRY_URL, ASOF_ONLINE_URL, ASOF_OFFLINE_URL: where a gateway finds the others, one URL or several of each. */
  readonly subgraphUrls: Readonly<Record<'registry' | 'online' | 'offline', readonly string[]>>;
}

/** Less than the 30 s that Kubernetes gives where nobody says otherwise. */
export const defaultGraceMillis = 25_000;

/** What GraphiQL begins with where nobody says otherwise. */
export const defaultQuery = '{ __typename }';

const refillModes = ['auto', 'manual'] as const;
const freeDocumentModes = ['allowed', 'refused'] as const;

export type Environment = Readonly<Record<string, string | undefined>>;

/** What a process of this role reads. BAD_INPUT that lists every problem at once. */
export function readSettings(env: Environment, role: Role = 'all'): Settings {
  const problems: string[] = [];
  const dataDir = resolve(env.ASOF_DATA_DIR ?? (role === 'all' ? '.asof' : join('.asof', role)));
  const missing = roleNeeds[role].filter((name) => !env[name]);
  if (missing.length > 0) {
    problems.push(`${missing.join(', ')}: expected, since a process that is ${role} alone shares them with the others`);
  }
  const settings: Settings = {
    dataDir,
    port: wholeNumber(env, 'PORT', rolePorts[role], [0, 65_535], problems),
    host: env.HOST ?? '127.0.0.1',
    tokenFile: env.ASOF_TOKEN_FILE ? resolve(env.ASOF_TOKEN_FILE) : null,
    gatewayTokenFile: env.ASOF_GATEWAY_TOKEN_FILE ? resolve(env.ASOF_GATEWAY_TOKEN_FILE) : null,
    batchDir: resolve(env.ASOF_BATCH_DIR ?? dataDir),
    logLevel: oneOf(env, 'ASOF_LOG_LEVEL', logLevels, 'warn', problems),
    databaseUrl: urlOf(env, 'DATABASE_URL', ['postgres:', 'postgresql:'], problems),
    databaseCaFile: env.DATABASE_CA_FILE || null,
    redisUrl: redisUrlOf(env, 'REDIS_URL', problems),
    redisCaFile: env.REDIS_CA_FILE || null,
    redisSentinelPassword: env.REDIS_SENTINEL_PASSWORD || null,
    redisReadDeadlineMillis: wholeNumber(env, 'REDIS_READ_DEADLINE_MILLIS', 500, [0, 60_000], problems),
    kafkaBrokers: brokersOf(env, 'KAFKA_BROKERS', problems),
    kafkaAccess: readKafkaAccess(env, problems),
    kafkaDeadLetterTopic: env.KAFKA_DEAD_LETTER_TOPIC || 'asof.dead-letters',
    schemaRegistryUrl: urlOf(env, 'SCHEMA_REGISTRY_URL', ['http:', 'https:'], problems),
    refill: oneOf(env, 'ASOF_REFILL', refillModes, 'auto', problems),
    duckDbMemory: memorySize(env, 'ASOF_DUCKDB_MEMORY', '384MB', problems),
    onlineCache: onlineCacheOf(env, problems),
    offlineDir: folderOf(env, 'OFFLINE_URL', join(dataDir, 'offline'), problems),
    flushMillis: wholeNumber(env, 'ASOF_FLUSH_MILLIS', role === 'all' ? 60_000 : 10_000, [100, 3_600_000], problems),
    queryMillis: wholeNumber(env, 'ASOF_QUERY_MILLIS', 3_000, [10, 60_000], problems),
    graceMillis: wholeNumber(env, 'ASOF_GRACE_MILLIS', defaultGraceMillis, [1_000, 600_000], problems),
    drainMillis: wholeNumber(env, 'ASOF_DRAIN_MILLIS', 0, [0, 600_000], problems),
    workers: workersOf(env, role, problems),
    documentsFile: env.ASOF_DOCUMENTS_FILE ? resolve(env.ASOF_DOCUMENTS_FILE) : null,
    freeDocuments: oneOf(env, 'ASOF_FREE_DOCUMENTS', freeDocumentModes, 'allowed', problems),
    subgraphUrls: {
      registry: subgraphUrlsOf(env, 'ASOF_REGISTRY_URL', 'registry', problems),
      online: subgraphUrlsOf(env, 'ASOF_ONLINE_URL', 'online', problems),
      offline: subgraphUrlsOf(env, 'ASOF_OFFLINE_URL', 'offline', problems),
    },
  };
  if (settings.drainMillis >= settings.graceMillis) {
    problems.push(
      `ASOF_DRAIN_MILLIS: expected less than ASOF_GRACE_MILLIS (${settings.graceMillis}), which it is a part of`,
    );
  }
  if (settings.freeDocuments === 'refused' && settings.documentsFile === null) {
    problems.push('ASOF_FREE_DOCUMENTS: refused needs ASOF_DOCUMENTS_FILE, or nothing could be asked');
  }
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

function wholeNumber(
  env: Environment,
  name: string,
  fallback: number,
  [least, most]: readonly [least: number, most: number],
  problems: string[],
): number {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most) {
    problems.push(`${name}: expected a whole number from ${least} to ${most}, got ${JSON.stringify(text)}`);
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

/** Separated by commas. */
function subgraphUrlsOf(env: Environment, name: string, role: Role, problems: string[]): readonly string[] {
  const texts = (env[name] ?? '').split(',').flatMap((text) => (text.trim() === '' ? [] : [text.trim()]));
  const urls = texts.flatMap((text) => urlOf({ [name]: text }, name, ['http:', 'https:'], problems) ?? []);
  return urls.length > 0 ? urls : [`http://127.0.0.1:${rolePorts[role]}`];
}

/** A path, or the same as a `file:` URL. */
function folderOf(env: Environment, name: string, fallback: string, problems: string[]): string {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(text)?.[1];
  if (scheme === undefined) return resolve(text);
  try {
    if (scheme.toLowerCase() === 'file') return fileURLToPath(text);
  } catch {
    // Told below.
  }
  problems.push(`${name}: expected a path or file:///path, got ${scheme}:`);
  return fallback;
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

function onlineCacheOf(env: Environment, problems: string[]): ReadCacheLimits | null {
  const size = memorySize(env, 'ASOF_ONLINE_CACHE', '', problems);
  const millis = wholeNumber(env, 'ASOF_ONLINE_CACHE_MILLIS', 1_000, [1, 3_600_000], problems);
  const isForHotKeys = oneOf(env, 'ASOF_ONLINE_CACHE_KEYS', ['all', 'hot'], 'all', problems) === 'hot';
  const views = (env.ASOF_ONLINE_CACHE_VIEWS ?? '').split(',').flatMap((name) => name.trim() || []);
  for (const name of views.filter((name) => !/^[a-z][a-z0-9_]*$/.test(name))) {
    problems.push(`ASOF_ONLINE_CACHE_VIEWS: expected names of views, got ${JSON.stringify(name)}`);
  }
  if (size === '') return null;
  return {
    bytes: Number.parseInt(size, 10) * 1024 ** (size.endsWith('GB') ? 3 : 2),
    millis,
    views: views.length === 0 ? null : views,
    isForHotKeys,
  };
}
