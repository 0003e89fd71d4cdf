import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { createSystemClock } from '../../adapters/clock/system-clock.ts';
import { openKafkaEventLog } from '../../adapters/kafka/event-log.ts';
import { openPostgresRegistry } from '../../adapters/postgres/registry-store.ts';
import type { CompiledRegistry } from '../../core/definitions/registry-view.ts';
import type { EventLog } from '../../core/ports/event-log.ts';
import { compileRegistry } from '../../core/registry/compile.ts';
import { startRole, waitFor } from '../e2e/asof-process.ts';
import {
  ingests,
  type ProcessName,
  processNames,
  type SeparateProcesses,
  separateProcesses,
} from '../e2e/separate-processes.ts';
import { shopDefinitions, shopTopics } from '../exactly-once/definitions.ts';
import type { Engines } from './engines.ts';
import { mountSmallDisk } from './faults/machine.ts';
import { type Listener, startListener } from './listener.ts';
import { type Producer, startProducer } from './producer.ts';
import { startWatcher, type Watcher } from './watcher.ts';

/** Asof as seven processes on real servers, with a producer and a client at work. */
export interface World extends AsyncDisposable {
  /** Where the offline store's history is; a small disk of its own where one can be mounted. */
  readonly historyFolder: string;
  readonly hasSmallDisk: boolean;
  /** By so many milliseconds the clock of Asof's processes is ahead. */
  readonly clockShiftFile: string;
  readonly engines: Engines;
  readonly processes: SeparateProcesses;
  readonly log: EventLog;
  /** As it was applied. */
  readonly registry: CompiledRegistry;
  readonly watcher: Watcher;
  readonly listener: Listener;
  readonly producer: Producer;
  /** Begins to send events again, after `producer.stop()`. */
  resumeProducer(): void;
  kill(name: ProcessName): Promise<void>;
  /** As an orchestrator does: again and again until it stays. */
  start(name: ProcessName): Promise<void>;
  /** The next offsets that ingest applies, by `topic/partition`, as its processes say. */
  applied(): Promise<ReadonlyMap<string, number>>;
  /** The log's ends, by `topic/partition`. */
  ends(): Promise<ReadonlyMap<string, number>>;
}

const eventsPerSecond = 200;
const restartMillis = 500;

export async function startWorld(folder: string, seed: number, engines: Engines): Promise<World> {
  const systemClock = createSystemClock();
  const definitions = join(folder, 'shop.json');
  writeFileSync(definitions, JSON.stringify(shopDefinitions));
  const historyFolder = join(folder, 'history');
  mkdirSync(historyFolder);
  const unmount = mountSmallDisk(historyFolder);
  const clockShiftFile = join(folder, 'clock-shift');
  writeFileSync(clockShiftFile, '0');
  const clock = {
    NODE_OPTIONS: `--import=${pathToFileURL(resolve('test/chaos/shifted-clock.mjs'))}`,
    ASOF_TEST_CLOCK_SHIFT: clockShiftFile,
  };
  const processes = await separateProcesses(folder, { ...engines.variables, ...clock }, (role, dataDir, env) =>
    startRole(role, dataDir, env, role === 'registry' ? definitions : null),
  );
  const log = await openKafkaEventLog({ brokers: [engines.kafka.brokers], systemClock });
  await Promise.all(processNames.map((name) => processes.start(name)));
  await processes.whole(90_000);
  await using store = await openPostgresRegistry({ url: engines.variables.DATABASE_URL!, clock: systemClock });
  const registry = compileRegistry(await store.load());
  let producer = startProducer(log, eventsPerSecond, seed);
  let round = 0;
  const door = () => processes.of('gateway').url;
  const watcher = startWatcher(door, producer.sent);
  const listener = startListener(door, producer.sent);

  const world: World = {
    historyFolder,
    hasSmallDisk: unmount !== null,
    clockShiftFile,
    engines,
    processes,
    log,
    registry,
    watcher,
    listener,
    get producer() {
      return producer;
    },
    resumeProducer() {
      round += 1;
      producer = startProducer(log, eventsPerSecond, seed + round, { sent: producer.sent });
    },
    async kill(name) {
      await processes.of(name).stop('SIGKILL');
    },
    async start(name) {
      for (let attempt = 0; ; attempt++) {
        try {
          return await processes.start(name);
        } catch (error) {
          if (attempt === 100) throw error;
          await delay(restartMillis);
        }
      }
    },
    async applied() {
      const applied = new Map<string, number>();
      for (const name of ingests) {
        for (const topic of shopTopics) {
          const own = await processes.partitions(name, topic).catch(() => new Map<number, number>());
          for (const [partition, next] of own) {
            const place = `${topic}/${partition}`;
            applied.set(place, Math.max(next, applied.get(place) ?? 0));
          }
        }
      }
      return applied;
    },
    async ends() {
      const ends = new Map<string, number>();
      for (const topic of shopTopics) {
        for (const [partition, end] of await log.endOffsets(topic)) ends.set(`${topic}/${partition}`, end);
      }
      return ends;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([watcher.stop(), listener.stop()]);
      await processes[Symbol.asyncDispose]();
      await log[Symbol.asyncDispose]();
      await engines[Symbol.asyncDispose]();
      unmount?.();
    },
  };
  return world;
}

/** Resolves when ingest has applied what the log holds now. */
export async function untilApplied(world: World, timeoutMillis: number): Promise<void> {
  const ends = await world.ends();
  let applied: ReadonlyMap<string, number> = new Map();
  const look = async (): Promise<true | undefined> => {
    applied = await world.applied();
    return [...ends].every(([place, end]) => (applied.get(place) ?? 0) >= end) ? true : undefined;
  };
  const told = () =>
    [
      ...[...ends].map(([place, end]) => `${place}: ${applied.get(place) ?? 'nobody has it'} of ${end}`),
      ...processNames.map((name) => `${name}: ${world.processes.of(name).output().slice(-2_000)}`),
    ].join('\n');
  await waitFor(look, timeoutMillis, undefined, told);
}
