import { describe, expect, it } from 'vitest';
import { remainingMillis } from './remaining.ts';

describe('remainingMillis', () => {
  it.each([
    ['is what is left', 1_500, 1_000, 500],
    ['is nothing when it is over', 1_500, 1_500, 0],
    ['is nothing afterwards', 1_500, 9_000, 0],
    ['is all of it at the beginning', 2_000, 1_000, 1_000],
    ['is nothing when the clock went back', 1_500, 400, 0],
  ])('%s', (_, until, now, left) => {
    expect(remainingMillis(until, now, 1_000)).toBe(left);
  });
});
