import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { kafka, startKafka } from './kafka.ts';
import { postgres, startPostgres } from './postgres.ts';
import { redis, startRedis } from './redis.ts';

/*
 * npm run services -- up     starts PostgreSQL, Redis and Kafka on free loopback ports, and prints how to reach them
 * npm run services -- down   stops them; their data goes with them
 *
 * One process in the background holds them all; `.tmp/services.json` says which, and what it started.
 */
interface Held {
  readonly pid: number;
  readonly environment: Readonly<Record<string, string>>;
}

const folder = fileURLToPath(new URL('../../.tmp', import.meta.url));
const file = `${folder}/services.json`;
const output = `${folder}/services-output.txt`;

const [command] = process.argv.slice(2);
if (command === 'up') await up();
else if (command === 'down') await down();
else if (command === 'hold') await hold();
else {
  process.stderr.write('usage: npm run services -- up|down\n');
  process.exitCode = 2;
}

async function up(): Promise<void> {
  const running = held();
  if (running !== null) return print(running);
  for (const { program, install } of [postgres, redis, kafka]) {
    if (program !== null) continue;
    process.stderr.write(`A server is not installed. Get it with: ${install}\n`);
    process.exitCode = 1;
    return;
  }
  mkdirSync(folder, { recursive: true });
  const into = openSync(output, 'w');
  const child = spawn(process.execPath, [...process.execArgv, fileURLToPath(import.meta.url), 'hold'], {
    detached: true,
    stdio: ['ignore', into, into],
  });
  let ended = false;
  child.once('exit', () => {
    ended = true;
  });
  while (held() === null && !ended) await sleep(100);
  const started = held();
  if (started === null) {
    process.stderr.write(`The servers did not start:\n${readFileSync(output, 'utf8')}`);
    process.exitCode = 1;
    return;
  }
  child.unref();
  print(started);
}

async function down(): Promise<void> {
  const running = held();
  if (running === null) {
    process.stdout.write('No servers are running.\n');
    return;
  }
  process.kill(running.pid, 'SIGTERM');
  while (isAlive(running.pid)) await sleep(100);
  process.stdout.write('Stopped.\n');
}

/** In the background: the servers live as long as this process. */
async function hold(): Promise<void> {
  const asked = new Promise<void>((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  await using database = await startPostgres();
  await using store = await startRedis();
  await using log = await startKafka();
  const environment = { DATABASE_URL: database.url, REDIS_URL: store.url, KAFKA_BROKERS: log.brokers };
  writeFileSync(file, JSON.stringify({ pid: process.pid, environment } satisfies Held));
  await asked;
  rmSync(file, { force: true });
}

/** What is running; null when nothing is, or whoever held it was killed. */
function held(): Held | null {
  if (!existsSync(file)) return null;
  const found = JSON.parse(readFileSync(file, 'utf8')) as Held;
  return isAlive(found.pid) ? found : null;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function print({ environment }: Held): void {
  for (const [name, value] of Object.entries(environment)) process.stdout.write(`export ${name}=${value}\n`);
}
