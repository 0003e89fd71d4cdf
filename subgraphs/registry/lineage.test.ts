import { describe, expect, it } from 'vitest';
import { compileDefinitions } from '../../core/registry/compile.ts';
import { flights, rowView } from '../../test/definitions/flights.ts';
import { lineageOf } from './lineage.ts';

const leaf = (feature: string) => ({ op: 'feature', feature });
const col = (name: string) => ({ op: 'col', name });
const call = (op: string, ...args: readonly object[]) => ({ op, args });

const registry = compileDefinitions(
  flights((json) => {
    json.views[0]!.features.push(
      { name: 'above', kind: 'derived', expression: call('isNull', leaf('mean_delay_1h')) } as never,
      {
        name: 'by_origin',
        kind: 'aggregate',
        aggregate: {
          function: 'sum',
          input: col('delayMinutes'),
          where: call('isNotNull', col('delayMinutes')),
          by: { expression: col('origin'), cap: 9 },
        },
        window: '1h',
      },
    );
    json.onDemandViews[0]!.from = [{ view: 'origin_delays', alias: 'there' }];
    json.onDemandViews[0]!.features = [
      { name: 'is_above', expression: call('not', { op: 'feature', view: 'there', feature: 'above' }) },
      { name: 'is_idle', expression: call('isNull', { op: 'feature', view: 'there', feature: 'landed_1h' }) },
    ];
    json.services[0]!.features[1] = { view: 'haul' };
    rowView(json, {
      features: [{ name: 'has_city', kind: 'derived', expression: call('isNotNull', col('city')) }],
    });
  }),
);

function edgesOf(name: string, direction: 'UPSTREAM' | 'DOWNSTREAM') {
  return lineageOf(registry, { name }, { direction, depth: 20 }).edges.map(({ from, to, role }) =>
    role === null ? `${from} → ${to}` : `${from} → ${to} as ${role}`,
  );
}

describe('lineageOf', () => {
  it('goes from a column by way of derived features to a service', () => {
    expect(edgesOf('landings:delayMinutes', 'DOWNSTREAM')).toEqual(
      expect.arrayContaining([
        'COLUMN:landings:delayMinutes → FEATURE:origin_delays:mean_delay_1h as INPUT',
        'FEATURE:origin_delays:mean_delay_1h → FEATURE:origin_delays:above',
        'FEATURE:origin_delays:above → FEATURE:haul:is_above',
        'FEATURE:haul:is_above → FEATURE_SERVICE:delay_model',
      ]),
    );
  });

  it('does not take one request-time feature for another of its view', () => {
    const touched = edgesOf('landings:delayMinutes', 'DOWNSTREAM');
    expect(touched).toContain('FEATURE:origin_delays:above → ON_DEMAND_VIEW:haul');
    expect(touched.filter((edge) => edge.includes('is_idle'))).toEqual([]);
    const read = edgesOf('haul:is_idle', 'UPSTREAM');
    expect(read).toContain('ON_DEMAND_VIEW:haul → FEATURE:haul:is_idle');
    expect(read.filter((edge) => /above|delayMinutes/.test(edge))).toEqual([]);
    expect(edgesOf('haul', 'UPSTREAM')).toContain('FEATURE:origin_delays:above → ON_DEMAND_VIEW:haul');
    expect(edgesOf('haul', 'DOWNSTREAM')).toContain('FEATURE:haul:is_idle → FEATURE_SERVICE:delay_model');
  });

  it('says in which roles a column is read', () => {
    const edges = edgesOf('origin_delays:by_origin', 'UPSTREAM').filter((edge) => edge.startsWith('COLUMN'));
    expect(edges.sort()).toEqual([
      'COLUMN:landings:delayMinutes → FEATURE:origin_delays:by_origin as INPUT',
      'COLUMN:landings:delayMinutes → FEATURE:origin_delays:by_origin as WHERE',
      'COLUMN:landings:flightId → FEATURE_VIEW:origin_delays as EVENT_ID',
      'COLUMN:landings:landedAt → FEATURE_VIEW:origin_delays as EVENT_TIME',
      'COLUMN:landings:origin → FEATURE:origin_delays:by_origin as BY',
      'COLUMN:landings:origin → FEATURE_VIEW:origin_delays as KEY',
    ]);
  });

  it('knows the columns that only a derived feature of rows reads', () => {
    expect(edgesOf('profile:has_city', 'UPSTREAM').sort()).toEqual([
      'COLUMN:profiles:city → FEATURE:profile:has_city as VALUE',
      'COLUMN:profiles:createdAt → FEATURE_VIEW:profile as CREATED_TIME',
      'COLUMN:profiles:gone → FEATURE_VIEW:profile as DELETED',
      'COLUMN:profiles:iata → FEATURE_VIEW:profile as KEY',
      'COLUMN:profiles:validFrom → FEATURE_VIEW:profile as EVENT_TIME',
      'FEATURE_VIEW:profile → FEATURE:profile:has_city',
      'SOURCE:profiles → COLUMN:profiles:city',
      'SOURCE:profiles → COLUMN:profiles:createdAt',
      'SOURCE:profiles → COLUMN:profiles:gone',
      'SOURCE:profiles → COLUMN:profiles:iata',
      'SOURCE:profiles → COLUMN:profiles:validFrom',
      'SOURCE:profiles → FEATURE_VIEW:profile',
    ]);
  });
});
