import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ExpressionOperator } from '../../definitions/operators.ts';
import { t } from '../../definitions/value-types.ts';
import type { Value } from '../../values/types.ts';
import { compileExpression } from '../compile.ts';
import { text } from './literal-nodes.ts';

const hour = 3_600_000;

function of(op: ExpressionOperator, ...constants: readonly string[]): (at: number) => Value {
  const tree = { op, args: [{ op: 'col', name: 'at' } as const, ...constants.map(text)] };
  const { evaluate } = compileExpression(tree, [{ name: 'at', type: t.timestamp }], 'f');
  return (at) => evaluate([at]);
}

const zones = ['Europe/Berlin', 'America/New_York', 'America/Havana', 'Asia/Kolkata', 'Australia/Lord_Howe'];
const units = ['second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year'];
const instant = fc.integer({ min: Date.UTC(1975, 0, 1), max: Date.UTC(2099, 0, 1) });
const near = fc
  .tuple(
    fc.constantFrom(Date.UTC(2024, 2, 31), Date.UTC(2024, 9, 27), Date.UTC(2024, 10, 3), Date.UTC(2024, 3, 6)),
    fc.integer({ min: -30 * hour, max: 30 * hour }),
  )
  .map(([day, by]) => day + by);

describe('truncate', () => {
  it('is not later, and truncates to itself; all in between begin with it', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.constantFrom(...units),
        fc.oneof(instant, near),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (zone, unit, at, share) => {
          const truncate = of('truncate', unit, zone);
          const begin = truncate(at) as number;
          expect(begin).toBeLessThanOrEqual(at);
          expect(truncate(begin)).toBe(begin);
          expect(truncate(begin + Math.floor((at - begin) * share))).toBe(begin);
          if (begin > 0) expect(truncate(begin - 1)).not.toBe(begin);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('makes a day of 23 and one of 25 hours', () => {
    const day = of('truncate', 'day', 'Europe/Berlin');
    const length = (date: number) => (day(date + 36 * hour) as number) - (day(date + 12 * hour) as number);
    expect(length(Date.UTC(2024, 2, 31)) / hour).toBe(23);
    expect(length(Date.UTC(2024, 9, 27)) / hour).toBe(25);
    expect(length(Date.UTC(2024, 5, 1)) / hour).toBe(24);
  });

  it('keeps two hours of one name apart', () => {
    const truncate = of('truncate', 'hour', 'Europe/Berlin');
    const [first, second] = [Date.UTC(2024, 9, 27, 0, 30), Date.UTC(2024, 9, 27, 1, 30)];
    expect([of('hour', 'Europe/Berlin')(first), of('hour', 'Europe/Berlin')(second)]).toEqual([2, 2]);
    expect([truncate(first), truncate(second)]).toEqual([first - hour / 2, second - hour / 2]);
  });

  it('begins a skipped half hour where the clock resumes', () => {
    // On Lord Howe the clock went from 02:00 (+10:30) to 02:30 (+11).
    const at = Date.UTC(2024, 9, 5, 15, 45);
    expect(of('truncate', 'hour', 'Australia/Lord_Howe')(at)).toBe(Date.UTC(2024, 9, 5, 15, 30));
  });
});
