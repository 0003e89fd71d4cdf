import type { CompiledView, SourceRecord } from '../../core/definitions/compiled.ts';
import { groupByKey } from '../../core/online/group-by-key.ts';
import { reachOf } from '../../core/online/tile-plan.ts';
import type { OnlineWriter } from '../../core/online/writer.ts';
import type { EventLog } from '../../core/ports/event-log.ts';
import type { KeyedRecords, OfflineStore, Positions } from '../../core/ports/offline-store.ts';
import type { PayloadCodecs } from '../../core/ports/payload-codecs.ts';
import { topicOf } from '../../core/records/topic.ts';
import { readLog } from '../ingest/read-log.ts';

export interface FillDeps {
  readonly offline: OfflineStore;
  readonly writer: OnlineWriter;
  readonly log: EventLog;
  /** For topics that are not JSON. */
  readonly codecs?: PayloadCodecs;
  /** Where the live stream stands, and the moment at which it stands still. */
  readonly live: {
    nextOffsets(topic: string): ReadonlyMap<number, number>;
    runExclusive<T>(work: () => Promise<T>): Promise<T>;
  };
}

export interface FillOptions {
  readonly signal: AbortSignal;
  onRecords(records: number, keysWritten: number): void;
}

const chunkRecords = 20_000;
const chunkKeys = 2_000;

/** Above this many records behind the live stream, the next round still runs beside it. */
const handOverRecords = 1_000;

/**
 * Fills a view version from history and hands it over to the live stream at an offset per partition: first all that
 * the offline store holds, then, while it runs on, what has come since from the log, and the rest in the moment when
 * the stream stands still; `handOver` runs in that moment. What the store holds already is skipped by the writer, so
 * filling again after a crash changes nothing.
 */
export async function fillView(
  deps: FillDeps,
  view: CompiledView,
  handOver: (positions: Positions) => Promise<void>,
  options: FillOptions,
): Promise<void> {
  const positions = await historyPositions(deps, view);
  await applyHistory(deps, view, positions, null, options);
  const topic = topicOf(view.source);
  if (topic === null) return await deps.live.runExclusive(() => handOver(positions));
  while (behind(deps, topic, positions) > handOverRecords) await followLog(deps, view, topic, positions);
  await deps.live.runExclusive(async () => {
    options.signal.throwIfAborted();
    await followLog(deps, view, topic, positions);
    await handOver(positions);
  });
}

/** Applies what imports added to the history of a view that is already live; its topic's records reach it by itself. */
export async function addHistory(
  deps: FillDeps,
  view: CompiledView,
  before: Positions,
  options: FillOptions,
): Promise<Positions> {
  const positions = await historyPositions(deps, view);
  const topic = topicOf(view.source);
  const isNew = ({ origin, partition, offset }: SourceRecord): boolean =>
    origin !== topic && offset > (before.get(`${origin}/${partition}`) ?? -1);
  await applyHistory(deps, view, positions, isNew, options);
  return positions;
}

/** What is imported, and of the topic what the live stream has applied: the rest of the tail is the stream's. */
export async function historyPositions(
  { offline, live }: Pick<FillDeps, 'offline' | 'live'>,
  { source }: Pick<CompiledView, 'source'>,
): Promise<Map<string, number>> {
  const positions = new Map(await offline.durablePositions(source));
  const topic = topicOf(source);
  if (topic === null) return positions;
  for (const [partition, next] of live.nextOffsets(topic)) {
    if (next > 0) positions.set(`${topic}/${partition}`, next - 1);
  }
  return positions;
}

async function applyHistory(
  { offline, writer }: FillDeps,
  view: CompiledView,
  through: Positions,
  only: ((record: SourceRecord) => boolean) | null,
  { signal, onRecords }: FillOptions,
): Promise<void> {
  let chunk: KeyedRecords[] = [];
  let records = 0;
  let recordCount = 0;
  const applyChunk = async (): Promise<void> => {
    const { keysWritten } = await writer.apply(view, chunk);
    onRecords(recordCount, keysWritten);
    chunk = [];
    records = 0;
    recordCount = 0;
  };
  for await (const group of offline.scanByKey(view, { through, reachMillis: reachOf(view), signal })) {
    signal.throwIfAborted();
    const chosen = only === null ? group : { key: group.key, records: group.records.filter(only) };
    // A key that goes on in another group begins another chunk: one apply has each key once.
    if (chosen.key === chunk.at(-1)?.key) await applyChunk();
    if (chosen.records.length > 0) chunk.push(chosen);
    records += group.records.length;
    recordCount += group.recordCount;
    if (records >= chunkRecords || chunk.length >= chunkKeys) await applyChunk();
  }
  if (recordCount > 0) await applyChunk();
}

/** Applies the log from `positions` to where the live stream stands now, and moves `positions` there. */
async function followLog(
  deps: FillDeps,
  view: CompiledView,
  topic: string,
  positions: Map<string, number>,
): Promise<void> {
  for (const [partition, next] of deps.live.nextOffsets(topic)) {
    const from = (positions.get(`${topic}/${partition}`) ?? -1) + 1;
    for await (const { records } of readLog(deps, view.source, { topic, partition, from, to: next })) {
      await deps.writer.apply(view, groupByKey(view, records));
    }
    if (next > from) positions.set(`${topic}/${partition}`, next - 1);
  }
}

function behind({ live }: FillDeps, topic: string, positions: Positions): number {
  let records = 0;
  for (const [partition, next] of live.nextOffsets(topic)) {
    records += Math.max(0, next - 1 - (positions.get(`${topic}/${partition}`) ?? -1));
  }
  return records;
}
