import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createManualClock } from '../../adapters/clock/manual-clock.ts';
import { createLocalEventLog } from '../../adapters/local-log/event-log.ts';
import type { EventLog } from '../../core/ports/event-log.ts';
import { replayFlights } from './replay.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'asof-replay-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Three flights that landed at once. */
async function writeFlights(file: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(
    `COPY (SELECT TIMESTAMP '2001-06-01' AS "landedAt", i AS "flightId", 'ATL' AS origin, 'ORD' AS destination,
                  5 AS "delayMinutes", 606 AS "distanceMiles" FROM range(3) t(i)) TO '${file}' (FORMAT parquet)`,
  );
  connection.closeSync();
  instance.closeSync();
}

it('sends flights again that the log did not take, and goes on', async () => {
  const file = join(folder, 'flights.parquet');
  await writeFlights(file);
  const clock = createManualClock({ at: Date.UTC(2001, 5, 1) });
  await using local = await createLocalEventLog({ folder: join(folder, 'log'), clock });
  let refusals = 2;
  const log: EventLog = {
    ...local,
    append: async (topic, records) => {
      if (refusals-- > 0) throw new Error('the brokers are away');
      return local.append(topic, records);
    },
  };
  const refused: string[] = [];
  const progressFile = join(folder, 'replay.json');
  const replaying = replayFlights({
    ...{ file, progressFile, topic: 'landings', log, clock, systemClock: clock },
    signal: new AbortController().signal,
    onRefused: (error) => refused.push((error as Error).message),
  });
  let sent: number | null = null;
  void replaying.then((count) => {
    sent = count;
  });
  while (sent === null) {
    await clock.advance(1_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(sent).toBe(3);
  expect(refused).toEqual(['the brokers are away', 'the brokers are away']);
  expect([...(await local.endOffsets('landings')).values()].reduce((sum, end) => sum + end, 0)).toBe(3);
  expect(JSON.parse(await readFile(progressFile, 'utf8'))).toEqual({ sent: 3 });
});
