import { expect, it } from 'vitest';
import { createTroubles } from './troubles.ts';

it('tells since when and why, until it is over or has not failed for a while', () => {
  let now = Date.UTC(2026, 0, 1);
  const troubles = createTroubles({ nowMillis: () => now });
  troubles.failed('clicks/0', new Error('away'));
  troubles.failed('the event log', 'refused', 30_000);
  now += 20_000;
  troubles.failed('the event log', new Error('refused again'), 30_000);
  const since = '2026-01-01T00:00:00.000Z';
  expect(troubles.sentences()).toEqual([
    `ingest applies nothing of clicks/0 since ${since}: away`,
    `ingest applies nothing of the event log since ${since}: refused again`,
  ]);
  now += 30_000;
  expect(troubles.sentences()).toHaveLength(2);
  now += 1;
  expect(troubles.sentences()).toEqual([expect.stringContaining('clicks/0')]);
  troubles.over('clicks/0');
  expect(troubles.sentences()).toEqual([]);
});
