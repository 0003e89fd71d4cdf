import { describe, expect, it } from 'vitest';
import { flights } from '../../test/definitions/flights.ts';
import type { CellStatus } from '../definitions/compiled.ts';
import { compileDefinitions } from '../registry/compile.ts';
import type { Value } from '../values/types.ts';
import { evaluateOnDemand, type MemberReading, membersToRead } from './evaluate.ts';

function serviceOf(change: Parameters<typeof flights>[0]) {
  return compileDefinitions(flights(change)).services.get('delay_model')![0]!;
}

function reading(values: readonly Value[], defaulted: readonly boolean[] = values.map(() => false)): MemberReading {
  return { values, defaulted, statuses: values.map((value): CellStatus => (value === null ? 'NULL' : 'PRESENT')) };
}

const both = serviceOf((json) => {
  json.services[0]!.features[1] = { view: 'haul' };
});

describe('evaluateOnDemand', () => {
  it('computes features from request inputs and what was read', () => {
    const [haul] = evaluateOnDemand(both, [reading([3, 12.5, 45])], [1500]);
    expect(haul).toMatchObject({ values: [true, 0.03], statuses: ['PRESENT', 'PRESENT'], defaulted: [false, false] });
    expect(haul!.view.name).toBe('haul');
  });

  it('gives NULL for NULL, and propagates defaulted only to the features that read the cell', () => {
    const inputs = [100];
    const [missing] = evaluateOnDemand(both, [reading([3, 12.5, null])], inputs);
    expect(missing).toMatchObject({ values: [false, null], statuses: ['PRESENT', 'NULL'], defaulted: [false, false] });
    const [filled] = evaluateOnDemand(both, [reading([3, 12.5, 0], [false, false, true])], inputs);
    expect(filled).toMatchObject({ values: [false, 0], statuses: ['PRESENT', 'PRESENT'], defaulted: [false, true] });
  });

  it('replaces what is not PRESENT by the declared default and keeps the status', () => {
    const service = serviceOf((json) => {
      json.onDemandViews[0]!.features[1]!.default = -1;
      json.services[0]!.features[1] = { view: 'haul', features: ['delay_per_mile'] };
    });
    const [haul] = evaluateOnDemand(service, [reading([3, 12.5, null])], [100]);
    expect(haul).toMatchObject({ values: [-1], statuses: ['NULL'], defaulted: [true] });
  });

  it('reads what the service does not output through a member of its own', () => {
    const service = serviceOf((json) => {
      json.services[0]!.features = [{ view: 'origin_delays', features: ['landed_1h'] }, { view: 'haul' }];
    });
    const members = membersToRead(service);
    expect(members.map(({ alias, features }) => [alias, features])).toEqual([
      ['origin_delays', [0]],
      ['haul.origin_delays', [2]],
    ]);
    const [haul] = evaluateOnDemand(service, [reading([3]), reading([50])], [100]);
    expect(haul!.values).toEqual([false, 0.5]);
  });

  it.each(['NOT_READY', 'UNAVAILABLE'] as const)(
    'is %s where an input that it reads is, and then has no value but from a default',
    (status) => {
      const filling = (value: Value, defaulted: boolean): MemberReading => ({
        values: [3, 12.5, value],
        statuses: [status, status, status],
        defaulted: [false, false, defaulted],
      });
      const coalesced = serviceOf((json) => {
        const worst = { op: 'feature', view: 'origin_delays', feature: 'worst_delay_24h' };
        const zero = { op: 'lit', type: { kind: 'int64' }, value: 0 };
        json.onDemandViews[0]!.features[1]!.expression = { op: 'coalesce', args: [worst, zero] };
        json.services[0]!.features[1] = { view: 'haul' };
      });
      const [absent] = evaluateOnDemand(coalesced, [filling(null, false)], [1500]);
      expect(absent).toMatchObject({ values: [true, null], statuses: ['PRESENT', status] });
      const [filled] = evaluateOnDemand(coalesced, [filling(7, true)], [1500]);
      expect(filled).toMatchObject({ values: [true, 7], statuses: ['PRESENT', status], defaulted: [false, true] });
    },
  );

  it('takes a null request input', () => {
    const [haul] = evaluateOnDemand(both, [reading([3, 12.5, 45])], [null]);
    expect(haul!.statuses).toEqual(['NULL', 'NULL']);
  });
});
