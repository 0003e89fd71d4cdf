import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../services/find-program.ts';
import { type KafkaServer, kafka, startKafka } from '../services/kafka.ts';
import { type PostgresServer, postgres, startPostgres } from '../services/postgres.ts';
import { type RedisServer, redis, startRedis } from '../services/redis.ts';
import { startRedisCluster } from '../services/redis-cluster.ts';

const servers = [postgres, redis, kafka];
/** What has to be installed. */
export const enginesNeeded = {
  program: servers.some((server) => server.program === null) ? null : findProgram('redis-server'),
  install: servers.map((server) => server.install).join('; '),
};

/** A Redis that can be lost and started again, on the same port, with what it held or empty. */
export interface LosableRedis extends AsyncDisposable {
  readonly url: string;
  kill(): Promise<void>;
  /** After `kill`: it has on disk what it had confirmed. */
  restart(): Promise<void>;
  /** After `kill`. */
  restartEmpty(): Promise<void>;
  pause(): void;
  resume(): void;
}

export interface Engines extends AsyncDisposable {
  readonly database: PostgresServer;
  readonly redis: LosableRedis;
  readonly kafka: KafkaServer;
  readonly variables: Readonly<Record<string, string>>;
}

/** Real servers, fresh: they go with what they hold. */
export async function startEngines(starting: Promise<LosableRedis>): Promise<Engines> {
  const [database, values, events] = await Promise.all([
    startPostgres(),
    starting,
    startKafka({ 'group.min.session.timeout.ms': '1000' }),
  ]);
  return {
    database,
    redis: values,
    kafka: events,
    variables: {
      DATABASE_URL: database.database('asof'),
      REDIS_URL: values.url,
      KAFKA_BROKERS: events.brokers,
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([database, values, events].map((server) => server[Symbol.asyncDispose]()));
    },
  };
}

/** One server that keeps what it has confirmed in this folder. */
export async function startLosableRedis(folder: string): Promise<LosableRedis> {
  let lives = 0;
  const open = (life: number, port?: number): Promise<RedisServer> => {
    const dir = join(folder, String(life));
    mkdirSync(dir, { recursive: true });
    const durable = { dir, appendonly: 'yes', appendfsync: 'always' };
    return startRedis(port === undefined ? durable : { ...durable, port: String(port) });
  };
  let running = await open(lives);
  const { port, url } = running;
  return {
    url,
    kill: () => running.kill(),
    restart: async () => {
      running = await open(lives, port);
    },
    restartEmpty: async () => {
      lives += 1;
      running = await open(lives, port);
    },
    pause: () => running.pause(),
    resume: () => running.resume(),
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}

/** Three masters with a replica each; `kill` takes one of the masters for good, and the others vote for its replica. */
export async function startLosableCluster(): Promise<LosableRedis> {
  const cluster = await startRedisCluster();
  const never = (): never => {
    throw new Error('a cluster here only loses a master');
  };
  return {
    url: cluster.url,
    kill: () => cluster.nodes[0]!.kill(),
    restart: never,
    restartEmpty: never,
    pause: never,
    resume: never,
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  };
}
