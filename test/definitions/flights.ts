import type { Definitions } from '../../core/definitions/model.ts';
import { parseDefinitions } from '../../core/definitions/parse.ts';
import { AsofError } from '../../core/errors/asof-error.ts';

const int64 = { kind: 'int64' };
const string = { kind: 'string' };

/** The flights project as JSON, mutable so that each test changes what it is about. */
export function flightsJson() {
  return {
    asof: 1,
    entities: [{ name: 'airport', key: [{ name: 'iata', type: string }], description: 'Where flights land' }],
    sources: [
      {
        kind: 'events',
        name: 'landings',
        fields: [
          { name: 'flightId', type: int64 },
          { name: 'origin', type: string },
          { name: 'delayMinutes', type: int64 },
        ] as { name: string; type: object }[],
        eventTime: 'landedAt',
        eventId: 'flightId',
        lateness: '1d',
        stream: { kind: 'kafka', topic: 'landings' },
      },
    ],
    views: [
      {
        name: 'origin_delays',
        entity: 'airport',
        source: 'landings',
        key: { iata: 'origin' },
        features: [
          { name: 'landed_1h', kind: 'aggregate', aggregate: { function: 'countRows' }, window: '1h' },
          { name: 'mean_delay_1h', kind: 'aggregate', aggregate: { function: 'avg', input: delay() }, window: '1h' },
          { name: 'worst_delay_24h', kind: 'aggregate', aggregate: { function: 'max', input: delay() }, window: '24h' },
        ] as { name: string; kind: string; window: string; aggregate: object; default?: unknown }[],
        retention: '30d',
        freshness: '5m',
        owner: 'ops',
      },
    ],
    onDemandViews: [
      {
        name: 'haul',
        request: [{ name: 'distanceMiles', type: int64 }],
        from: [{ view: 'origin_delays' }] as object[],
        features: [
          { name: 'is_long', expression: { op: 'gt', args: [{ op: 'request', name: 'distanceMiles' }, lit(1000)] } },
          {
            name: 'delay_per_mile',
            expression: {
              op: 'div',
              args: [
                { op: 'feature', view: 'origin_delays', feature: 'worst_delay_24h' },
                { op: 'request', name: 'distanceMiles' },
              ],
            },
          },
        ] as { name: string; expression: object; default?: unknown }[],
      },
    ],
    services: [
      {
        name: 'delay_model',
        version: 1,
        features: [{ view: 'origin_delays' }, { view: 'haul', features: ['is_long'] }] as object[],
      },
    ],
  };
}

type Json = ReturnType<typeof flightsJson>;

/** The view with any property, right or wrong. */
export function viewOf(json: Json): Record<string, unknown> {
  return json.views[0]! as never;
}

/** Adds a view over a row source. */
export function rowView(json: Json, settings: object = {}): void {
  json.sources.push({
    kind: 'rows',
    name: 'profiles',
    fields: [
      { name: 'iata', type: { kind: 'string' } },
      { name: 'city', type: { kind: 'string' } },
      { name: 'embedding', type: { kind: 'vector', length: 3 } },
    ],
    eventTime: 'validFrom',
    createdTime: 'createdAt',
    deleted: 'gone',
    batch: { kind: 'parquet', path: 'profiles/*.parquet' },
  } as never);
  json.views.push({
    name: 'profile',
    entity: 'airport',
    source: 'profiles',
    key: { iata: 'iata' },
    features: [{ name: 'city', kind: 'column', column: 'city', default: 'nowhere' }],
    ...settings,
  } as never);
}

function delay() {
  return { op: 'col', name: 'delayMinutes' };
}

function lit(value: number) {
  return { op: 'lit', type: int64, value };
}

/** The project after a test's change. */
export function flights(change: (json: Json) => void = () => {}): Definitions {
  const json = flightsJson();
  change(json);
  return parseDefinitions(json);
}

/** What is wrong with it after a test's change, as messages. */
export function problemsOf(change: (json: Json) => void): string[] {
  const json = flightsJson();
  change(json);
  try {
    parseDefinitions(json);
    return [];
  } catch (error) {
    if (!(error instanceof AsofError)) throw error;
    return error.details.problems!.map(
      ({ message, ...details }) => new AsofError(error.code, message, details).message,
    );
  }
}
