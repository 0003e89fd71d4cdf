import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createManualClock } from '../../../adapters/clock/manual-clock.ts';
import { createLmdbOnlineStore } from '../../../adapters/lmdb/online-store.ts';
import type { ViewReading } from '../../../core/definitions/compiled.ts';
import { AsofError } from '../../../core/errors/asof-error.ts';
import { createOnlineReader } from '../../../core/online/reader.ts';
import { markReady } from '../../../core/online/ready.ts';
import { createOnlineWriter } from '../../../core/online/writer.ts';
import type { OnlineStore } from '../../../core/ports/online-store.ts';
import type { TryExecutor, TryQuestion } from '../question.ts';
import { createReplay, type Delivery } from '../replay.ts';

/** Opens a store for one question; closing it removes it. */
export type OpenOnlineStore = () => Promise<OnlineStore>;

export interface OnlineExecutorOptions {
  /** Default: LMDB in a temporary folder. */
  readonly openStore?: OpenOnlineStore;
  /** Default: in the order of arrival, in large batches, once. */
  readonly delivery?: Partial<Delivery>;
  /** So many writers take turns from batch to batch, each with what it remembers; default 1. */
  readonly writers?: number;
  /** Every batch has a new writer, as after a restart. */
  readonly restarts?: boolean;
}

/**
 * Answers by the road that serving takes: records are applied to an online store in the order in which they became
 * known, and each spine row is read when a simulated clock shows its time.
 */
export function createOnlineExecutor(options: OnlineExecutorOptions = {}): TryExecutor {
  const { openStore = openLmdb, writers = 1, restarts = false } = options;
  const delivery = { batchRecords: 1_000, byPartition: false, twice: false, rowsAhead: false, ...options.delivery };
  return {
    async answer(question) {
      refuseHindsight(question);
      const store = await openStore();
      try {
        return await readInTime({ store, delivery, writers, restarts }, question);
      } finally {
        await store[Symbol.asyncDispose]();
      }
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

async function openLmdb(): Promise<OnlineStore> {
  const folder = await mkdtemp(join(tmpdir(), 'asof-try-'));
  const store = createLmdbOnlineStore({ folder });
  return {
    ...store,
    [Symbol.asyncDispose]: async () => {
      await store[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A store that serves now has neither events by event time nor a past knowledge. */
function refuseHindsight({ mode, modePlace, rows }: TryQuestion): void {
  if (mode !== 'AS_SERVED') {
    throw new AsofError('BAD_INPUT', 'the online store has no EVENT_TIME mode', {
      path: modePlace,
      expected: 'AS_SERVED with --executor online',
      got: mode,
      remedy: 'Use --executor oracle or duckdb.',
    });
  }
  const differing = rows.find(({ time, knownAt }) => time !== knownAt);
  if (differing !== undefined) {
    throw new AsofError('BAD_INPUT', 'the online store knows at each instant what was known then', {
      path: `${differing.place}, column "__knownAt"`,
      expected: 'the same as __time',
      got: new Date(differing.knownAt).toISOString(),
      remedy: 'Use --executor oracle or duckdb.',
    });
  }
}

interface Serving {
  readonly store: OnlineStore;
  readonly delivery: Delivery;
  readonly writers: number;
  readonly restarts: boolean;
}

async function readInTime(
  { store, delivery, writers, restarts }: Serving,
  { members, histories, rows }: TryQuestion,
): Promise<ViewReading[][]> {
  const clock = createManualClock({ at: 0 });
  const views = [...new Set(members.map(({ view }) => view))];
  for (const view of views) await markReady(store, view);
  const newWriter = () => createOnlineWriter({ store, clock });
  const inTurn = Array.from({ length: writers }, newWriter);
  let turn = 0;
  const replay = createReplay({
    nextWriter: () => (restarts ? newWriter() : inTurn[turn++ % writers]!),
    histories: views.map((view) => ({ view, records: histories.get(view.source)!.records })),
    ...delivery,
  });
  const reader = createOnlineReader({ store, clock });

  const readings: ViewReading[][] = new Array(rows.length);
  const inTime = rows.map((row, index) => ({ row, index })).sort((a, b) => a.row.time - b.row.time);
  for (const { row, index } of inTime) {
    await clock.advanceTo(row.time);
    await replay.applyUpTo(row.time);
    const answer = await reader.read(
      members.map(({ view, features, maxAgeMillis }, member) => ({
        view,
        key: row.keys[member]!,
        features,
        maxAgeMillis: view.kind === 'rows' ? maxAgeMillis : null,
      })),
    );
    readings[index] = [...answer.readings];
  }
  return readings;
}
