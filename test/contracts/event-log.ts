import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EventLog, LogBatch, LogEntry } from '../../core/ports/event-log.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (payload: Uint8Array): string => new TextDecoder().decode(payload);
const entry = (payload: string, key: string | null = null): LogEntry => ({ key, payload: bytes(payload) });
const numbered = (count: number, prefix = 'r'): LogEntry[] =>
  Array.from({ length: count }, (_, index) => entry(`${prefix}${index}`, `key${index}`));

/** Consumes until `count` records came, and commits along the way if asked to. */
async function take(
  log: EventLog,
  options: { group: string; topics: string[]; count: number; maxBatchRecords?: number; commits?: boolean },
): Promise<LogBatch[]> {
  const stop = new AbortController();
  const batches: LogBatch[] = [];
  let seen = 0;
  await log.consume({
    group: options.group,
    topics: options.topics,
    maxBatchRecords: options.maxBatchRecords ?? 100,
    signal: stop.signal,
    onBatch: async (batch) => {
      batches.push(batch);
      seen += batch.records.length;
      const next = batch.records.at(-1)!.offset + 1;
      if (options.commits) await log.commit(options.group, batch.topic, new Map([[batch.partition, next]]));
      if (seen >= options.count) stop.abort();
    },
  });
  return batches;
}

const offsetsOf = async (log: EventLog): Promise<Map<number, number>> =>
  new Map([...(await log.committed('g', 't'))].map(([partition, { offset }]) => [partition, offset]));

const payloads = (batches: readonly LogBatch[]): string[] =>
  batches.flatMap(({ records }) => records.map(({ payload }) => text(payload)));

/**
 * What every event log must do. `open` gives an empty log whose new topics have `partitions` partitions; each test
 * opens one and closes it.
 */
export function eventLogContract(name: string, open: (partitions: number) => Promise<EventLog>): void {
  describe(`${name} keeps the event log's contract`, () => {
    let log: EventLog;
    beforeEach(async () => {
      log = await open(1);
    });
    afterEach(async () => {
      await log[Symbol.asyncDispose]();
    });

    it('gives records their places in order, and reads them back byte for byte', async () => {
      const allBytes = Uint8Array.from({ length: 256 }, (_, index) => index);
      const positions = await log.append('t', [entry('a'), { key: null, payload: allBytes }, entry('')]);
      expect(positions.map(({ partition, offset }) => [partition, offset])).toEqual([
        [0, 0],
        [0, 1],
        [0, 2],
      ]);
      const records = await log.read('t', 0, 0, 10);
      expect(records.map(({ partition, offset, arrival }) => ({ partition, offset, arrival }))).toEqual(positions);
      expect(text(records[0]!.payload)).toBe('a');
      expect([...records[1]!.payload]).toEqual([...allBytes]);
      expect(records[2]!.payload).toHaveLength(0);
    });

    it('reads from any offset, up to a limit, and nothing at the end', async () => {
      await log.append('t', numbered(5));
      await log.append('t', numbered(5, 's'));
      expect((await log.read('t', 0, 3, 4)).map(({ payload }) => text(payload))).toEqual(['r3', 'r4', 's0', 's1']);
      expect(await log.read('t', 0, 10, 4)).toEqual([]);
      expect((await log.read('t', 0, 9, 4)).map(({ offset }) => offset)).toEqual([9]);
    });

    it('knows its ends, and nothing of a topic never written', async () => {
      expect(await log.endOffsets('t')).toEqual(new Map());
      expect(await log.partitions('t')).toEqual([]);
      expect(await log.read('t', 0, 0, 1)).toEqual([]);
      await log.append('t', numbered(3));
      expect(await log.endOffsets('t')).toEqual(new Map([[0, 3]]));
      expect(await log.partitions('t')).toEqual([0]);
      expect(await log.append('t', [])).toEqual([]);
    });

    it('never lets arrival decrease, whoever appends', async () => {
      await Promise.all(Array.from({ length: 30 }, (_, index) => log.append('t', numbered(3, `w${index}-`))));
      const records = await log.read('t', 0, 0, 1_000);
      expect(records.map(({ offset }) => offset)).toEqual(Array.from({ length: 90 }, (_, index) => index));
      const arrivals = records.map(({ arrival }) => arrival);
      expect(arrivals).toEqual([...arrivals].sort((a, b) => a - b));
      const writers = records.map(({ payload }) => text(payload));
      for (let index = 0; index < 30; index++) {
        const own = writers.filter((written) => written.startsWith(`w${index}-`));
        expect(own).toEqual([`w${index}-0`, `w${index}-1`, `w${index}-2`]);
      }
    });

    it('keeps a key in one partition and uses them all', async () => {
      await using wide = await open(3);
      const first = await wide.append('t', numbered(60));
      const second = await wide.append('t', numbered(60));
      expect(second.map(({ partition }) => partition)).toEqual(first.map(({ partition }) => partition));
      expect(new Set(first.map(({ partition }) => partition))).toEqual(new Set([0, 1, 2]));
      expect(await wide.partitions('t')).toEqual([0, 1, 2]);
      const ends = await wide.endOffsets('t');
      expect([...ends.values()].reduce((sum, end) => sum + end, 0)).toBe(120);
    });

    it('delivers in order, in batches of at most the asked size, what was there and what comes', async () => {
      await log.append('t', numbered(5));
      const done = take(log, { group: 'g', topics: ['t'], count: 8, maxBatchRecords: 2 });
      await log.append('t', numbered(3, 's'));
      const batches = await done;
      expect(payloads(batches)).toEqual(['r0', 'r1', 'r2', 'r3', 'r4', 's0', 's1', 's2']);
      expect(Math.max(...batches.map(({ records }) => records.length))).toBeLessThanOrEqual(2);
    });

    it('delivers from a topic that is made while it waits', async () => {
      const done = take(log, { group: 'g', topics: ['later', 'never'], count: 2 });
      await log.append('later', numbered(2));
      expect(payloads(await done)).toEqual(['r0', 'r1']);
    });

    it('goes on from what the group committed, group by group', async () => {
      await log.append('t', numbered(4));
      await take(log, { group: 'g', topics: ['t'], count: 2, maxBatchRecords: 2, commits: true });
      expect(await offsetsOf(log)).toEqual(new Map([[0, 2]]));
      expect(await log.committed('other', 't')).toEqual(new Map());
      expect(payloads(await take(log, { group: 'g', topics: ['t'], count: 2 }))).toEqual(['r2', 'r3']);
      expect(payloads(await take(log, { group: 'other', topics: ['t'], count: 4 }))).toEqual(['r0', 'r1', 'r2', 'r3']);
    });

    it('delivers again what was not committed', async () => {
      await log.append('t', numbered(3));
      await take(log, { group: 'g', topics: ['t'], count: 3 });
      expect(payloads(await take(log, { group: 'g', topics: ['t'], count: 3 }))).toEqual(['r0', 'r1', 'r2']);
    });

    it('hands over one batch at a time per partition, partitions side by side', async () => {
      await using wide = await open(3);
      await wide.append('t', numbered(60));
      const running = new Map<number, number>();
      let mostAtOnce = 0;
      const stop = new AbortController();
      let seen = 0;
      await wide.consume({
        group: 'g',
        topics: ['t'],
        maxBatchRecords: 4,
        signal: stop.signal,
        onBatch: async ({ partition, records }) => {
          running.set(partition, (running.get(partition) ?? 0) + 1);
          expect(running.get(partition)).toBe(1);
          mostAtOnce = Math.max(mostAtOnce, [...running.values()].filter((count) => count > 0).length);
          // The first stays until another comes, whichever partition is fetched when.
          for (const until = performance.now() + 5_000; mostAtOnce === 1 && performance.now() < until; ) {
            await new Promise((resolve) => setImmediate(resolve));
          }
          await new Promise((resolve) => setImmediate(resolve));
          running.set(partition, 0);
          seen += records.length;
          if (seen === 60) stop.abort();
        },
      });
      expect(seen).toBe(60);
      expect(mostAtOnce).toBeGreaterThan(1);
    });

    it('stops with the failure of a batch, and delivers that batch again afterwards', async () => {
      await log.append('t', numbered(2));
      const failure = new Error('no room');
      const failing = log.consume({
        group: 'g',
        topics: ['t'],
        maxBatchRecords: 10,
        signal: new AbortController().signal,
        onBatch: async () => {
          throw failure;
        },
      });
      await expect(failing).rejects.toBe(failure);
      expect(payloads(await take(log, { group: 'g', topics: ['t'], count: 2 }))).toEqual(['r0', 'r1']);
    });

    it('resolves at once when aborted while waiting, or before it began', async () => {
      await log.append('t', []);
      const stop = new AbortController();
      const onBatch = async (): Promise<void> => {
        throw new Error('nothing was written');
      };
      const options = { group: 'g', topics: ['t', 'never'], maxBatchRecords: 1, signal: stop.signal, onBatch };
      const waiting = log.consume(options);
      stop.abort();
      await waiting;
      await log.consume(options);
    });

    it('tells the partitions before their first batch, and asks for them back before it ends, in time to commit', async () => {
      await using wide = await open(2);
      await wide.append('t', numbered(40));
      const stop = new AbortController();
      const told: string[] = [];
      const next = new Map<number, number>();
      await wide.consume({
        group: 'g',
        topics: ['t', 'never'],
        maxBatchRecords: 100,
        signal: stop.signal,
        onAssigned: async (partitions) => {
          await new Promise((resolve) => setImmediate(resolve));
          told.push(`assigned ${JSON.stringify([...partitions])}`);
        },
        onBatch: async ({ partition, records }) => {
          told.push('batch');
          next.set(partition, records.at(-1)!.offset + 1);
          if (next.size === 2) stop.abort();
        },
        onReleasing: async () => {
          told.push('releasing');
          await wide.commit('g', 't', next);
        },
      });
      expect(told).toEqual(['assigned [["t",[0,1]]]', 'batch', 'batch', 'releasing']);
      expect(await offsetsOf(wide)).toEqual(next);
    });

    it('lets a batch be given up when its consumer has to end', async () => {
      await log.append('t', numbered(1));
      const stop = new AbortController();
      await log.consume({
        group: 'g',
        topics: ['t'],
        maxBatchRecords: 10,
        signal: stop.signal,
        onBatch: (_, leaving) => {
          stop.abort();
          return new Promise((_, reject) => {
            if (leaving.aborted) reject(new Error('given up'));
            else leaving.addEventListener('abort', () => reject(new Error('given up')));
          });
        },
      });
    });

    it('keeps a note with each offset until the next commit of its partition', async () => {
      await using wide = await open(2);
      await wide.append('t', numbered(20));
      const none = { offset: 0, note: '7' };
      await wide.commit(
        'g',
        't',
        new Map([
          [0, 0],
          [1, 0],
        ]),
        '7',
      );
      expect(await wide.committed('g', 't')).toEqual(
        new Map([
          [0, none],
          [1, none],
        ]),
      );
      await wide.commit('g', 't', new Map([[0, 1]]), 'é "8"');
      expect(await wide.committed('g', 't')).toEqual(
        new Map([
          [0, { offset: 1, note: 'é "8"' }],
          [1, none],
        ]),
      );
      await wide.commit('g', 't', new Map([[0, 1]]));
      expect((await wide.committed('g', 't')).get(0)).toEqual({ offset: 1, note: null });
      // Offset 0 with a note is where a group without a commit begins, too.
      expect(payloads(await take(wide, { group: 'g', topics: ['t'], count: 19 }))).toHaveLength(19);
    });

    it('keeps committed offsets of partitions that a commit does not name', async () => {
      await using wide = await open(3);
      await wide.append('t', numbered(60));
      await wide.commit('g', 't', new Map([[0, 1]]));
      await Promise.all([wide.commit('g', 't', new Map([[1, 2]])), wide.commit('g', 't', new Map([[2, 3]]))]);
      await wide.commit('g', 't', new Map([[0, 4]]));
      expect(await offsetsOf(wide)).toEqual(
        new Map([
          [0, 4],
          [1, 2],
          [2, 3],
        ]),
      );
    });
  });
}
