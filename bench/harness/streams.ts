import { kafka, startKafka } from '../../test/services/kafka.ts';
import { type RedisServer, startRedis } from './redis.ts';

/** Kafka and Redis of our own, on loopback. */
export interface StreamServers extends AsyncDisposable {
  readonly brokers: string;
  readonly redis: RedisServer;
}

/** Throws, saying how to get it, where one of them cannot be started. */
export async function startStreamServers(): Promise<StreamServers> {
  if (kafka.program === null) throw new Error(`Kafka cannot be started; ${kafka.install}`);
  const redis = await startRedis();
  if (redis === null) throw new Error('Redis cannot be started; apt-get install redis-server');
  const broker = await startKafka().catch(async (error: unknown) => {
    await redis[Symbol.asyncDispose]();
    throw error;
  });
  return {
    brokers: broker.brokers,
    redis,
    [Symbol.asyncDispose]: async () => {
      await broker[Symbol.asyncDispose]();
      await redis[Symbol.asyncDispose]();
    },
  };
}
