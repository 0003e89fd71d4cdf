import {
  avg,
  col,
  countRows,
  csv,
  entity,
  eventSource,
  feature,
  featureService,
  featureView,
  kafka,
  max,
  onDemandView,
  parquet,
  ratio,
  request,
  rowSource,
  t,
} from 'asof';

export const airport = entity('airport', {
  key: { iata: t.string },
  description: 'A US airport by its IATA code',
  owner: 'ops',
});

export const route = entity('route', {
  key: { origin: t.string, destination: t.string },
  description: 'A directed pair of airports',
  owner: 'ops',
});

/** A delay is known when the flight has landed, not before: `landedAt` is the event time (see history.ts). */
export const landings = eventSource('landings', {
  fields: { flightId: t.int64, origin: t.string, destination: t.string, delayMinutes: t.int64, distanceMiles: t.int64 },
  eventTime: 'landedAt',
  eventId: 'flightId',
  lateness: '1d',
  stream: kafka('landings'),
  batch: parquet('landings/*.parquet'),
  description: 'US flights of 2001 in the order in which they landed (estimated)',
  owner: 'ops',
});

export const airports = rowSource('airports', {
  fields: {
    iata: t.string,
    name: t.string,
    city: t.string,
    state: t.string,
    latitude: t.float64,
    longitude: t.float64,
  },
  batch: csv('airports.csv'),
  description: 'Airport master data',
  owner: 'ops',
});

const late = col('delayMinutes').gt(15);

const delays = {
  landed_1h: countRows().over('1h'),
  landed_24h: countRows().over('24h'),
  landed_7d: countRows().over('7d'),
  mean_delay_1h: avg('delayMinutes').over('1h'),
  mean_delay_24h: avg('delayMinutes').over('24h'),
  mean_delay_7d: avg('delayMinutes').over('7d'),
  worst_delay_1h: max('delayMinutes').over('1h'),
  worst_delay_24h: max('delayMinutes').over('24h'),
  worst_delay_7d: max('delayMinutes').over('7d'),
  late_share_1h: ratio(countRows().where(late), countRows()).over('1h'),
  late_share_24h: ratio(countRows().where(late), countRows()).over('24h'),
  late_share_7d: ratio(countRows().where(late), countRows()).over('7d'),
  above_week_1h: feature('mean_delay_1h').sub(feature('mean_delay_7d')),
};

export const originDelays = featureView('origin_delays', {
  entity: airport,
  source: landings,
  key: { iata: 'origin' },
  features: delays,
  freshness: '5m',
  retention: '30d',
  owner: 'ops',
  tags: ['delay'],
  description: 'How late an airport runs now',
});

export const routeDelays = featureView('route_delays', {
  entity: route,
  source: landings,
  key: { origin: 'origin', destination: 'destination' },
  features: delays,
  freshness: '5m',
  retention: '30d',
  owner: 'ops',
  tags: ['delay'],
  description: 'How late a route runs now',
});

export const airportFacts = featureView('airport_facts', {
  entity: airport,
  source: airports,
  key: { iata: 'iata' },
  features: {
    name: col('name'),
    city: col('city'),
    state: col('state'),
    latitude: col('latitude'),
    longitude: col('longitude'),
  },
  owner: 'ops',
  tags: ['reference'],
  description: 'Where an airport is',
});

export const haul = onDemandView('haul', {
  request: { distanceMiles: t.int64 },
  from: [originDelays],
  features: {
    is_long: request('distanceMiles').gt(1000),
    long_and_late: request('distanceMiles').gt(1000).and(originDelays.feature('mean_delay_1h').gt(15)),
  },
  owner: 'ops',
  description: 'What is known only when the question is asked',
});

export const delayModel = featureService('delay_model', {
  version: 1,
  features: [
    originDelays.joinedOn({ iata: 'origin' }),
    routeDelays,
    airportFacts.joinedOn({ iata: 'origin' }),
    haul.pick('is_long'),
  ],
  owner: 'ml',
  description: 'Will this flight arrive more than 15 minutes late?',
});
