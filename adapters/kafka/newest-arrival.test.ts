import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { FetchedMessage } from './cluster.ts';
import { newestArrivalBefore } from './newest-arrival.ts';

/** A partition's time index as a broker answers it: the first offset stamped at or after an instant, else the end. */
function brokerWith(stamps: readonly number[]) {
  return {
    async firstFrom(_topic: string, instant: number) {
      const first = stamps.findIndex((stamp) => stamp >= instant);
      return new Map([[0, first < 0 ? stamps.length : first]]);
    },
  };
}

const messageAt = (stamps: readonly number[], offset: number, timestampType = 1): FetchedMessage =>
  ({ offset: String(offset), timestamp: String(stamps[offset]), batchContext: { timestampType } }) as FetchedMessage;

const place = { topic: 't', partition: 0 };

it('finds the newest stamp before a record wherever the broker’s clock was set back', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1_000_000, max: 1_000_000 + 10 ** 8 }), { minLength: 1, maxLength: 12 }),
      fc.nat(11),
      async (stamps, at) => {
        const offset = at % stamps.length;
        const newest = await newestArrivalBefore(brokerWith(stamps), place, messageAt(stamps, offset));
        const before = Math.max(0, ...stamps.slice(0, offset));
        expect(Math.max(newest, stamps[offset]!)).toBe(Math.max(before, stamps[offset]!));
      },
    ),
  ));

it('takes the producers’ times of other topics for no arrivals', async () => {
  expect(await newestArrivalBefore(brokerWith([9, 5]), place, messageAt([9, 5], 1, 0))).toBe(0);
});
