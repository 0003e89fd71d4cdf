import { cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AsofProcess, startFlights, waitFor } from './asof-process.ts';
import { type EndedCommand, runProgram } from './run-command.ts';

// A few flights: what matters are the files.
const slice = { FLIGHTS_SLICE: '4000', FLIGHTS_SPEED: '20000' };

const landingsLog = ['log', 'topics', 'landings', '0', '0000000000000000.log'];

let folder: string;
let intact: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'asof-damaged-'));
  intact = join(folder, 'intact');
  const asof: AsofProcess = await startFlights(intact, slice);
  await asof.ready(60_000);
  await waitFor(async () => ((await bytesOf(join(intact, ...landingsLog))) > 2_000 ? true : undefined), 30_000);
  expect(await asof.stop('SIGINT')).toBe(0);
}, 90_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

async function bytesOf(file: string): Promise<number> {
  return (await readFile(file).catch(() => Buffer.alloc(0))).length;
}

function start(dataDir: string, env: Record<string, string> = {}): Promise<EndedCommand> {
  return runProgram(['dist/examples/flights/main.js'], {
    env: { ASOF_DATA_DIR: dataDir, PORT: '0', ...slice, ...env },
  });
}

let copies = 0;

/** Starts on a copy with that damage; it has to end by itself, with one line that people can act on. */
async function startDamaged(damage: (dataDir: string) => Promise<unknown>): Promise<EndedCommand> {
  const dataDir = join(folder, `copy-${++copies}`);
  await cp(intact, dataDir, { recursive: true });
  await damage(dataDir);
  const ended = await start(dataDir);
  await rm(dataDir, { recursive: true });
  expect(ended.err.match(/^asof: /gm)).toHaveLength(1);
  expect(ended.err).not.toMatch(/^\s+at /m);
  return ended;
}

/** The files of the flights' history with that end of their names. */
async function historyFiles(dataDir: string, end: string): Promise<string[]> {
  const names = await readdir(join(dataDir, 'offline'), { recursive: true });
  const found = names.filter((name) => /^landings.*\//.test(name) && name.endsWith(end)).sort();
  return found.map((name) => join(dataDir, 'offline', name));
}

const flipByte = async (file: string, position: number): Promise<void> => {
  const bytes = await readFile(file);
  bytes[position]! ^= 0xff;
  await writeFile(file, bytes);
};

const cases: readonly [what: string, says: RegExp, damage: (dataDir: string) => Promise<unknown>][] = [
  [
    'the clock’s file is cut',
    /clock\.json: the data clock’s file is damaged; expected \{"asofClock".*; got .*\. Write that line/,
    (dataDir) => truncate(join(dataDir, 'clock.json'), 12),
  ],
  [
    'a byte of the event log is another',
    /0000000000000000\.log: the event log is damaged at byte \d+; expected .*; got .*\. Restore the file/,
    (dataDir) => flipByte(join(dataDir, ...landingsLog), 300),
  ],
  [
    'the list of history files is gone, and the files are there',
    /manifest-\d+\.json: the list of history files is damaged; .*got nothing\. Restore/,
    async (dataDir) => {
      for (const manifest of await historyFiles(dataDir, '.json')) await rm(manifest);
    },
  ],
  [
    'a history file is cut',
    /\.parquet: a file of the history is damaged; expected \d+ bytes; got 1000 bytes\. Restore/,
    async (dataDir) => truncate((await historyFiles(dataDir, '.parquet'))[0]!, 1_000),
  ],
  [
    'the online values are something else',
    /online\.mdb: the online store cannot be opened; expected a whole file that LMDB wrote; got .*\. Move the file/,
    (dataDir) => writeFile(join(dataDir, 'online', 'online.mdb'), 'no database'.repeat(10_000)),
  ],
  [
    'the registry’s files are cut',
    /registry\/pgdata: the registry’s database cannot be opened; expected a database that PGlite wrote; got .*\. Restore/,
    (dataDir) => truncate(join(dataDir, 'registry', 'pgdata', 'global', 'pg_control'), 100),
  ],
];

describe('a data folder that is damaged is refused, naming the file and the way out', () => {
  it.each(cases)('%s', async (_what, says, damage) => {
    const { exitCode, err } = await startDamaged(damage);
    expect(err).toMatch(says);
    expect(exitCode).toBe(1);
  });
});

describe('a start that cannot be is refused, naming what to change', () => {
  it('where the port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    const { exitCode, err } = await start(intact, { PORT: String(port) });
    other.close();
    expect(err).toMatch(
      new RegExp(`^asof: port: port ${port} is in use by another process; expected a free port.*set PORT`, 'm'),
    );
    expect(exitCode).toBe(75);
  });

  it('where a variable is not what it should be, all of them at once', async () => {
    const { exitCode, err } = await start(intact, {
      PORT: 'abc',
      ASOF_LOG_LEVEL: 'loud',
      REDIS_URL: 'http://:secret@x',
    });
    expect(err).toMatch(/PORT: expected a whole number from 0 to 65535, got "abc"/);
    expect(err).toMatch(/ASOF_LOG_LEVEL: expected .*, got "loud"/);
    expect(err).toMatch(/REDIS_URL: expected redis:\/\/host:port.*, got another form/);
    expect(err).not.toMatch(/secret/);
    expect(exitCode).toBe(2);
  });
});
