import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AlertRule, type AlertStanding, calm, stepAlert } from './alert.ts';

const rule: AlertRule = { triggerMillis: 100, clearMillis: 80, forMillis: 10, keepFiringForMillis: 20 };

function walk(ages: readonly (readonly [now: number, age: number])[], with_: AlertRule = rule): string[] {
  let standing: AlertStanding = calm;
  return ages.map(([now, age]) => {
    const step = stepAlert(standing, with_, age, now);
    standing = step.standing;
    return step.transition === null ? standing.state : `${standing.state}!${step.transition}`;
  });
}

describe('an alert rule', () => {
  test('fires after `for` and resolves after `keepFiringFor`', () => {
    expect(
      walk([
        [0, 100],
        [1, 101],
        [10, 101],
        [11, 101],
        [12, 81],
        [13, 80],
        [32, 0],
        [33, 0],
      ]),
    ).toEqual(['OK', 'PENDING', 'PENDING', 'FIRING!FIRING', 'FIRING', 'RESOLVING', 'RESOLVING', 'OK!RESOLVED']);
  });

  test('a short peak does not fire, a relapse while resolving does not fire again', () => {
    expect(
      walk([
        [0, 101],
        [9, 100],
        [10, 101],
        [20, 101],
        [21, 0],
        [22, 101],
        [23, 0],
        [43, 0],
      ]),
    ).toEqual(['PENDING', 'OK', 'PENDING', 'FIRING!FIRING', 'RESOLVING', 'FIRING', 'RESOLVING', 'OK!RESOLVED']);
  });

  test('without delays it fires and resolves at once', () => {
    const eager = { ...rule, forMillis: 0, keepFiringForMillis: 0 };
    expect(
      walk(
        [
          [0, 101],
          [1, 0],
        ],
        eager,
      ),
    ).toEqual(['FIRING!FIRING', 'OK!RESOLVED']);
  });

  test('firings and resolutions alternate, whatever the ages', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 200 }))), (steps) => {
        let now = 0;
        const ages = steps.map(([wait, age]) => {
          now += wait;
          return [now, age] as const;
        });
        const seen = walk(ages).flatMap((step) => step.split('!')[1] ?? []);
        expect(seen).toEqual(seen.map((_, index) => (index % 2 === 0 ? 'FIRING' : 'RESOLVED')));
      }),
    );
  });
});
