import { expect } from 'vitest';
import type { EventLog, LogEntry, LogPosition } from '../../../core/ports/event-log.ts';
import { formatInstant } from '../../../core/values/json.ts';
import { waitFor } from '../../e2e/asof-process.ts';
import { ingests } from '../../e2e/separate-processes.ts';
import { untilApplied, type World } from '../world.ts';
import type { Fault } from './fault.ts';

const [hour, week] = [3_600_000, 7 * 24 * 3_600_000];
const many = 200;

/** The watcher does not count these: a read that did would be wrong. */
function order(number: number, at: number): LogEntry {
  const userId = `u${number % 20}`;
  const row = { orderId: 10_000_000 + number, at: formatInstant(at), userId, product: 'p1', amount: '1.00' };
  return { key: userId, payload: Buffer.from(JSON.stringify(row)) };
}

const orders = (at: number, first: number): LogEntry[] =>
  Array.from({ length: many }, (_, index) => order(first + index, at));

export const faultsOfMessages: readonly Fault[] = [
  {
    number: 16,
    name: 'a producer’s clock is an hour ahead',
    async strike(world) {
      const before = await counted(world, 'future');
      await world.log.append('orders', orders(Date.now() + hour, 0));
      await untilApplied(world, 60_000);
      // Taken, they would count nowhere for an hour, and then everywhere: what is refused has to be seen now.
      await waitFor(async () => ((await counted(world, 'future')) >= before + many ? true : undefined), 10_000);
    },
  },
  {
    number: 17,
    name: 'messages that are not JSON, of another shape, without a key, and of 5 MB',
    async strike(world) {
      const places = await world.log.append('orders', unreadable);
      await expect(appendTooMuch(world.log)).rejects.toThrow(/large|size/i);
      await untilApplied(world, 60_000);
      const isThere =
        (letters: readonly Letter[]) =>
        ({ partition, offset }: Place) =>
          letters.some(
            (letter) => letter.partition === partition && Number(letter.offset) === offset && letter.reason !== '',
          );
      const look = async () => (places.every(isThere(await letters(world))) ? true : undefined);
      await waitFor(look, 10_000);
    },
  },
  {
    number: 18,
    name: 'events of a week ago, and others twice',
    async strike(world) {
      const before = await counted(world, 'late');
      const late = orders(Date.now() - week, many);
      await world.log.append('orders', [...late, ...late]);
      await untilApplied(world, 60_000);
      await waitFor(async () => ((await counted(world, 'late')) >= before + many ? true : undefined), 10_000);
    },
  },
];

const unreadable: readonly LogEntry[] = [
  ...['{', '', 'null', '[1,2]', '{"orderId":1}', '{"orderId":"x","at":"yesterday","userId":1}'].map((text) => ({
    key: 'u1',
    payload: Buffer.from(text),
  })),
  { key: null, payload: Buffer.from([0xff, 0xfe, 0x00]) },
];

function appendTooMuch(log: EventLog): Promise<unknown> {
  return log.append('orders', [{ key: 'u1', payload: Buffer.alloc(5 * 1024 * 1024, 0x20) }]);
}

type Place = Pick<LogPosition, 'partition' | 'offset'>;

interface Letter {
  readonly partition: number | null;
  readonly offset: number | string | null;
  readonly reason: string;
}

/** The newest dead letters, as clients of the gateway are told. */
async function letters({ processes }: World): Promise<readonly Letter[]> {
  const query = '{ deadLetters(source: "orders", first: 1000) { partition offset reason } }';
  return (await processes.of('gateway').query<{ deadLetters: readonly Letter[] }>(query)).deadLetters;
}

/** How many orders have had this outcome, by what both ingest processes say since they started. */
async function counted({ processes }: World, outcome: string): Promise<number> {
  const told = await Promise.all(ingests.map((name) => processes.metrics(name)));
  const lines = told.flatMap((text) =>
    [...text.matchAll(/^asof_ingest_records_total\{(.*)\} (\d+)$/gm)].filter(
      ([, labels]) => labels?.includes('source="orders"') && labels.includes(`outcome="${outcome}"`),
    ),
  );
  return lines.reduce((sum, [, , count]) => sum + Number(count), 0);
}
