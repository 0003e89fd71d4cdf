import { setTimeout as delay } from 'node:timers/promises';
import { type Fault, noticeMillis } from './fault.ts';

export const faultsOfServers: readonly Fault[] = [
  {
    number: 6,
    name: 'Redis is killed and comes back with its data',
    async strike({ engines: { redis } }) {
      await redis.kill();
      await delay(noticeMillis);
      await redis.restart();
    },
  },
  {
    number: 7,
    name: 'Redis is killed and comes back empty',
    async strike({ engines: { redis } }) {
      await redis.kill();
      await delay(noticeMillis);
      await redis.restartEmpty();
    },
  },
  {
    number: 8,
    name: 'Redis does not answer for 10 s',
    async strike({ engines: { redis } }) {
      redis.pause();
      await delay(10_000);
      redis.resume();
    },
  },
  {
    number: 10,
    name: 'the Kafka broker is restarted',
    async strike({ engines: { kafka } }) {
      await kafka.kill();
      await kafka.restart();
    },
  },
  {
    number: 11,
    name: 'Kafka is gone for a minute',
    async strike({ engines: { kafka } }, { goneMillis }) {
      await kafka.kill();
      await delay(goneMillis);
      await kafka.restart();
    },
  },
  {
    number: 12,
    name: 'PostgreSQL is restarted',
    async strike({ engines: { database } }) {
      await database.kill();
      await database.restart();
    },
  },
  {
    number: 13,
    name: 'PostgreSQL is gone for a minute',
    async strike({ engines: { database } }, { goneMillis }) {
      await database.kill();
      await delay(goneMillis);
      await database.restart();
    },
  },
];
