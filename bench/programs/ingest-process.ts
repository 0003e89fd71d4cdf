import { join } from 'node:path';
import { createDataClock } from '../../adapters/clock/data-clock.ts';
import { createDuckDbOfflineStore } from '../../adapters/duckdb/offline-store.ts';
import { createFileDeadLetters } from '../../adapters/files/dead-letters.ts';
import { openKafkaEventLog } from '../../adapters/kafka/event-log.ts';
import { createMemoryLiveBus } from '../../adapters/memory/live-bus.ts';
import { openRedisOnlineStore } from '../../adapters/redis/open.ts';
import { createOnlineReader } from '../../core/online/reader.ts';
import { beginFill, markReady } from '../../core/online/ready.ts';
import { createOnlineWriter } from '../../core/online/writer.ts';
import type { SystemClock } from '../../core/ports/clocks.ts';
import type { EventLog } from '../../core/ports/event-log.ts';
import type { BatchReport } from '../../pipelines/ingest/deps.ts';
import { createIngest } from '../../pipelines/ingest/ingest.ts';
import { type StreamTopic, streamRegistryOf, streamViewOf } from '../stream-definitions.ts';

const fillToken = 'from nothing';

/** What each program with an ingest is asked with. */
export interface IngestPlaces {
  readonly brokers: string;
  readonly redisPort: number;
  readonly topic: StreamTopic;
  readonly group: string;
  /** Clock, offline store and dead letters lie there. */
  readonly folder: string;
}

export interface IngestOptions extends IngestPlaces {
  readonly systemClock: SystemClock;
  onFirstBatch?(): void;
  onBatch?(batch: BatchReport): void;
}

/** Ingest from Kafka into Redis and Parquet, as it runs with `KAFKA_BROKERS` and `REDIS_URL`. */
export async function openIngest({ brokers, redisPort, topic, group, folder, systemClock, ...told }: IngestOptions) {
  const clock = createDataClock({ file: join(folder, 'clock.json'), systemClock });
  const kafka = await openKafkaEventLog({ brokers: [brokers], systemClock });
  let hasBegun = false;
  const log: EventLog = {
    ...kafka,
    consume: (options) =>
      kafka.consume({
        ...options,
        onBatch: (...batch) => {
          if (!hasBegun) told.onFirstBatch?.();
          hasBegun = true;
          return options.onBatch(...batch);
        },
      }),
  };
  const store = await openRedisOnlineStore({ url: `redis://127.0.0.1:${redisPort}`, clock: systemClock });
  const offline = await createDuckDbOfflineStore({ folder: join(folder, 'offline'), memoryLimit: '512MB' });
  const deadLetters = createFileDeadLetters({ folder: join(folder, 'letters') });
  const bus = createMemoryLiveBus();
  const registry = streamRegistryOf(topic);
  const view = streamViewOf(topic);
  // As if it had been filled from nothing: all of its history is the stream.
  await beginFill(store, view, fillToken);
  await markReady(store, view, fillToken);
  const adoption = { view: view.name, version: view.version, token: fillToken, number: 1, positions: {} };
  const ingest = createIngest({
    registry: () => registry,
    log,
    writer: createOnlineWriter({ store, clock }),
    offline,
    bus,
    deadLetters,
    clock,
    systemClock,
    adoptions: { list: async () => [adoption], watch: () => () => {} },
    onError: (error) => {
      throw error;
    },
    ...(told.onBatch === undefined ? {} : { onBatch: told.onBatch }),
    limits: { group },
  });
  return {
    ingest,
    log,
    bus,
    reader: createOnlineReader({ store, clock }),
    close: async () => {
      for (const one of [ingest, store, offline, kafka, deadLetters, bus, clock]) await one[Symbol.asyncDispose]();
    },
  };
}
