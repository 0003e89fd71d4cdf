import { expect, it } from 'vitest';
import { AsofError } from '../../core/errors/asof-error.ts';
import type { OnlineReadRequest, ValueReading } from '../../core/online/reader.ts';
import { createOnlineWorld } from '../../test/online/online-world.ts';
import { createBatchedReads } from './batched-reads.ts';

it('keeps what one cannot read from the others who came at the same time', async () => {
  const { registry } = await createOnlineWorld();
  const [view] = registry.views.get('airport_facts')!;
  const asked: number[] = [];
  const reading: ValueReading = { status: 'NOT_FOUND', eventTime: null, values: [] };
  const values = createBatchedReads(async (requests) => {
    asked.push(requests.length);
    if (requests.some(({ key }) => key[0] === 'damaged')) throw new AsofError('CORRUPT', 'a stored value is damaged');
    return { readAt: 1, readings: requests.map(() => reading) };
  });
  const load = (...keys: string[]) =>
    values.load(keys.map((iata): OnlineReadRequest => ({ view: view!, key: [iata] })));
  const [whole, damaged, other] = await Promise.allSettled([load('ATL', 'ORD'), load('damaged'), load('LAX')]);
  expect(whole).toMatchObject({ status: 'fulfilled', value: { readings: [reading, reading] } });
  expect(damaged).toMatchObject({ status: 'rejected', reason: { code: 'CORRUPT' } });
  expect(other).toMatchObject({ status: 'fulfilled', value: { readings: [reading] } });
  // Together, and then each by itself.
  expect(asked).toEqual([4, 2, 1, 1]);
  await expect(load('damaged')).rejects.toMatchObject({ code: 'CORRUPT' });
  expect(asked).toEqual([4, 2, 1, 1, 1]);
});
