import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../adapters/clock/manual-clock.ts';
import { defaultOnlineLimits } from './deps.ts';
import { createRequestBudget } from './request-budget.ts';

describe('the time of a request’s computed features', () => {
  it('is taken by all of them together, and ends them by name', () => {
    const clock = createManualClock({ at: 0 });
    const budget = createRequestBudget({ limits: { ...defaultOnlineLimits, computedMillis: 100 }, systemClock: clock });
    const slow = (millis: number) => () => {
      clock.advance(millis);
      return millis;
    };
    expect(budget.compute('haul', slow(60))).toBe(60);
    expect(() =>
      budget.compute('haul', () => {
        clock.advance(50);
        throw new Error('its own error');
      }),
    ).toThrow('its own error');
    expect(() => budget.compute('score', slow(0))).toThrow(/score: .* take too long; expected at most 100 ms in all/);
  });
});
