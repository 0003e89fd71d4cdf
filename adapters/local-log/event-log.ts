import { existsSync, mkdirSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AsofError } from '../../core/errors/asof-error.ts';
import type { DataClock } from '../../core/ports/clocks.ts';
import type { EventLog, LogEntry, LogPosition } from '../../core/ports/event-log.ts';
import { replaceFile } from '../files/replace-file.ts';
import { type Consumption, consumeTopics, lostRecords } from './consume.ts';
import { createGroupOffsets } from './group-offsets.ts';
import { openPartitionLog, type PartitionLog } from './partition-log.ts';
import { partitionOf } from './partition-of.ts';
import type { TornTail } from './segment.ts';
import { checkName } from './topic-names.ts';

export interface LocalEventLogOptions {
  readonly folder: string;
  readonly clock: Pick<DataClock, 'stampArrival'>;
  /** Of topics made from now on; a topic keeps its number. Default 1. */
  readonly partitions?: number;
  /** Default true: an append resolves when the disk has it. False: it survives `kill -9`, not a power cut. */
  readonly sync?: boolean;
  /** A segment file is closed beyond this size. Default 64 MiB. */
  readonly segmentBytes?: number;
  /** Told when a last record that was not written whole is cut off at opening; it was never confirmed. */
  readonly onTornTail?: (tail: TornTail) => void;
}

const recordBytesLimit = 16 * 1024 * 1024;

/**
 * An append-only log in files, for one process: `topics/<topic>/<partition>/<first offset>.log` and committed offsets
 * under `groups/`. Partitions are opened, and recovered, when they are first used. Its folder has to be locked by whoever
 * opens it (`lockFolder`).
 */
export function createLocalEventLog(options: LocalEventLogOptions): EventLog {
  const { folder, clock, sync = true, segmentBytes = 64 * 1024 * 1024 } = options;
  const topicsFolder = join(folder, 'topics');
  mkdirSync(topicsFolder, { recursive: true });
  const newPartitions = options.partitions ?? 1;
  if (!Number.isInteger(newPartitions) || newPartitions < 1 || newPartitions > 1_000) {
    throw new AsofError('BAD_INPUT', 'a topic cannot have that many partitions', {
      path: 'partitions',
      expected: 'an integer from 1 to 1000',
      got: String(newPartitions),
    });
  }
  const groups = createGroupOffsets(join(folder, 'groups'), sync);
  const opened = new Map<string, Promise<readonly PartitionLog[]>>();
  const onCreated = new Map<string, Set<() => void>>();
  const consumptions = new Map<string, Consumption>();
  let isClosed = false;

  const exists = (topic: string): boolean =>
    opened.has(checkName('topic', topic)) || existsSync(join(topicsFolder, topic));

  /** The partitions of a topic, making it when it is new. */
  const open = (topic: string): Promise<readonly PartitionLog[]> => {
    if (isClosed) return Promise.reject(closedLog(folder));
    const known = opened.get(checkName('topic', topic));
    if (known !== undefined) return known;
    const partitions = openTopic(topic);
    // A failed opening may be mended while running (a full disk, a restored file): the next use tries again.
    partitions.catch(() => opened.delete(topic));
    opened.set(topic, partitions);
    return partitions;
  };
  const openTopic = async (topic: string): Promise<readonly PartitionLog[]> => {
    const topicFolder = join(topicsFolder, topic);
    const count = await partitionCount(topicFolder, newPartitions);
    const logs: PartitionLog[] = [];
    try {
      for (let partition = 0; partition < count; partition++) logs.push(await openPartition(topicFolder, partition));
    } catch (error) {
      await Promise.all(logs.map((log) => log[Symbol.asyncDispose]()));
      throw error;
    }
    for (const wake of onCreated.get(topic) ?? []) wake();
    return logs;
  };

  const openPartition = async (topicFolder: string, partition: number): Promise<PartitionLog> => {
    const partitionFolder = join(topicFolder, String(partition));
    await mkdir(partitionFolder, { recursive: true });
    return openPartitionLog({
      folder: partitionFolder,
      partition,
      segmentBytes,
      sync,
      stampArrival: () => clock.stampArrival(),
      onTornTail: (tail) => options.onTornTail?.(tail),
    });
  };

  let anyPartition = 0;
  const append = async (topic: string, records: readonly LogEntry[]): Promise<LogPosition[]> => {
    const logs = await open(topic);
    const parts = new Map<number, { indexes: number[]; payloads: Uint8Array[] }>();
    for (const [index, { key, payload }] of records.entries()) {
      if (payload.length > recordBytesLimit) throw tooLong(topic, index, payload.length);
      const partition = key === null ? anyPartition++ % logs.length : partitionOf(key, logs.length);
      const part = parts.get(partition) ?? { indexes: [], payloads: [] };
      part.indexes.push(index);
      part.payloads.push(payload);
      parts.set(partition, part);
    }
    const positions: LogPosition[] = new Array(records.length);
    await Promise.all(
      [...parts].map(async ([partition, { indexes, payloads }]) => {
        const written = await logs[partition]!.append(payloads);
        for (const [index, position] of written.entries()) positions[indexes[index]!] = position;
      }),
    );
    return positions;
  };

  return {
    name: 'local-log',
    append,
    partitions: async (topic) => (exists(topic) ? (await open(topic)).map((_, partition) => partition) : []),
    read: async (topic, partition, offset, limit) => {
      const log = exists(topic) ? (await open(topic))[partition] : undefined;
      return log === undefined ? [] : log.read(offset, limit);
    },
    endOffsets: async (topic) =>
      new Map(exists(topic) ? (await open(topic)).map((log, partition) => [partition, log.endOffset]) : []),
    consume: async (consumption) => {
      checkName('group', consumption.group);
      const claims = consumption.topics.map((topic) => `${consumption.group}/${checkName('topic', topic)}`);
      for (const claim of claims) if (consumptions.has(claim)) throw alreadyConsumed(claim);
      if (isClosed) throw closedLog(folder);
      const running = consumeTopics(consumption, {
        openWhenCreated: async (topic, signal) => {
          if (!exists(topic)) await created(topic, signal);
          return signal.aborted ? [] : open(topic);
        },
        committed: (topic) => groups.read(consumption.group, topic),
      });
      for (const claim of claims) consumptions.set(claim, running);
      try {
        await running.finished;
      } finally {
        for (const claim of claims) consumptions.delete(claim);
      }
    },
    commit: async (group, topic, offsets, note) => {
      const logs = exists(topic) ? await open(topic) : [];
      for (const [partition, offset] of offsets) {
        const end = logs[partition]?.endOffset ?? 0;
        if (!Number.isSafeInteger(offset) || offset < 0 || offset > end) throw badCommit(topic, partition, offset, end);
      }
      const noted = [...offsets].map(([partition, offset]) => [partition, { offset, note: note ?? null }] as const);
      await groups.write(checkName('group', group), topic, new Map(noted));
    },
    committed: async (group, topic) => {
      const offsets = await groups.read(checkName('group', group), checkName('topic', topic));
      const logs = exists(topic) ? await open(topic) : [];
      for (const [partition, { offset }] of offsets) {
        const end = logs[partition]?.endOffset ?? 0;
        if (offset > end) throw lostRecords({ group, topic, partition, committed: offset, end });
      }
      return offsets;
    },
    [Symbol.asyncDispose]: async () => {
      isClosed = true;
      for (const consumption of consumptions.values()) consumption.stop();
      await Promise.allSettled([...consumptions.values()].map(({ finished }) => finished));
      await groups.settle();
      const partitions = (await Promise.allSettled(opened.values())).flatMap((topic) =>
        topic.status === 'fulfilled' ? topic.value : [],
      );
      await Promise.all(partitions.map((log) => log[Symbol.asyncDispose]()));
    },
  };

  function created(topic: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const waiting = onCreated.get(topic) ?? new Set();
      onCreated.set(topic, waiting);
      const wake = (): void => {
        waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      waiting.add(wake);
      signal.addEventListener('abort', wake);
      if (signal.aborted) wake();
    });
  }
}

/** The number in `topic.json`, written once when the topic is made. */
async function partitionCount(topicFolder: string, partitions: number): Promise<number> {
  const file = join(topicFolder, 'topic.json');
  await mkdir(topicFolder, { recursive: true });
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) {
    await replaceFile(file, `${JSON.stringify({ partitions })}\n`, { sync: true });
    return partitions;
  }
  const match = /^\{"partitions":([1-9]\d{0,3})\}\n$/.exec(text);
  if (match !== null) return Number(match[1]);
  throw new AsofError('CORRUPT', 'a topic’s settings are damaged', {
    path: file,
    expected: '{"partitions":<number>} and a line feed',
    got: JSON.stringify(text.slice(0, 80)),
    remedy: 'Write that line with the number of the numbered folders beside it',
  });
}

function tooLong(topic: string, index: number, bytes: number): AsofError {
  return new AsofError('LIMIT_EXCEEDED', `a record for topic ${topic} is too long`, {
    path: `records[${index}]`,
    expected: `at most ${recordBytesLimit} bytes`,
    got: `${bytes} bytes`,
    remedy: 'Send less in one record',
  });
}

function badCommit(topic: string, partition: number, offset: number, end: number): AsofError {
  return new AsofError('BAD_INPUT', `topic ${topic} has no such offset to commit`, {
    path: `offsets.${partition}`,
    expected: `0 to ${end}`,
    got: String(offset),
    remedy: 'Commit the offset after the last record that was applied',
  });
}

function alreadyConsumed(claim: string): AsofError {
  return new AsofError('CONFLICT', `${claim} is already being consumed in this process`, {
    path: 'group',
    remedy: 'Stop the first consumer, or use a group of its own',
  });
}

function closedLog(folder: string): AsofError {
  return new AsofError('UNAVAILABLE', 'the event log is closed', { path: folder, remedy: 'Open it again' });
}
