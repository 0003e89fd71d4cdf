import { createManualClock, type ManualClock } from '../../adapters/clock/manual-clock.ts';
import { createMemoryLiveBus } from '../../adapters/memory/live-bus.ts';
import type { CompiledView } from '../../core/definitions/compiled.ts';
import type { CompiledRegistry } from '../../core/definitions/registry-view.ts';
import { groupByKey } from '../../core/online/group-by-key.ts';
import { createOnlineReader } from '../../core/online/reader.ts';
import { createOnlineWriter } from '../../core/online/writer.ts';
import { oracleRead } from '../../core/oracle/read.ts';
import type { Adoptions } from '../../core/ports/adoptions.ts';
import type { DeadLetters } from '../../core/ports/dead-letters.ts';
import type { OnlineStore } from '../../core/ports/online-store.ts';
import type { RegistryStore } from '../../core/ports/registry-store.ts';
import { createBell } from '../../pipelines/bell.ts';
import { createIngest, type Ingest, ingestGroup } from '../../pipelines/ingest/ingest.ts';
import { readLog } from '../../pipelines/ingest/read-log.ts';
import { onlineVersions } from '../../pipelines/ingest/routes.ts';
import { createMaterializer, type RunningMaterializer } from '../../pipelines/materialize/materializer.ts';
import { createViewStates, type ViewStates } from '../../pipelines/materialize/view-states.ts';
import { createGroupLog, type GroupLog, type MemberLog } from '../doubles/group-log.ts';
import { createMortalProcess, type MortalProcess } from '../doubles/mortal-process.ts';
import { createShardedStore, type ShardedStore } from '../doubles/sharded-store.ts';
import { createSharedHistory } from '../doubles/shared-history.ts';
import { click, start } from './clicks.ts';
import { createMemoryDocuments } from './memory-documents.ts';

export const users = ['a', 'b', 'c', 'd', 'e', 'f'] as const;

/** One process that ingests, or one that fills. */
export interface Member {
  readonly process: MortalProcess;
  readonly log: MemberLog;
  readonly ingest: Ingest;
}
export interface Filler {
  readonly process: MortalProcess;
  readonly materializer: RunningMaterializer;
  readonly states: ViewStates;
}

/** What ingest processes and fillers share: clicks in three partitions, two shards, and one history; all in memory. */
export interface GroupWorld {
  registry: CompiledRegistry;
  readonly clock: ManualClock;
  readonly store: ShardedStore;
  readonly documents: RegistryStore;
  readonly log: GroupLog;
  readonly errors: unknown[];
  /** `adoptions`: as this member sees them. */
  member(options?: { readonly flushRecords?: number; readonly adoptions?: Pick<Adoptions, 'list' | 'watch'> }): Member;
  filler(online?: OnlineStore): Filler;
  push(count: number): Promise<void>;
  /** Lets time pass until it holds. */
  until(isSo: () => boolean | Promise<boolean>, millis?: number): Promise<void>;
  isReady(view: CompiledView): Promise<boolean>;
  /** Every member has ingested all that is there. */
  isIngested(members: readonly Member[]): Promise<boolean>;
  /** Each value that is served, and what the oracle says of it. */
  readings(view: CompiledView): Promise<{ readonly served: readonly unknown[]; readonly expected: readonly unknown[] }>;
}

const topic = 'clicks';
const partitions = 3;

export function createGroupWorld(registry: CompiledRegistry, pause: () => number = () => 0): GroupWorld {
  const clock = createManualClock({ at: start });
  const store = createShardedStore();
  const documents = createMemoryDocuments();
  const log = createGroupLog(clock, topic, partitions);
  const history = createSharedHistory();
  const bus = createMemoryLiveBus();
  const errors: unknown[] = [];
  const producer = log.connect();
  const deadLetters = { put: async () => {}, list: async () => [] } as unknown as DeadLetters;
  const reader = createOnlineReader({ store, clock });
  let clicks = 0;
  const parts = (online: OnlineStore) => {
    const process = createMortalProcess(pause);
    const memberLog = process.through(log.connect());
    const own = process.through(online);
    const shared = {
      registry: () => world.registry,
      log: memberLog,
      offline: process.through(history.connect()),
      online: own,
      writer: createOnlineWriter({ store: own, clock }),
      deadLetters,
      clock,
      systemClock: clock,
      bus,
    };
    const registryStore = { ...process.through(documents), adoptions: process.through(documents.adoptions) };
    return { process, shared, documents: registryStore };
  };

  const world: GroupWorld = {
    registry,
    clock,
    store,
    documents,
    log,
    errors,
    member({ flushRecords = 20, adoptions } = {}) {
      const { process, shared, documents: own } = parts(store);
      const ingest = createIngest({
        ...shared,
        adoptions: adoptions ?? own.adoptions,
        onError: (error) => errors.push(error),
        limits: { maxBatchRecords: 7, flushRecords, flushMillis: 5_000 },
      });
      void ingest.start();
      return { process, log: shared.log, ingest };
    },
    filler(online = store) {
      const { process, shared, documents: own } = parts(online);
      const states = createViewStates({ documents: own, online: shared.online, now: () => '' });
      const committed = createBell();
      const materializer = createMaterializer({
        ...shared,
        documents: own,
        states,
        group: ingestGroup,
        committed,
        baseFolder: '.',
      });
      return { process, materializer, states };
    },
    async push(count) {
      const entries = Array.from({ length: count }, () => {
        const id = clicks++;
        const event = click(id, users[(id * 7) % users.length]!, clock.nowMillis() - (id % 5) * 1_000, id % 10);
        return { key: String((id * 5 + (id >> 3)) % partitions), payload: Buffer.from(JSON.stringify(event)) };
      });
      await producer.append(topic, entries);
    },
    async until(isSo, millis = 120_000) {
      for (let waited = 0; !(await isSo()); waited += 100) {
        if (waited > millis) throw new Error(`nothing after ${millis} ms; ${errors.map(String).join('\n')}`);
        await clock.advance(100);
        for (let turn = 0; turn < 20; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
      }
    },
    async isReady(view) {
      const states = createViewStates({ documents, online: store, now: () => '' });
      await states.load([view]);
      return states.isReady(view);
    },
    async isIngested(members) {
      const ends = await producer.endOffsets(topic);
      const owners = [...ends].map(([partition, end]) =>
        members.filter(
          ({ ingest }) =>
            ingest.assigned(topic).includes(partition) && (ingest.nextOffsets(topic).get(partition) ?? 0) === end,
        ),
      );
      return owners.every(({ length }) => length === 1);
    },
    async readings(view) {
      const records = [];
      for (const [partition, to] of await producer.endOffsets(topic)) {
        for await (const batch of readLog({ log: producer }, view.source, { topic, partition, from: 0, to })) {
          records.push(...batch.records);
        }
      }
      const { readAt: t, readings } = await reader.read(users.map((user) => ({ view, key: [user] })));
      const groups = new Map(groupByKey(view, records).map((group) => [group.key[0], group.records]));
      const expected = users.map((user) => {
        const read = { key: [user], t, knownAt: t, mode: 'AS_SERVED' } as const;
        const { status, values } = oracleRead(view, groups.get(user) ?? [], read);
        return { user, status, values };
      });
      return {
        served: readings.map(({ status, values }, index) => ({ user: users[index], status, values })),
        expected,
      };
    },
  };
  return world;
}

/** All versions that are served online. */
export function viewsOf({ registry }: GroupWorld): readonly CompiledView[] {
  return onlineVersions(registry);
}
