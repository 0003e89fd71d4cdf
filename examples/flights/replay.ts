import { readFile, rename, writeFile } from 'node:fs/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import type { DataClock, SystemClock } from '../../core/ports/clocks.ts';
import type { EventLog } from '../../core/ports/event-log.ts';

export interface ReplayOptions {
  readonly file: string;
  /** Where the number of flights already sent is kept, so that a restart goes on there. */
  readonly progressFile: string;
  readonly topic: string;
  readonly log: EventLog;
  readonly clock: DataClock;
  readonly systemClock: SystemClock;
  readonly signal: AbortSignal;
  /** Told when the log takes nothing; the same flights are sent again after a while. */
  readonly onRefused: (error: unknown) => void;
}

const retryMillis = 5_000;

interface Landing {
  readonly landedAtMillis: number;
  readonly payload: Uint8Array;
}

/**
 * Sends each flight to the log when the DataClock reaches its landing. At least once: a kill between sending and
 * noting it repeats a few flights, which their event ids make harmless.
 *
 * @returns how many flights were sent in all, when the last has landed or the signal was aborted.
 */
export async function replayFlights(options: ReplayOptions): Promise<number> {
  const { clock, systemClock, signal } = options;
  let sent = await readProgress(options.progressFile);
  for await (const landings of landingsFrom(options.file, sent)) {
    let next = 0;
    while (next < landings.length) {
      const wait = clock.systemMillisUntil(landings[next]!.landedAtMillis);
      if (wait > 0 && !(await slept(systemClock, wait, signal))) return sent;
      if (signal.aborted) return sent;
      const now = clock.now();
      let end = next;
      while (end < landings.length && landings[end]!.landedAtMillis <= now) end++;
      const due = landings.slice(next, end);
      if (!(await sendAll(options, due))) return sent;
      next = end;
      sent += due.length;
      await writeProgress(options.progressFile, sent);
    }
  }
  return sent;
}

/** However often it takes; false = the signal was aborted first. */
async function sendAll(
  { log, topic, systemClock, signal, onRefused }: ReplayOptions,
  due: readonly Landing[],
): Promise<boolean> {
  for (;;) {
    try {
      await log.append(
        topic,
        due.map(({ payload }) => ({ key: null, payload })),
      );
      return true;
    } catch (error) {
      onRefused(error);
      if (!(await slept(systemClock, retryMillis, signal))) return false;
    }
  }
}

async function slept(systemClock: SystemClock, millis: number, signal: AbortSignal): Promise<boolean> {
  try {
    await systemClock.sleep(millis, signal);
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}

/** The landings after the first `skip`, in landing order, by chunks of a few thousand. */
async function* landingsFrom(file: string, skip: number): AsyncGenerator<readonly Landing[]> {
  const instance = await DuckDBInstance.create(':memory:', { memory_limit: '256MB', threads: '1' });
  const connection = await instance.connect();
  try {
    // Without ORDER BY, which would hold the whole month: DuckDB reads a file in its order unless told otherwise.
    const result = await connection.stream(
      `SELECT epoch_ms("landedAt")::DOUBLE, "flightId"::DOUBLE, origin, destination, "delayMinutes"::DOUBLE,
              "distanceMiles"::DOUBLE
       FROM read_parquet($1, file_row_number = true) WHERE file_row_number >= $2`,
      { 1: file, 2: skip },
    );
    const encoder = new TextEncoder();
    for (;;) {
      const chunk = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) return;
      yield chunk.getRows().map(([landedAt, flightId, origin, destination, delayMinutes, distanceMiles]) => ({
        landedAtMillis: Number(landedAt),
        payload: encoder.encode(
          JSON.stringify({
            flightId,
            origin,
            destination,
            delayMinutes,
            distanceMiles,
            landedAt: new Date(Number(landedAt)).toISOString(),
          }),
        ),
      }));
    }
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function readProgress(file: string): Promise<number> {
  try {
    return Number(JSON.parse(await readFile(file, 'utf8')).sent);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}

async function writeProgress(file: string, sent: number): Promise<void> {
  await writeFile(`${file}.partial`, JSON.stringify({ sent }));
  await rename(`${file}.partial`, file);
}
