import type { CompiledView, SourceRecord } from '../../core/definitions/compiled.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import { reachOf } from '../../core/online/tile-plan.ts';
import type { OnlineWriter } from '../../core/online/writer.ts';
import type { EventLog } from '../../core/ports/event-log.ts';
import type { KeyedRecords, OfflineStore, Positions } from '../../core/ports/offline-store.ts';
import type { PayloadCodecs } from '../../core/ports/payload-codecs.ts';
import { topicOf } from '../../core/records/topic.ts';
import type { LetterBox } from '../ingest/letters.ts';
import { applyLog } from '../ingest/read-log.ts';

export interface FillDeps {
  readonly offline: OfflineStore;
  readonly writer: OnlineWriter;
  readonly log: EventLog;
  /** For topics that are not JSON. */
  readonly codecs?: PayloadCodecs;
  readonly deadLetters: Pick<LetterBox, 'reported'>;
  /** The consumer group of the ingest processes. */
  readonly group: string;
}

export interface FillOptions {
  readonly signal: AbortSignal;
  onRecords(records: number, keysWritten: number): void;
}

const chunkRecords = 20_000;
const chunkKeys = 2_000;

/** So many records behind the stream, its consumers may go on by themselves. */
const handOverRecords = 1_000;

/**
 * Fills a view version from history, under the token of its fill: first all that is durable in the offline store, then,
 * from the log, what the consumers of its topic have committed meanwhile. No further: what is online can be asked offline.
 * What the online store holds already is skipped by the writer, so filling again after a crash changes nothing.
 *
 * @returns the last record of each place that has been applied
 * @throws AsofError UNAVAILABLE when the store lost a part of it, or another fill was begun
 */
export async function fillView(
  deps: FillDeps,
  view: CompiledView,
  token: string,
  options: FillOptions,
): Promise<Positions> {
  const filling = { view, token };
  const positions = new Map(await deps.offline.durablePositions(view.source));
  await applyHistory(deps, filling, { through: positions, only: null }, options);
  const topic = topicOf(view.source);
  if (topic === null) return positions;
  for (;;) {
    options.signal.throwIfAborted();
    if ((await followLog(deps, filling, topic, positions)) <= handOverRecords) return positions;
  }
}

/** Applies what imports added to the history of a view that is already live; its topic's records reach it by itself. */
export async function addHistory(
  deps: FillDeps,
  { view, token, before }: Filling & { readonly before: Positions },
  options: FillOptions,
): Promise<Positions> {
  const positions = await deps.offline.durablePositions(view.source);
  const topic = topicOf(view.source);
  const only = ({ origin, partition, offset }: SourceRecord): boolean =>
    origin !== topic && offset > (before.get(`${origin}/${partition}`) ?? -1);
  await applyHistory(deps, { view, token }, { through: positions, only }, options);
  return positions;
}

export interface Filling {
  readonly view: CompiledView;
  readonly token: string;
}

async function applyHistory(
  { offline, writer }: FillDeps,
  { view, token }: Filling,
  { through, only }: { readonly through: Positions; readonly only: ((record: SourceRecord) => boolean) | null },
  { signal, onRecords }: FillOptions,
): Promise<void> {
  let chunk: KeyedRecords[] = [];
  let records = 0;
  let recordCount = 0;
  const applyChunk = async (): Promise<void> => {
    const { keysWritten, keysRefused } = await writer.apply(view, chunk, token);
    if (keysRefused > 0) throw lostMeanwhile(view);
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

/** Applies the log from `positions` to what is committed now, and moves `positions` there; returns how many records that were. */
async function followLog(
  deps: FillDeps,
  { view, token }: Filling,
  topic: string,
  positions: Map<string, number>,
): Promise<number> {
  let applied = 0;
  for (const [partition, { offset: to }] of await deps.log.committed(deps.group, topic)) {
    const from = (positions.get(`${topic}/${partition}`) ?? -1) + 1;
    const { records, keysRefused } = await applyLog(deps, { view, token }, { topic, partition, from, to });
    if (keysRefused > 0) throw lostMeanwhile(view);
    applied += records;
    if (to > from) positions.set(`${topic}/${partition}`, to - 1);
  }
  return applied;
}

export function lostMeanwhile({ name, version }: CompiledView): AsofError {
  return new AsofError(
    'UNAVAILABLE',
    'the online store lost what it was being filled with, or another fill was begun',
    {
      path: `${name} version ${version}`,
      remedy: 'It is filled again by itself; see whether the store was restarted.',
    },
  );
}
