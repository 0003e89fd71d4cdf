import { join } from 'node:path';
import { createDataClock } from '../../adapters/clock/data-clock.ts';
import { createSystemClock } from '../../adapters/clock/system-clock.ts';
import { createDuckDbOfflineStore } from '../../adapters/duckdb/offline-store.ts';
import { createFileDeadLetters } from '../../adapters/files/dead-letters.ts';
import { openKafkaEventLog } from '../../adapters/kafka/event-log.ts';
import { createMemoryLiveBus } from '../../adapters/memory/live-bus.ts';
import { openPostgresRegistry } from '../../adapters/postgres/registry-store.ts';
import { openRedisOnlineStore } from '../../adapters/redis/open.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import { createOnlineWriter } from '../../core/online/writer.ts';
import type { EventLog } from '../../core/ports/event-log.ts';
import type { OfflineStore } from '../../core/ports/offline-store.ts';
import { createIngest } from '../../pipelines/ingest/ingest.ts';
import { createRegistryWatcher } from '../../runtime/registry-watcher.ts';
import { filledFromNothing } from '../doubles/filled-from-nothing.ts';
import { consumerGroup, shopRegistry } from './definitions.ts';

// Run by tests as a process of its own, which they kill: one member of the group that ingests the shop's topics. It says
// what it is assigned, which batches it has applied, and when it begins to flush and to commit. With a database it follows the
// registry that is there and goes on with what others fill; without, its views are those of the shop, and filled already.
const [brokers, redisUrl, folder, name, databaseUrl] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string?,
];
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const systemClock = createSystemClock();
const clock = createDataClock({ file: join(folder, `${name}.clock.json`), systemClock });
const kafka = await openKafkaEventLog({
  brokers: [brokers],
  systemClock,
  clientId: name,
  times: { sessionMillis: 3_000, heartbeatMillis: 300, waitMillis: 50 },
});
const log: EventLog = {
  ...kafka,
  commit: (...commit) => {
    say('committing');
    return kafka.commit(...commit);
  },
  consume: (options) =>
    kafka.consume({
      ...options,
      onAssigned: async (partitions) => {
        await options.onAssigned?.(partitions);
        say(`assigned ${[...partitions.values()].flat().length}`);
      },
    }),
};
const online = await openRedisOnlineStore({ url: redisUrl, clock: systemClock });
const duckDb = await createDuckDbOfflineStore({ folder: join(folder, 'offline'), memoryLimit: '128MB', threads: 1 });
const offline: OfflineStore = {
  ...duckDb,
  flush: (source) => {
    say('flushing');
    return duckDb.flush(source);
  },
};
const deadLetters = createFileDeadLetters({ folder: join(folder, `${name}.letters`) });
const onError = (error: unknown): void => say(`error ${error instanceof AsofError ? error.code : ''} ${String(error)}`);
const documents =
  databaseUrl === undefined ? null : await openPostgresRegistry({ url: databaseUrl, clock: systemClock });
const watcher = documents === null ? null : await createRegistryWatcher({ store: documents, onError });
const ingest = createIngest({
  registry: () => watcher?.current().compiled ?? shopRegistry,
  log,
  writer: createOnlineWriter({ store: online, clock }),
  offline,
  bus: createMemoryLiveBus(),
  deadLetters,
  clock,
  systemClock,
  adoptions: documents?.adoptions ?? filledFromNothing([...shopRegistry.views.values()].flat()),
  onError,
  onBatch: ({ topic, partition, records }) => say(`batch ${topic} ${partition} ${records}`),
  limits: { group: consumerGroup, maxBatchRecords: 500, flushRecords: 3_000, flushMillis: 1_000 },
});
watcher?.onChange(() => void ingest.registryChanged().catch(onError));
await ingest.start();
process.once('SIGTERM', async () => {
  await ingest.stop();
  await watcher?.[Symbol.asyncDispose]();
  await documents?.[Symbol.asyncDispose]();
  for (const one of [online, offline, kafka, deadLetters, clock]) await one[Symbol.asyncDispose]();
  say('stopped');
  process.exit(0);
});
say('started');
