import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { waitFor } from './asof-process.ts';

let folder: string;
let npm: ChildProcess;
let output = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'asof-npm-start-'));
  npm = spawn('npm', ['start'], {
    env: { PATH: process.env.PATH, HOME: folder, ASOF_DATA_DIR: join(folder, 'data'), PORT: '0', FLIGHTS_SLICE: '500' },
    stdio: ['ignore', 'pipe', 'ignore'],
    // A process group, of which nothing is left afterwards, whatever the shell between npm and node does.
    detached: true,
  });
  npm.stdout!.on('data', (text) => (output += text));
});

afterAll(async () => {
  try {
    process.kill(-npm.pid!, 'SIGKILL');
  } catch {
    // Nothing is left, as it should be.
  }
  await rm(folder, { recursive: true, force: true });
});

it('passes SIGTERM on, as service managers send it to the process that they started', async () => {
  const url = await waitFor(() => /http:\/\/localhost:\d+/.exec(output)?.[0], 60_000);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  npm.kill('SIGTERM');
  await waitFor(async () => ((await isAnswering(url)) ? undefined : true), 20_000);
});

async function isAnswering(url: string): Promise<boolean> {
  try {
    await fetch(`${url}/healthz`);
    return true;
  } catch {
    return false;
  }
}
