import { describe, expect, it } from 'vitest';
import { type flightsJson, problemsOf } from '../../test/definitions/flights.ts';

type Json = ReturnType<typeof flightsJson>;

function derive(json: Json, features: Readonly<Record<string, object>>): void {
  for (const [name, expression] of Object.entries(features)) {
    json.views[0]!.features.push({ name, kind: 'derived', expression } as never);
  }
}

function leaf(feature: string) {
  return { op: 'feature', feature };
}

function call(op: string, ...args: readonly object[]) {
  return { op, args };
}

describe('derived features', () => {
  it.each<[string, (json: Json) => void, RegExp]>([
    [
      'a derived feature of an unknown one',
      (json) => derive(json, { late: call('gt', leaf('mean_dely_1h'), leaf('landed_1h')) }),
      /late\.expression\.args\[0\]: there is no feature "mean_dely_1h".*Did you mean "mean_delay_1h"/,
    ],
    [
      'features derived from each other',
      (json) => derive(json, { a: leaf('b'), b: call('neg', leaf('c')), c: call('abs', leaf('b')) }),
      /features\.b\.expression: is derived from itself; .*got b → c → b\./,
    ],
    [
      'a feature derived from itself',
      (json) => derive(json, { a: call('coalesce', leaf('landed_1h'), leaf('a')) }),
      /features\.a\.expression: is derived from itself; .*got a → a\./,
    ],
    [
      'a chain without end',
      (json) => {
        const steps = Array.from({ length: 20 }, (_, index) => [`f${index}`, leaf(`f${index + 1}`)]);
        derive(json, { ...Object.fromEntries(steps), f20: leaf('landed_1h') });
      },
      /features\.f16\.expression: .*too long a chain .*at most 16/,
    ],
    [
      'a constant as a feature',
      (json) => derive(json, { a: { op: 'lit', type: { kind: 'int64' }, value: 1 } }),
      /a\.expression: reads nothing; expected another feature\. /,
    ],
    [
      'a column after aggregation',
      (json) => derive(json, { a: call('neg', { op: 'col', name: 'delayMinutes' }) }),
      /a\.expression\.args\[0\]: a column cannot be read once events are aggregated; .*got col\("delayMinutes"\)/,
    ],
    [
      'a feature derived from another view',
      (json) => derive(json, { a: { op: 'feature', view: 'origin_delays', feature: 'landed_1h' } }),
      /a\.expression: another view cannot be read here; .*feature\("name"\)\. Compute it in an on-demand view/,
    ],
    [
      'a feature derived from a request',
      (json) => derive(json, { a: { op: 'request', name: 'miles' } }),
      /a\.expression: a request input cannot be read here/,
    ],
    [
      'a type error in a derived feature',
      (json) => derive(json, { a: call('and', leaf('landed_1h'), leaf('mean_delay_1h')) }),
      /a\.expression\.args\[0\]: .*expected a bool; got int64/,
    ],
    [
      'a default that a derived feature cannot have',
      (json) => {
        derive(json, { a: call('isNull', leaf('mean_delay_1h')) });
        json.views[0]!.features.at(-1)!.default = 'no';
      },
      /a\.default: does not fit the feature; expected bool; got "no"/,
    ],
    [
      'a view of events with nothing but derived features',
      (json) => {
        derive(json, { a: leaf('b'), b: leaf('a') });
        json.views[0]!.features.splice(0, 3);
      },
      /origin_delays\.features: are all derived; expected at least one aggregate/,
    ],
    [
      'a feature without its view in an on-demand view',
      (json) => (json.onDemandViews[0]!.features[0]!.expression = leaf('landed_1h')),
      /is_long\.expression: the view of a feature is missing; .*got feature\.landed_1h/,
    ],
  ])('refuse %s', (_, change, message) => {
    const found = problemsOf(change);
    expect(
      found.filter((problem) => message.test(problem)),
      found.join('\n'),
    ).toHaveLength(1);
  });

  it('says once what is wrong, however much is derived from it', () => {
    const found = problemsOf((json) => derive(json, { a: leaf('x'), b: leaf('a'), c: call('neg', leaf('b')) }));
    expect(found).toEqual([expect.stringMatching(/features\.a\.expression: there is no feature "x"/)]);
  });
});
