import { beforeEach, describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../clock/manual-clock.ts';
import { type CircuitBreaker, createCircuitBreaker } from './circuit-breaker.ts';

describe('a circuit breaker', () => {
  let clock: ManualClock;
  let changes: boolean[];
  let breaker: CircuitBreaker;
  beforeEach(() => {
    clock = createManualClock({ at: 0 });
    changes = [];
    breaker = createCircuitBreaker({ clock, failures: 3, openMillis: 100, onChange: (isOpen) => changes.push(isOpen) });
  });

  const ask = (outcome: 'answered' | 'failed'): boolean => {
    const asked = breaker.mayAsk();
    if (asked) breaker.settle(outcome);
    return asked;
  };

  it('opens after failures in a row, and not before', () => {
    for (const outcome of ['failed', 'failed', 'answered', 'failed', 'failed'] as const) ask(outcome);
    expect([breaker.mayAsk(), changes]).toEqual([true, []]);
    breaker.settle('failed');
    expect([breaker.mayAsk(), changes]).toEqual([false, [true]]);
  });

  it('lets one caller probe after a while, and closes when that is answered', async () => {
    for (let i = 0; i < 3; i++) ask('failed');
    await clock.advance(99);
    expect(breaker.mayAsk()).toBe(false);
    await clock.advance(1);
    expect([breaker.mayAsk(), breaker.mayAsk()]).toEqual([true, false]);
    breaker.settle('answered');
    expect([ask('failed'), ask('failed'), breaker.mayAsk(), changes]).toEqual([true, true, true, [true, false]]);
  });

  it('stays open for as long again when the probe fails', async () => {
    for (let i = 0; i < 3; i++) ask('failed');
    await clock.advance(100);
    expect(ask('failed')).toBe(true);
    await clock.advance(99);
    expect(ask('answered')).toBe(false);
    await clock.advance(1);
    expect([ask('answered'), changes]).toEqual([true, [true, false]]);
  });

  it('does not wait for a clock that went back', () => {
    let now = 3_600_000;
    const early = createCircuitBreaker({
      clock: { nowMillis: () => now },
      failures: 1,
      openMillis: 100,
      onChange: () => {},
    });
    early.settle('failed');
    expect(early.mayAsk()).toBe(false);
    now = 0;
    expect(early.mayAsk()).toBe(true);
  });

  it('takes nothing from what was asked before it opened', () => {
    const asked = [1, 2, 3, 4].map(() => breaker.mayAsk());
    for (let i = 0; i < 3; i++) breaker.settle('failed');
    breaker.settle('answered');
    expect([asked, breaker.mayAsk()]).toEqual([[true, true, true, true], false]);
  });
});
