import { expect, test } from 'vitest';
import { day, floorTo, hopOf, hour, minute, second, windowEnd, windowStart } from './windows.ts';

test('floorTo goes toward the past, before 1970 too', () => {
  expect([-1_001, -1_000, -999, -1, 0, 1, 999, 1_000].map((x) => floorTo(x, second))).toEqual([
    -2_000, -1_000, -1_000, -1_000, 0, 0, 0, 1_000,
  ]);
});

test.each([
  [2 * minute, second, 10 * second],
  [10 * minute, 10 * second, minute],
  [2 * hour, minute, 10 * minute],
  [12 * hour, 10 * minute, hour],
  [7 * day, hour, 6 * hour],
  [30 * day, 6 * hour, day],
])('a window of %i ms has another hop than one a second shorter', (length, below, from) => {
  expect(hopOf(length - second, second)).toBe(below);
  expect(hopOf(length, second)).toBe(from);
});

test('a window begins at its hop, which is at least the grain, and ends at the grain after the delay', () => {
  const t = Date.UTC(2024, 0, 1, 10, 30, 45, 678);
  expect(windowEnd(t, 0, second)).toBe(Date.UTC(2024, 0, 1, 10, 30, 45));
  expect(windowEnd(t, 46 * second, minute)).toBe(Date.UTC(2024, 0, 1, 10, 29));
  expect(windowStart(Date.UTC(2024, 0, 1, 10, 30, 45), hour, second)).toBe(Date.UTC(2024, 0, 1, 9, 30));
  expect(windowStart(Date.UTC(2024, 0, 1, 10), 90 * minute, hour)).toBe(Date.UTC(2024, 0, 1, 8));
});
