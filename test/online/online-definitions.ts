import {
  avg,
  col,
  countRows,
  entity,
  eventSource,
  featureService,
  featureView,
  kafka,
  max,
  onDemandView,
  push,
  request,
  rowSource,
  sum,
  t,
} from '../../core/index.ts';

export const airport = entity('airport', { key: { iata: t.string } });
export const route = entity('route', { key: { origin: t.string, destination: t.string } });

export const landings = eventSource('landings', {
  fields: {
    flightId: t.int64,
    origin: t.string,
    destination: t.string,
    delayMinutes: t.int64,
    fare: t.decimal(10, 2),
  },
  eventTime: 'landedAt',
  eventId: 'flightId',
  lateness: '1d',
  stream: kafka('landings'),
});

export const facts = rowSource('facts', {
  fields: { iata: t.string, name: t.string, openedAt: t.timestamp, runways: t.list(t.string) },
  eventTime: 'validFrom',
  stream: push(),
});

export const originDelays = featureView('origin_delays', {
  entity: airport,
  source: landings,
  key: { iata: 'origin' },
  features: {
    landed_1h: countRows().over('1h'),
    mean_delay_1h: avg('delayMinutes').over('1h'),
    worst_delay_24h: max('delayMinutes').over('24h'),
    fares_24h: sum('fare').over('24h'),
  },
  freshness: '5m',
});

export const routeDelays = featureView('route_delays', {
  entity: route,
  source: landings,
  key: { origin: 'origin', destination: 'destination' },
  features: { landed_1h: countRows().over('1h'), by_delay_1h: countRows().by(col('delayMinutes').gt(15)).over('1h') },
});

export const airportFacts = featureView('airport_facts', {
  entity: airport,
  source: facts,
  key: { iata: 'iata' },
  features: { name: col('name'), opened_at: col('openedAt'), runways: col('runways') },
  maxAge: '30d',
});

export const network = featureView('network', {
  source: landings,
  features: { landed_1m: countRows().over('1m') },
});

export const haul = onDemandView('haul', {
  request: { distanceMiles: t.int64 },
  from: [originDelays],
  features: {
    is_long: request('distanceMiles').gt(1000),
    long_and_late: request('distanceMiles').gt(1000).and(originDelays.feature('mean_delay_1h').gt(15)),
  },
});

export const delayModel = featureService('delay_model', {
  version: 1,
  features: [originDelays.joinedOn({ iata: 'origin' }), routeDelays, haul.pick('is_long')],
});
