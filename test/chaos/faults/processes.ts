import { setTimeout as delay } from 'node:timers/promises';
import type { World } from '../world.ts';
import { type Fault, noticeMillis } from './fault.ts';

export const faultsOfProcesses: readonly Fault[] = [
  { number: 1, name: 'an ingest process is killed', strike: (world) => killAndRestart(world, 'ingest-1') },
  { number: 2, name: 'the online process is killed', strike: (world) => killAndRestart(world, 'online') },
  { number: 3, name: 'the gateway is killed', strike: (world) => killAndRestart(world, 'gateway') },
  {
    number: 4,
    name: 'members leave the group and join it again and again',
    async strike(world) {
      for (const name of ['ingest-1', 'ingest-2', 'ingest-1', 'ingest-2'] as const) {
        await world.processes.of(name).stop('SIGTERM');
        await world.start(name);
      }
    },
  },
  {
    number: 5,
    name: 'an ingest process sleeps until others have its partitions, and wakes up',
    async strike({ processes }) {
      const { pid } = processes.of('ingest-2');
      process.kill(pid, 'SIGSTOP');
      await delay(45_000);
      process.kill(pid, 'SIGCONT');
    },
  },
  {
    number: 19,
    name: 'the online process answers nothing for 20 s, though it is there',
    async strike({ processes }) {
      const { pid } = processes.of('online');
      process.kill(pid, 'SIGSTOP');
      await delay(20_000);
      process.kill(pid, 'SIGCONT');
    },
  },
];

async function killAndRestart(world: World, name: Parameters<World['kill']>[0]): Promise<void> {
  await world.kill(name);
  await delay(noticeMillis);
  await world.start(name);
}
