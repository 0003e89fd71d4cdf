import {
  avg,
  col,
  countRows,
  entity,
  eventSource,
  feature,
  featureService,
  featureView,
  kafka,
  lit,
  max,
  onDemandView,
  parquet,
  ratio,
  request,
  rowSource,
  stddev,
  sum,
  t,
  when,
} from 'asof';
import { describe, expect, it } from 'vitest';
import { collectDefinitions } from './definitions/collect.ts';

const airport = entity('airport', { key: { iata: t.string } });
const route = entity('route', { key: { origin: t.string, destination: t.string } });

const landings = eventSource('landings', {
  fields: {
    flightId: t.int64,
    origin: t.string,
    destination: t.string,
    delayMinutes: t.int64,
    distanceMiles: t.int64,
    diverted: t.bool,
    fare: t.decimal(10, 2),
    weight: t.float64,
  },
  eventTime: 'landedAt',
  eventId: 'flightId',
  lateness: '1d',
  stream: kafka('landings'),
  batch: parquet('landings/*.parquet'),
});

const originDelays = featureView('origin_delays', {
  entity: airport,
  source: landings,
  key: { iata: 'origin' },
  features: {
    landed_1h: countRows().over('1h'),
    mean_delay_1h: avg('delayMinutes').over('1h'),
    worst_delay_24h: max('delayMinutes').over('24h'),
    late_share_24h: ratio(countRows().where(col('delayMinutes').gt(15)), countRows()).over('24h'),
  },
  freshness: '5m',
  retention: '30d',
  owner: 'ops',
  tags: ['delay'],
  description: 'How late an airport runs now',
});

const haul = onDemandView('haul', {
  request: { distanceMiles: t.int64 },
  from: [originDelays],
  features: {
    is_long: request('distanceMiles').gt(1000),
    delay_per_mile: originDelays.feature('worst_delay_24h').div(request('distanceMiles')).default(0),
  },
});

const delayModel = featureService('delay_model', { version: 1, features: [originDelays, haul.pick('is_long')] });

describe('the builders', () => {
  it('make the canonical JSON of the example', () => {
    const definitions = collectDefinitions({ delayModel });
    expect(definitions).toEqual({
      asof: 1,
      entities: [{ name: 'airport', key: [{ name: 'iata', type: { kind: 'string' } }] }],
      sources: [expect.objectContaining({ kind: 'events', name: 'landings', lateness: '1d', futureTolerance: '5m' })],
      views: [
        expect.objectContaining({
          name: 'origin_delays',
          entity: 'airport',
          source: 'landings',
          key: { iata: 'origin' },
          freshness: '5m',
        }),
      ],
      onDemandViews: [
        {
          name: 'haul',
          request: [{ name: 'distanceMiles', type: { kind: 'int64' } }],
          from: [{ view: 'origin_delays' }],
          features: [
            {
              name: 'is_long',
              expression: {
                op: 'gt',
                args: [
                  { op: 'request', name: 'distanceMiles' },
                  { op: 'lit', type: { kind: 'int64' }, value: 1000 },
                ],
              },
            },
            {
              name: 'delay_per_mile',
              default: 0,
              expression: {
                op: 'div',
                args: [
                  { op: 'feature', view: 'origin_delays', feature: 'worst_delay_24h' },
                  { op: 'request', name: 'distanceMiles' },
                ],
              },
            },
          ],
        },
      ],
      functions: [],
      services: [
        {
          name: 'delay_model',
          version: 1,
          features: [{ view: 'origin_delays' }, { view: 'haul', features: ['is_long'] }],
        },
      ],
    });
    expect(definitions.views[0]?.features[3]).toEqual({
      name: 'late_share_24h',
      kind: 'ratio',
      numerator: {
        function: 'countRows',
        where: {
          op: 'gt',
          args: [
            { op: 'col', name: 'delayMinutes' },
            { op: 'lit', type: { kind: 'int64' }, value: 15 },
          ],
        },
      },
      denominator: { function: 'countRows' },
      window: '1d',
    });
  });

  it('derive features from others, and from columns of rows', () => {
    const trips = rowSource('trips', { fields: { iata: t.string, miles: t.int64, city: t.string } });
    const derived = [
      featureView('delays', {
        entity: airport,
        source: landings,
        key: { iata: 'origin' },
        features: {
          above: feature('mean_1h').sub(feature('mean_7d')).describe('Worse than usual'),
          far_above: feature('above').gt(30).default(false),
          mean_1h: avg('delayMinutes').over('1h'),
          mean_7d: avg('delayMinutes').over('7d').default(0),
          many: countRows().over('1h'),
          is_many: feature('many').gt(10),
          again: feature('many'),
        },
      }),
      featureView('trip_facts', {
        entity: airport,
        source: trips,
        key: { iata: 'iata' },
        features: { miles: col('miles'), km: col('miles').mul(2), double: feature('km').add(feature('miles')) },
      }),
    ];
    const [delays, facts] = collectDefinitions({ derived }).views.map(({ features }) => features);
    const leaf = (name: string) => ({ op: 'feature', feature: name });
    expect(delays!.slice(0, 2)).toEqual([
      {
        name: 'above',
        kind: 'derived',
        expression: { op: 'sub', args: [leaf('mean_1h'), leaf('mean_7d')] },
        description: 'Worse than usual',
      },
      {
        name: 'far_above',
        kind: 'derived',
        expression: { op: 'gt', args: [leaf('above'), { op: 'lit', type: { kind: 'int64' }, value: 30 }] },
        default: false,
      },
    ]);
    expect(delays!.at(-1)).toEqual({ name: 'again', kind: 'derived', expression: leaf('many') });
    expect(facts!.map(({ kind }) => kind)).toEqual(['column', 'derived', 'derived']);
  });

  it('join one view twice under aliases', () => {
    const both = featureService('both', {
      version: 1,
      features: [
        originDelays.joinedOn({ iata: 'origin' }).pick('landed_1h'),
        originDelays.as('destination_delays', { iata: 'destination' }).at(1),
      ],
    });
    expect(collectDefinitions({ both }).services[0]?.features).toEqual([
      { view: 'origin_delays', joinOn: { iata: 'origin' }, features: ['landed_1h'] },
      { view: 'origin_delays', alias: 'destination_delays', joinOn: { iata: 'destination' }, version: 1 },
    ]);
  });

  it('let the compiler refuse what the plan would refuse', () => {
    const common = { entity: airport, source: landings, key: { iata: 'origin' } } as const;
    const cities = rowSource('cities', { fields: { iata: t.string, city: t.string } });
    const rows = { entity: airport, source: cities, key: { iata: 'iata' } } as const;
    const wrong = () => {
      // @ts-expect-error: no such column
      featureView('v', { ...common, features: { f: avg('delayMinuts').over('1h') } });
      // @ts-expect-error: the average of a text
      featureView('v', { ...common, features: { f: avg('origin').over('1h') } });
      // @ts-expect-error: variance of float64 is not offered
      featureView('v', { ...common, features: { f: stddev('weight').over('1h') } });
      // @ts-expect-error: a text compared with a number
      featureView('v', { ...common, features: { f: countRows().where(col('origin').gt(15)).over('1h') } });
      // @ts-expect-error: a number as a condition
      featureView('v', { ...common, features: { f: countRows().where(col('delayMinutes')).over('1h') } });
      // @ts-expect-error: the unknown column is in the ratio's denominator
      featureView('v', { ...common, features: { f: ratio(countRows(), sum('delays')).over('1h') } });
      // @ts-expect-error: the key's column is an integer, the join key a text
      featureView('v', { entity: airport, source: landings, key: { iata: 'delayMinutes' }, features: {} });
      // @ts-expect-error: a part of the composite key is missing
      featureView('v', { entity: route, source: landings, key: { origin: 'origin' }, features: {} });
      // @ts-expect-error: no feature of the view has this name
      featureView('v', { ...common, features: { n: countRows().over('1h'), f: feature('m').gt(1) } });
      // @ts-expect-error: a count compared with a text
      featureView('v', { ...common, features: { n: countRows().over('1h'), f: feature('n').eq('many') } });
      // @ts-expect-error: a text derived from, as if it were a number
      featureView('v', { ...rows, features: { city: col('city'), f: feature('city').add(1) } });
      // @ts-expect-error: the chain ends in a condition
      featureView('v', { ...rows, features: { a: col('city').eq('Rome'), b: feature('a'), c: feature('a').add(1) } });
      // @ts-expect-error: not a duration
      countRows().over('1 hour');
      // @ts-expect-error: no such feature
      originDelays.pick('landed_1hour');
      // @ts-expect-error: no such join key
      originDelays.as('other', { icao: 'destination' });
      // @ts-expect-error: the input is not declared
      onDemandView('o', { request: { miles: t.int64 }, features: { f: request('mile').gt(1) } });
      // @ts-expect-error: the view is not in `from`
      onDemandView('o', { request: {}, features: { f: originDelays.feature('landed_1h').gt(1) } });
      // @ts-expect-error: the event id is no column
      eventSource('s', { fields: { a: t.int64 }, eventTime: 'at', eventId: 'b' });
      // @ts-expect-error: a vector cannot be a join key
      entity('e', { key: { v: t.vector(3) } });
    };
    expect(wrong).toBeTypeOf('function');
  });

  it('accept what is right', () => {
    const profile = rowSource('profiles', {
      fields: { iata: t.string, city: t.string, tags: t.list(t.string), embedding: t.vector(4) },
      batch: parquet('airports.parquet'),
    });
    const facts = featureView('airport_facts', {
      entity: airport,
      source: profile,
      key: { iata: 'iata' },
      features: { city: col('city'), tags: col('tags').describe('How people call it'), embedding: col('embedding') },
    });
    const overall = featureView('overall', {
      source: landings,
      features: {
        fare_total: sum('fare')
          .where(
            col('diverted')
              .not()
              .and(col('fare').gt(lit('9.99', t.decimal(10, 2)))),
          )
          .lifetime(),
        by_origin: countRows().by('origin', { cap: 300 }).over('7d'),
        long_delay: sum(when(col('delayMinutes').gt(0), col('delayMinutes')).otherwise(0))
          .over('1h')
          .default(0),
      },
    });
    const definitions = collectDefinitions({ facts, nested: [overall] });
    expect(definitions.views.map((view) => view.name)).toEqual(['airport_facts', 'overall']);
    expect(definitions.sources.map((source) => source.name)).toEqual(['landings', 'profiles']);
    expect(definitions.views[1]?.key).toEqual({});
  });
});
