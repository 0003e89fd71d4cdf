import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AsofError } from '../errors/asof-error.ts';
import { formatDuration, parseDuration } from './duration.ts';

describe('parseDuration', () => {
  it.each([
    ['250ms', 250],
    ['90s', 90_000],
    ['5m', 300_000],
    ['1h', 3_600_000],
    ['7d', 604_800_000],
    ['1h30m', 5_400_000],
    ['0s', 0],
    ['PT5M', 300_000],
    ['PT1H30M', 5_400_000],
    ['P7D', 604_800_000],
    ['P1W', 604_800_000],
    ['PT0.25S', 250],
    ['P1DT12H', 129_600_000],
  ])('reads %s', (text, millis) => {
    expect(parseDuration(text)).toBe(millis);
  });

  it.each(['', 'P', 'PT', '1', '1.5h', '-1h', '1y', 'P1Y', 'P1M', '1 h', 'h', '30m1h', '99999999999999d'])(
    'refuses %j and says what it expects',
    (text) => {
      expect(() => parseDuration(text)).toThrow(AsofError);
      expect(() => parseDuration(text)).toThrow(/expected a duration such as "30s"/);
    },
  );

  it('reads back what formatDuration writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 13 }), (millis) => {
        expect(parseDuration(formatDuration(millis))).toBe(millis);
      }),
    );
  });

  it('writes the largest unit that divides', () => {
    expect([86_400_000, 5_400_000, 90_000, 3_600_000, 1_500, 0].map(formatDuration)).toEqual([
      '1d',
      '90m',
      '90s',
      '1h',
      '1500ms',
      '0s',
    ]);
  });
});
