import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dataClockContract } from '../../test/contracts/data-clock.ts';
import { temporaryFolders } from '../../test/processes/temporary-folders.ts';
import { createDataClock, type DataClockOptions, type PersistedDataClock } from './data-clock.ts';
import { createManualClock } from './manual-clock.ts';

const start = Date.UTC(2001, 5, 1);
const wallClock = Date.UTC(2026, 0, 1);
const newFolder = temporaryFolders('clock');
const newFile = (): string => join(newFolder(), 'clock.json');

/** A system clock that can be set back too, and a way to open data clocks on one file. */
function machine(at = wallClock): {
  file: string;
  move(millis: number): void;
  open(options?: Partial<DataClockOptions>): PersistedDataClock;
} {
  let present = at;
  const file = newFile();
  const systemClock = { ...createManualClock({ at }), nowMillis: () => present };
  return {
    file,
    move: (millis) => {
      present += millis;
    },
    open: (options = {}) => createDataClock({ file, systemClock, ...options }),
  };
}

const opened = (options: Partial<DataClockOptions>) => (at: number) => {
  const { open, move } = machine(at);
  return { clock: open(options), move };
};
dataClockContract('a live clock', opened({}));
dataClockContract('a replay at 1×', (at) => opened({ start: at })(wallClock));
dataClockContract('a replay at 60×', (at) => opened({ start: at, speed: 60 })(wallClock));
dataClockContract('a replay at 0.3×, rounding', (at) => opened({ start: at, speed: 0.3 })(wallClock));
dataClockContract('a replay that has ended', (at) => opened({ start: at, speed: 60, replayUntil: at - 1 })(wallClock));

describe('a live data clock', () => {
  it('is the system’s time', () => {
    const { open, move } = machine();
    const clock = open();
    expect(clock.isReplay).toBe(false);
    expect(clock.now()).toBe(wallClock);
    move(12_345);
    expect(clock.now()).toBe(wallClock + 12_345);
  });

  it('catches up with the system after a restart, and does not go back after kill -9', () => {
    const { open, move } = machine();
    const killed = open();
    move(1_000);
    const arrival = killed.stampArrival();
    const restarted = open();
    expect(restarted.stampArrival()).toBeGreaterThan(arrival);
    expect(restarted.now()).toBeLessThanOrEqual(arrival + 500);
    move(10_000);
    expect(restarted.now()).toBe(wallClock + 11_000);
  });
});

describe('a replayed data clock', () => {
  it('runs at its speed until the replay’s end, then at 1', () => {
    const { open, move } = machine();
    const clock = open({ start, speed: 60, replayUntil: start + 60_000 });
    expect(clock.isReplay).toBe(true);
    expect(clock.now()).toBe(start);
    move(500);
    expect(clock.now()).toBe(start + 30_000);
    expect(clock.systemMillisUntil(start + 62_000)).toBe(500 + 2_000);
    move(500);
    expect(clock.now()).toBe(start + 60_000);
    move(500);
    expect(clock.now()).toBe(start + 60_500);
  });

  it('stands still while no process runs, and goes on where it was closed', async () => {
    const { open, move } = machine();
    const first = open({ start, speed: 60 });
    move(1_000);
    expect(first.now()).toBe(start + 60_000);
    await first[Symbol.asyncDispose]();
    move(3_600_000);
    const second = open({ start, speed: 60 });
    expect(second.now()).toBe(start + 60_000);
    move(1_000);
    expect(second.now()).toBe(start + 120_000);
  });

  it('after kill -9 goes on behind everything it gave out, at most half a second of system time later', () => {
    for (const millis of [0, 1, 499, 500, 501, 7_777]) {
      const { open, move } = machine();
      const killed = open({ start, speed: 60 });
      let newest = killed.readInstant();
      for (let step = 0; step < 10; step++) {
        move(millis / 10);
        newest = Math.max(newest, killed.readInstant(), killed.stampArrival());
      }
      const restarted = open({ start, speed: 60 });
      expect(restarted.stampArrival(), `${millis}`).toBeGreaterThan(newest);
      expect(restarted.now()).toBeLessThanOrEqual(newest + 500 * 60);
    }
  });

  it('remembers arrivals and reads that ran ahead of its time', () => {
    const { open } = machine();
    const killed = open({ start });
    killed.readInstant(start + 90_000);
    const ahead = killed.stampArrival();
    expect(open({ start }).stampArrival()).toBeGreaterThan(ahead);
  });

  it('ends its replay also across a restart', async () => {
    const { open, move } = machine();
    const replayUntil = start + 60_000;
    const first = open({ start, speed: 60, replayUntil });
    move(2_000);
    expect(first.now()).toBe(replayUntil + 1_000);
    await first[Symbol.asyncDispose]();
    const second = open({ start, speed: 60, replayUntil });
    move(1_000);
    expect(second.now()).toBe(replayUntil + 2_000);
  });
});

describe('a held replay', () => {
  it('stands still until it is released, and runs from there', () => {
    const { open, move } = machine();
    const clock = open({ start, speed: 60, held: true });
    move(10_000);
    expect(clock.now()).toBe(start);
    expect(clock.stampArrival()).toBeGreaterThan(start);
    expect(clock.systemMillisUntil(start + 60_000)).toBe(1_000);
    clock.release();
    expect(clock.now()).toBe(start);
    move(1_000);
    expect(clock.now()).toBe(start + 60_000);
    clock.release();
    expect(clock.now()).toBe(start + 60_000);
  });

  it('holds where an earlier process stopped', async () => {
    const { open, move } = machine();
    const first = open({ start, speed: 60 });
    move(1_000);
    first.now();
    await first[Symbol.asyncDispose]();
    const second = open({ start, speed: 60, held: true });
    move(5_000);
    expect(second.now()).toBe(start + 60_000);
    second.release();
    move(1_000);
    expect(second.now()).toBe(start + 120_000);
  });
});

describe('a replay that several processes share', () => {
  const shared = { start, speed: 60, held: true, shared: true, replayUntil: start + 3_600_000 };

  it('shows the same in all of them, whenever they opened it and learned when it began', async () => {
    const { open, move } = machine();
    // Each with a file of its own, on one machine's time.
    const other = machine();
    const both = (millis: number): void => {
      move(millis);
      other.move(millis);
    };
    const first = open(shared);
    both(5_000);
    expect(first.now()).toBe(start);
    const begins = wallClock + 6_000;
    first.release(begins);
    expect(first.now()).toBe(start);
    both(2_000);
    expect(first.now()).toBe(start + 60_000);
    const second = other.open(shared);
    expect(second.now()).toBe(start);
    second.release(begins);
    expect(second.now()).toBe(first.now());
    await second[Symbol.asyncDispose]();
    both(70_000);
    const third = other.open(shared);
    third.release(begins);
    expect(third.now()).toBe(first.now());
    expect(third.now()).toBe(start + 3_600_000 + 11_000);
  });

  it('goes back in no process, whatever it gave out ahead of its time', async () => {
    const { open, move } = machine();
    const first = open(shared);
    first.release(wallClock);
    move(1_000);
    const newest = first.readInstant(start + 90_000);
    await first[Symbol.asyncDispose]();
    const second = open(shared);
    expect(second.now()).toBe(newest);
    second.release(wallClock);
    expect(second.now()).toBe(newest);
    move(1_000);
    expect(second.now()).toBe(start + 120_000);
  });
});

describe('the data clock’s file', () => {
  it('is not written per call, and leaves no drafts', () => {
    const { open, move, file } = machine();
    const clock = open();
    const writes = new Set<string>();
    for (let call = 0; call < 1_000; call++) {
      move(1);
      clock.stampArrival();
      writes.add(readFileSync(file, 'utf8'));
    }
    expect(writes.size).toBeLessThanOrEqual(3);
    expect(readdirSync(dirname(file))).toEqual(['clock.json']);
    expect(statSync(file).size).toBeLessThan(100);
  });

  it('is refused when damaged, with its name and what to do', () => {
    for (const text of [
      '',
      '{"asofClock":1',
      '{"asofClock":2,"reserved":1}',
      '{"asofClock":1,"reserved":"x"}',
      'null',
    ]) {
      const { open, file } = machine();
      writeFileSync(file, text);
      expect(() => open(), text).toThrowError(/clock\.json: the data clock’s file is damaged.*Write that line/);
    }
  });

  it('goes with a positive speed only', () => {
    for (const speed of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => machine().open({ start, speed })).toThrowError(/speed: the replay speed is not usable/);
    }
  });
});
