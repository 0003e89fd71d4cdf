import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { EventLog, LogRecord } from '../../core/ports/event-log.ts';
import { runFile } from '../../test/processes/run-file.ts';
import { temporaryFolders } from '../../test/processes/temporary-folders.ts';
import { createManualClock } from '../clock/manual-clock.ts';
import { createLocalEventLog } from './event-log.ts';
import { headerBytes } from './frame.ts';
import type { TornTail } from './segment.ts';

const newFolder = temporaryFolders('log');
const clock = createManualClock({ at: 1_000_000 });
const payloadText = ({ payload }: LogRecord): string => Buffer.from(payload).toString();
const segmentsOf = (folder: string): string[] => {
  const path = join(folder, 'topics', 't', '0');
  return readdirSync(path)
    .sort()
    .map((name) => join(path, name));
};

function reopen(folder: string, segmentBytes = 1_000_000): { log: EventLog; torn: TornTail[] } {
  const torn: TornTail[] = [];
  const log = createLocalEventLog({ folder, clock, segmentBytes, onTornTail: (tail) => torn.push(tail) });
  return { log, torn };
}

/** A log whose topic `t` has the records r0, r1, … each in a frame of its own. */
async function written(records: number, segmentBytes?: number): Promise<string> {
  const folder = newFolder();
  const { log } = reopen(folder, segmentBytes);
  for (let index = 0; index < records; index++) {
    await log.append('t', [{ key: null, payload: Buffer.from(`r${index}`) }]);
  }
  await log[Symbol.asyncDispose]();
  return folder;
}

const frameBytes = headerBytes + 4 + 2;

describe('opening a local log again', () => {
  it('refuses a group that is further than the topic, also when the topic is gone', async () => {
    const folder = await written(3);
    const { log: first } = reopen(folder);
    await first.commit('g', 't', new Map([[0, 2]]));
    await first[Symbol.asyncDispose]();
    rmSync(join(folder, 'topics', 't'), { recursive: true });
    const { log } = reopen(folder);
    await expect(log.committed('g', 't')).rejects.toThrow(
      /t\/0: group g has applied records that topic t no longer has; expected at least 2 records; got 0\. Restore/,
    );
    expect(await log.committed('other', 't')).toEqual(new Map());
    await log[Symbol.asyncDispose]();
  });

  it('finds its records, arrivals and commits, and goes on after them', async () => {
    const folder = await written(3);
    const { log: first } = reopen(folder);
    await first.commit('g', 't', new Map([[0, 2]]));
    const before = await first.read('t', 0, 0, 10);
    await first[Symbol.asyncDispose]();
    const { log, torn } = reopen(folder);
    expect(await log.read('t', 0, 0, 10)).toEqual(before);
    expect(await log.committed('g', 't')).toEqual(new Map([[0, { offset: 2, note: null }]]));
    const [next] = await log.append('t', [{ key: null, payload: Buffer.from('more') }]);
    expect(next!.offset).toBe(3);
    expect(torn).toEqual([]);
    await log[Symbol.asyncDispose]();
  });

  it('never lets arrival go back, though the clock has', async () => {
    const folder = await written(1);
    const { log: ahead } = reopen(folder);
    const [{ arrival } = { arrival: 0 }] = await ahead.read('t', 0, 0, 1);
    await ahead[Symbol.asyncDispose]();
    await using log = createLocalEventLog({ folder, clock: { stampArrival: () => arrival - 50 } });
    expect((await log.append('t', [{ key: null, payload: Buffer.from('x') }]))[0]!.arrival).toBe(arrival);
  });

  it('cuts off and reports a last record that was not written whole, wherever it broke off', async () => {
    for (let missing = 1; missing < frameBytes; missing += 5) {
      const folder = await written(3);
      const [file] = segmentsOf(folder);
      truncateSync(file!, 3 * frameBytes - missing);
      const { log, torn } = reopen(folder);
      expect(await log.endOffsets('t')).toEqual(new Map([[0, 2]]));
      expect(torn).toEqual([{ file, keptBytes: 2 * frameBytes, cutBytes: frameBytes - missing }]);
      await log.append('t', [{ key: null, payload: Buffer.from('again') }]);
      expect((await log.read('t', 0, 0, 10)).map(payloadText)).toEqual(['r0', 'r1', 'again']);
      await log[Symbol.asyncDispose]();
      const { log: clean, torn: none } = reopen(folder);
      expect((await clean.read('t', 0, 0, 10)).map(payloadText)).toEqual(['r0', 'r1', 'again']);
      expect(none).toEqual([]);
      await clean[Symbol.asyncDispose]();
    }
  });

  it('takes zeros at the end for what a power cut leaves', async () => {
    const folder = await written(2);
    const [file] = segmentsOf(folder);
    appendFileSync(file!, Buffer.alloc(5_000));
    const { log, torn } = reopen(folder);
    expect((await log.read('t', 0, 0, 10)).map(payloadText)).toEqual(['r0', 'r1']);
    expect(torn).toEqual([{ file, keptBytes: 2 * frameBytes, cutBytes: 5_000 }]);
    await log[Symbol.asyncDispose]();
  });

  it('names the file and the byte of damage in the middle: every flipped byte, and loses nothing by itself', async () => {
    const folder = await written(3);
    const [file] = segmentsOf(folder);
    const whole = readFileSync(file!);
    for (let at = 0; at < whole.length; at++) {
      const damaged = Buffer.from(whole);
      damaged[at] = damaged[at]! ^ 0x10;
      writeFileSync(file!, damaged);
      const { log } = reopen(folder);
      const start = Math.floor(at / frameBytes) * frameBytes;
      const reading = log.read('t', 0, 0, 10);
      await expect(reading, `byte ${at}`).rejects.toMatchObject({ code: 'CORRUPT' });
      await expect(reading).rejects.toThrowError(`${file}: the event log is damaged at byte ${start}`);
      await expect(reading).rejects.toThrowError(`truncate -s ${start} ${file}`);
      expect(readFileSync(file!).equals(damaged)).toBe(true);
      await log[Symbol.asyncDispose]();
    }
  });

  it('notices damage that happens while it is open', async () => {
    const folder = await written(0);
    const { log } = reopen(folder);
    await log.append('t', [{ key: null, payload: Buffer.from('r0') }]);
    const [file] = segmentsOf(folder);
    const bytes = readFileSync(file!);
    bytes[bytes.length - 1] = 0;
    writeFileSync(file!, bytes);
    await expect(log.read('t', 0, 0, 10)).rejects.toThrowError(/damaged at byte 0.*another checksum/);
    await log[Symbol.asyncDispose]();
  });

  it('does not take a short older segment for a torn one, nor a missing one for the end', async () => {
    const short = await written(4, 1);
    const [, second] = segmentsOf(short);
    truncateSync(second!, frameBytes - 1);
    const { log: cut } = reopen(short, 1);
    await expect(cut.read('t', 0, 0, 10)).rejects.toThrowError(`${second}: the event log is damaged at byte 0`);
    await cut[Symbol.asyncDispose]();

    const gap = await written(4, 1);
    rmSync(segmentsOf(gap)[1]!);
    const { log: missing } = reopen(gap, 1);
    await expect(missing.read('t', 0, 0, 10)).rejects.toThrowError(/a file of the event log is missing.*offset 1/);
    expect((await missing.read('t', 0, 2, 10)).map(payloadText)).toEqual(['r2', 'r3']);
    await missing[Symbol.asyncDispose]();

    const headless = await written(4, 1);
    rmSync(segmentsOf(headless)[0]!);
    const { log: late } = reopen(headless, 1);
    await expect(late.endOffsets('t')).rejects.toThrowError(
      /a file of the event log is missing.*offset 0; got offset 1/,
    );
    await late[Symbol.asyncDispose]();
  });

  it('names damaged offsets and settings', async () => {
    const folder = await written(1);
    const { log } = reopen(folder);
    await log.commit('g', 't', new Map([[0, 1]]));
    const offsets = join(folder, 'groups', 'g', 't.json');
    for (const text of ['', '{"offsets":{"0":-1}}', '{"offsets":{"x":1}}', '[]']) {
      writeFileSync(offsets, text);
      await expect(log.committed('g', 't'), text).rejects.toThrowError(/t\.json: a consumer group’s committed offsets/);
    }
    writeFileSync(offsets, '{"offsets":{"0":9}}');
    const consumption = { group: 'g', topics: ['t'], maxBatchRecords: 1, signal: new AbortController().signal };
    await expect(log.consume({ ...consumption, onBatch: async () => {} })).rejects.toThrowError(
      /group g has applied records that topic t no longer has; expected at least 9 records; got 1/,
    );
    await log[Symbol.asyncDispose]();
    writeFileSync(join(folder, 'topics', 't', 'topic.json'), '{"partitions":0}\n');
    const { log: again } = reopen(folder);
    await expect(again.read('t', 0, 0, 1)).rejects.toThrowError(/topic\.json: a topic’s settings are damaged/);
    await again[Symbol.asyncDispose]();
  });
});

describe('a local log killed with kill -9', () => {
  it('has every confirmed record, once, and whole', async () => {
    const folder = newFolder();
    const expected = new Map<number, string>();
    for (let round = 0; round < 3; round++) {
      const running = runFile(fileURLToPath(new URL('../../test/processes/log-writer.ts', import.meta.url)), [folder]);
      await running.lineWhere(() => running.lines.length > 150);
      await running.kill();
      // The last line may have been cut off with the process.
      for (const line of running.lines.slice(0, -1)) {
        const [offset, text] = line.split(' ');
        expect(expected.has(Number(offset))).toBe(false);
        expected.set(Number(offset), text!);
      }
    }
    const { log } = reopen(folder);
    const records = await log.read('t', 0, 0, 100_000);
    expect(records.map(({ offset }) => offset)).toEqual(records.map((_, index) => index));
    for (const [offset, text] of expected) expect(payloadText(records[offset]!).split(' ')[0]).toBe(text);
    const arrivals = records.map(({ arrival }) => arrival);
    expect(arrivals).toEqual([...arrivals].sort((a, b) => a - b));
    expect((await log.committed('g', 't')).get(0)?.offset).toBeGreaterThan(0);
    expect(segmentsOf(folder).length).toBeGreaterThan(1);
    await log[Symbol.asyncDispose]();
  });
});

describe('names in a local log', () => {
  it('cannot leave its folder', async () => {
    const folder = newFolder();
    const { log } = reopen(folder);
    for (const topic of ['..', '.', '', 'a/b', '../../up', 'a\\b', 'a\0b', 'ä', 'x'.repeat(201)]) {
      const record = { key: null, payload: Buffer.from('x') };
      await expect(log.append(topic, [record]), topic).rejects.toMatchObject({ code: 'BAD_INPUT' });
      await expect(log.committed(topic, 't'), topic).rejects.toMatchObject({ code: 'BAD_INPUT' });
    }
    expect(readdirSync(join(folder, 'topics'))).toEqual([]);
    expect(existsSync(join(folder, 'groups'))).toBe(false);
    await log[Symbol.asyncDispose]();
  });
});

describe('limits of a local log', () => {
  it('refuses a record that is too long, a commit beyond the end, and a second consumer of a group', async () => {
    await using log = createLocalEventLog({ folder: newFolder(), clock });
    const huge = { key: null, payload: Buffer.alloc(16 * 1024 * 1024 + 1) };
    await expect(log.append('t', [huge])).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    await log.append('t', [{ key: null, payload: Buffer.from('x') }]);
    await expect(log.commit('g', 't', new Map([[0, 2]]))).rejects.toThrowError('expected 0 to 1; got 2');
    await expect(log.commit('g', 'none', new Map([[0, 1]]))).rejects.toMatchObject({ code: 'BAD_INPUT' });
    const stop = new AbortController();
    const options = { group: 'g', topics: ['t'], maxBatchRecords: 1, signal: stop.signal, onBatch: async () => {} };
    const first = log.consume(options);
    await expect(log.consume(options)).rejects.toMatchObject({ code: 'CONFLICT' });
    stop.abort();
    await first;
  });

  it('splits a long append into frames, and keeps its order', async () => {
    const folder = newFolder();
    await using log = createLocalEventLog({ folder, clock });
    const payloads = Array.from({ length: 40 }, (_, index) => Buffer.alloc(50_000, index));
    const positions = await log.append(
      't',
      payloads.map((payload) => ({ key: null, payload })),
    );
    expect(positions.map(({ offset }) => offset)).toEqual(payloads.map((_, index) => index));
    const records = await log.read('t', 0, 0, 100);
    expect(records.every(({ payload, offset }) => Buffer.from(payload).equals(payloads[offset]!))).toBe(true);
    expect(statSync(segmentsOf(folder)[0]!).size).toBeGreaterThan(4 * headerBytes + 40 * 50_004 - 1);
  });

  it('closes in the middle of a consumption, and then refuses', async () => {
    const log = createLocalEventLog({ folder: newFolder(), clock });
    const signal = new AbortController().signal;
    const options = { group: 'g', topics: ['t', 'later'], maxBatchRecords: 1, signal, onBatch: async () => {} };
    await log.append('t', []);
    const consuming = log.consume(options);
    await log[Symbol.asyncDispose]();
    await consuming;
    await expect(log.append('t', [])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(log.consume(options)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});
