import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CompiledView, ViewReading } from '../../../core/definitions/compiled.ts';
import { day, hour, minute, second, windowEnd, windowStart } from '../../../core/time/windows.ts';
import { createOnlineWorld } from '../../../test/online/online-world.ts';
import { never, nextChangeByTime } from './schedule.ts';

const { registry } = await createOnlineWorld();
const hourly = registry.views.get('origin_delays')![0]!;
const facts = registry.views.get('airport_facts')![0]!;
const noon = Date.parse('2001-06-01T12:00:00Z');

function reading(readAt: number, more: Partial<ViewReading> = {}): ViewReading {
  return {
    status: 'PRESENT',
    eventTime: readAt - 1,
    readAt,
    version: 1,
    values: [],
    statuses: [],
    defaulted: [],
    ...more,
  };
}

function withWindows(windows: readonly number[], grainMillis: number, delayMillis: number): CompiledView {
  const [feature] = hourly.features;
  if (feature?.kind !== 'aggregate') throw new Error('an aggregate was expected');
  return {
    ...hourly,
    grainMillis,
    delayMillis,
    features: windows.map((windowMillis) => ({ ...feature, windowMillis })),
  };
}

describe('when a value can change', () => {
  it('a one-hour window moves its lower bound each minute', () => {
    expect(nextChangeByTime(hourly, reading(noon + 30 * second), null)).toBe(noon + minute);
    expect(nextChangeByTime(hourly, reading(noon + minute), null)).toBe(noon + 2 * minute);
  });

  it('a row changes when it becomes older than its maxAge or retention', () => {
    const read = reading(noon, { eventTime: noon - hour });
    expect(nextChangeByTime(facts, read, 2 * hour)).toBe(noon + hour + 1);
    expect(nextChangeByTime(facts, read, null)).toBe(never);
    expect(nextChangeByTime({ ...facts, retentionMillis: day }, read, hour)).toBe(noon + 1);
    expect(
      nextChangeByTime({ ...facts, retentionMillis: day }, reading(noon + 1, { eventTime: noon - hour }), hour),
    ).toBe(noon - hour + day + 1);
  });

  it('an empty key never changes by time; one that is being filled is looked at each second', () => {
    expect(nextChangeByTime(hourly, reading(noon, { status: 'NOT_FOUND' }), null)).toBe(never);
    expect(nextChangeByTime(hourly, reading(noon, { status: 'NOT_READY' }), null)).toBe(noon + second);
  });

  it('misses no move of a window, and none comes before it', () => {
    const windows = fc.integer({ min: 60, max: 40 * 86_400 }).map((seconds) => seconds * second);
    const grains = fc.constantFrom(second, 10 * second, minute);
    const delays = fc.integer({ min: 0, max: 90_000 });
    fc.assert(
      fc.property(
        fc.array(windows, { minLength: 1, maxLength: 3 }),
        grains,
        delays,
        fc.nat(10 ** 12),
        (lengths, g, d, t) => {
          const view = withWindows(lengths, g, d);
          const starts = (at: number) => lengths.map((length) => windowStart(windowEnd(at, d, g), length, g));
          const next = nextChangeByTime(view, reading(t), null);
          expect(next).toBeGreaterThan(t);
          expect(starts(next)).not.toEqual(starts(t));
          expect(starts(next - 1)).toEqual(starts(t));
        },
      ),
    );
  });
});
