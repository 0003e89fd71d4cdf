import type { CompiledSource, SourceRecord } from '../../core/definitions/compiled.ts';
import type { DeadLetter } from '../../core/ports/dead-letters.ts';
import type { OfflineStore, Positions, RawRow } from '../../core/ports/offline-store.ts';
import { normalizeRecord } from '../../core/records/normalize.ts';
import type { LetterBox } from '../ingest/letters.ts';

export interface ImportDeps {
  readonly offline: OfflineStore;
  readonly deadLetters: Pick<LetterBox, 'put'>;
  /** Batch paths are relative to it. */
  readonly baseFolder: string;
}

export interface ImportOptions {
  readonly signal: AbortSignal;
  /** The last row read per place by an earlier import, refused rows included. */
  readonly readBefore: Positions;
  onRows(rows: number): void;
}

export interface ImportOutcome {
  /** Records that were not there before. */
  readonly imported: number;
  readonly rejected: number;
  readonly read: Positions;
}

/** So many records are made durable at a time; an import that is killed goes on from there. */
const flushRecords = 500_000;

/** So many are handed to the store at once. */
const appendRecords = 8_192;

/** A dead letter keeps this many characters of its row. */
const maxPayloadLength = 64 * 1024;

/** Brings what is new in a source's batch location into the offline store. Rows already held are skipped. */
export async function importBatch(
  { offline, deadLetters, baseFolder }: ImportDeps,
  source: CompiledSource,
  { signal, readBefore, onRows }: ImportOptions,
): Promise<ImportOutcome> {
  const read = new Map<string, number>();
  for (const [place, held] of await offline.durablePositions(source)) {
    read.set(place, Math.max(held, readBefore.get(place) ?? -1));
  }
  let imported = 0;
  let rejected = 0;
  let pending: SourceRecord[] = [];
  let unflushed = 0;
  const append = async (): Promise<void> => {
    if (pending.length > 0) await offline.append(source, pending);
    unflushed += pending.length;
    pending = [];
  };
  for await (const rows of offline.readBatch(source, baseFolder, signal)) {
    signal.throwIfAborted();
    const { records, letters } = normalizeRows(source, rows, read);
    if (letters.length > 0) await deadLetters.put(letters);
    pending = pending.length === 0 ? records : pending.concat(records);
    imported += records.length;
    rejected += letters.length;
    if (pending.length >= appendRecords) await append();
    if (unflushed >= flushRecords) {
      await offline.flush(source);
      unflushed = 0;
    }
    onRows(rows.length);
  }
  await append();
  await offline.flush(source);
  return { imported, rejected, read };
}

/** Moves `read` forward to the last row of each place. */
function normalizeRows(
  source: CompiledSource,
  rows: readonly RawRow[],
  read: Map<string, number>,
): { records: SourceRecord[]; letters: DeadLetter[] } {
  const records: SourceRecord[] = [];
  const letters: DeadLetter[] = [];
  // Consecutive rows share their place: its text is made once for each run, not for each row.
  let origin = '';
  let partition = -1;
  let held = -1;
  let last = -1;
  for (const raw of rows) {
    if (raw.origin !== origin || raw.partition !== partition) {
      if (last > held) read.set(`${origin}/${partition}`, last);
      ({ origin, partition } = raw);
      held = read.get(`${origin}/${partition}`) ?? -1;
      last = held;
    }
    if (raw.offset <= held) continue;
    last = raw.offset;
    const outcome = normalizeRecord(source, raw.row, raw, null);
    if ('record' in outcome) records.push(outcome.record);
    else letters.push(deadLetter(source, raw, outcome.rejected));
  }
  if (last > held) read.set(`${origin}/${partition}`, last);
  return { records, letters };
}

function deadLetter(
  { name }: CompiledSource,
  { origin, partition, offset, row }: RawRow,
  { code, reason }: { code: string; reason: string },
): DeadLetter {
  const payload = JSON.stringify(row, (_key, value) => (typeof value === 'bigint' ? value.toString() : value));
  return { source: name, origin, partition, offset, at: 0, code, reason, payload: payload.slice(0, maxPayloadLength) };
}
