import { kafka, startKafka } from '../services/kafka.ts';
import { type PostgresServer, postgres, startPostgres } from '../services/postgres.ts';
import { redis, startRedis } from '../services/redis.ts';
import { startFlights } from './asof-process.ts';
import { type SeparateProcesses, separateProcesses } from './separate-processes.ts';

const servers = [postgres, redis, kafka];
/** What has to be installed. */
export const engines = {
  program: servers.some((server) => server.program === null) ? null : redis.program,
  install: servers.map((server) => server.install).join('; '),
};

export interface FlightsEngines extends AsyncDisposable {
  readonly database: PostgresServer;
  readonly variables: Readonly<Record<string, string>>;
}

/** The three servers, fresh, and the variables that name them. */
export async function startEngines(): Promise<FlightsEngines> {
  const [database, values, events] = await Promise.all([startPostgres(), startRedis(), startKafka()]);
  const variables = {
    DATABASE_URL: database.database('asof'),
    REDIS_URL: values.url,
    KAFKA_BROKERS: events.brokers,
  };
  return {
    database,
    variables,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([database, values, events].map((server) => server[Symbol.asyncDispose]()));
    },
  };
}

export function shuffled<T>(items: readonly T[]): T[] {
  const left = [...items];
  return items.map(() => left.splice(Math.floor(Math.random() * left.length), 1)[0]!);
}

/** The flights example as processes of their own, on the servers that `variables` name. */
export function flightsProcesses(
  folder: string,
  variables: Readonly<Record<string, string>>,
): Promise<SeparateProcesses> {
  return separateProcesses(folder, variables, (role, dataDir, env) => startFlights(dataDir, env, role));
}
