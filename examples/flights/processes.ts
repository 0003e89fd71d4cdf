import { type ChildProcess, spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/*
 * The example as seven processes on this machine, until Ctrl-C: what a developer starts, and no supervisor. The servers are
 * those that DATABASE_URL, REDIS_URL and KAFKA_BROKERS name.
 */
const parts = [
  { name: 'registry', role: 'registry', port: 4001 },
  { name: 'online', role: 'online', port: 4002 },
  { name: 'offline', role: 'offline', port: 4003 },
  { name: 'ingest-1', role: 'ingest', port: 4004 },
  { name: 'ingest-2', role: 'ingest', port: 4014 },
  { name: 'monitor', role: 'monitor', port: 4005 },
  { name: 'gateway', role: 'gateway', port: 4000 },
];

const folder = resolve(process.env.ASOF_DATA_DIR ?? '.asof');
const program = fileURLToPath(new URL('./main.js', import.meta.url));

const children = parts.map(({ name, role, port }): ChildProcess => {
  const child = spawn(process.execPath, [program, role], {
    env: {
      OFFLINE_URL: join(folder, 'history'),
      ...process.env,
      ASOF_DATA_DIR: join(folder, name),
      PORT: String(port),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const [from, to] of [
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ] as const) {
    from.setEncoding('utf8').on('data', (text: string) => to.write(text.replace(/^(?=.)/gm, `${name}: `)));
  }
  child.once('exit', (code, signal) => {
    process.stderr.write(`${name} ended with ${code ?? signal}\n`);
    if (code !== 0) process.exitCode = 1;
  });
  return child;
});

const stop = (): void => {
  for (const child of children) child.kill('SIGTERM');
};
// On Ctrl-C the terminal tells them all by itself.
process.on('SIGINT', () => {});
process.on('SIGTERM', stop);
