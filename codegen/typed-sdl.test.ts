import { buildASTSchema, isInputObjectType, isObjectType, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { collectDefinitions } from '../core/definitions/collect.ts';
import {
  avg,
  col,
  countRows,
  entity,
  eventSource,
  featureView,
  lastN,
  onDemandView,
  push,
  request,
  rowSource,
  sum,
  t,
} from '../core/index.ts';
import { compileDefinitions } from '../core/registry/compile.ts';
import { scalarTypeDefs } from '../runtime/scalars.ts';
import * as definitions from '../test/online/online-definitions.ts';
import { entityTypesSdl, onDemandPlaces } from './entity-types.ts';
import { graphqlTypeOf, graphqlValueOf } from './graphql-types.ts';
import { onDemandTypesSdl, viewTypesSdl } from './value-types.ts';

function schemaOf(exports: Record<string, unknown>) {
  const registry = compileDefinitions(collectDefinitions(exports));
  const sdl = [
    'type Query { fixed: Int } type Subscription { fixed: Int } type FeatureView { name: String! }',
    'directive @key(fields: String!) on OBJECT directive @shareable on OBJECT',
    scalarTypeDefs,
    viewTypesSdl(registry),
    onDemandTypesSdl(registry),
    entityTypesSdl(registry),
  ].join('\n');
  const schema = buildASTSchema(parse(sdl));
  return {
    registry,
    /** `name(arguments): type`, as clients see it. */
    fields(type: string): string[] {
      const found = schema.getType(type);
      if (isInputObjectType(found))
        return Object.values(found.getFields()).map((field) => `${field.name}: ${field.type}`);
      if (!isObjectType(found)) throw new Error(`no type ${type}`);
      return Object.values(found.getFields()).map((field) => {
        const args = field.args.map((arg) => `${arg.name}: ${arg.type}`).join(', ');
        return `${field.name}${args === '' ? '' : `(${args})`}: ${field.type}`;
      });
    },
  };
}

describe('the typed SDL', () => {
  const schema = schemaOf(definitions);

  it('gives each entity its keys, views and request-time views', () => {
    expect(schema.fields('Airport')).toEqual([
      'iata: String!',
      'airportFacts(version: Int, maxAge: Duration): AirportFacts',
      'originDelays(version: Int, maxAge: Duration): OriginDelays',
      'haul(distanceMiles: Int64!): Haul',
    ]);
    expect(schema.fields('OriginDelays')).toEqual([
      'landed1h: Int64',
      'meanDelay1h: Float',
      'worstDelay24h: Int64',
      'fares24h: Decimal',
      'meta: FeatureMeta!',
      'view: FeatureView',
    ]);
    expect(schema.fields('Haul')).toEqual(['isLong: Boolean', 'longAndLate: Boolean', 'meta: FeatureMeta!']);
  });

  it('asks for single and composite keys, and puts views without a key on Query', () => {
    expect(schema.fields('Query')).toEqual([
      'fixed: Int',
      'airport(iata: String!): Airport',
      'airports(iata: [String!]!): [Airport]!',
      'route(origin: String!, destination: String!): Route',
      'routes(keys: [RouteKey!]!): [Route]!',
      'network(version: Int, maxAge: Duration): Network',
    ]);
    expect(schema.fields('RouteKey')).toEqual(['origin: String!', 'destination: String!']);
    expect(schema.fields('Subscription')).toEqual([
      'fixed: Int',
      'airportChanged(iata: [String!]!, initial: Boolean): Airport',
      'routeChanged(keys: [RouteKey!]!, initial: Boolean): Route',
    ]);
  });

  it('places a request-time view only where one key is enough', () => {
    const { airport, originDelays, routeDelays, landings } = definitions;
    const both = onDemandView('both', {
      from: [originDelays, routeDelays],
      features: { busy: originDelays.feature('landed_1h').gt(routeDelays.feature('landed_1h')) },
    });
    const none = onDemandView('none', {
      request: { x: t.float64 },
      features: { double: request('x').add(request('x')) },
    });
    const offline = featureView('offline_only', {
      entity: airport,
      source: landings,
      key: { iata: 'origin' },
      features: { n: countRows().over('1h') },
      online: false,
    });
    const past = onDemandView('past', { from: [offline], features: { any: offline.feature('n').gt(0) } });
    const { registry, fields } = schemaOf({ both, none, past });
    expect(onDemandPlaces(registry).map(({ view, entity: place }) => [view.name, place])).toEqual([['none', null]]);
    expect(fields('Query')).toContain('none(x: Float!): None');
    expect(fields('Airport')).toEqual(['iata: String!', 'originDelays(version: Int, maxAge: Duration): OriginDelays']);
  });

  it('quotes descriptions', () => {
    const odd = entity('odd', { key: { id: t.int64 }, description: 'a "quoted" \\ """ text\nin two lines' });
    const source = eventSource('things', { fields: { id: t.int64 }, eventTime: 'at', stream: push() });
    const view = featureView('n', { entity: odd, source, key: { id: 'id' }, features: { n: countRows().over('1h') } });
    expect(schemaOf({ view }).fields('Odd')).toEqual(['id: Int64!', 'n(version: Int, maxAge: Duration): N']);
  });
});

describe('value types', () => {
  it('have a GraphQL type each', () => {
    const thing = entity('thing', { key: { at: t.timestamp, n: t.int32 } });
    const events = eventSource('events', {
      fields: { at: t.timestamp, n: t.int32, v: t.vector(3), d: t.decimal(12, 3), s: t.string },
      eventTime: 'when',
      stream: push(),
    });
    const rows = rowSource('rows', {
      fields: { at: t.timestamp, n: t.int32, v: t.vector(3), tags: t.list(t.int64), ok: t.bool },
      stream: push(),
    });
    const key = { at: 'at', n: 'n' } as const;
    const windows = featureView('windows', {
      entity: thing,
      source: events,
      key,
      features: {
        mean: avg('v').over('1h'),
        total: sum('d').over('1h'),
        recent: lastN('s', 3).over('1h'),
        per: countRows().by(col('s')).over('1h'),
      },
    });
    const state = featureView('state', {
      entity: thing,
      source: rows,
      key,
      features: { v: col('v'), tags: col('tags'), ok: col('ok'), at: col('at') },
    });
    const { fields } = schemaOf({ windows, state });
    expect(fields('Windows').slice(0, 4)).toEqual([
      'mean: [Float!]',
      'total: Decimal',
      'recent: [String!]',
      'per: JSON',
    ]);
    expect(fields('State').slice(0, 4)).toEqual(['v: [Float!]', 'tags: [Int64!]', 'ok: Boolean', 'at: DateTime']);
    expect(fields('ThingKey')).toEqual(['at: DateTime!', 'n: Int!']);
  });

  it('turn maps into JSON and leave the rest to the scalars', () => {
    const map = { kind: 'map', value: { kind: 'int64' } } as const;
    expect(graphqlTypeOf({ kind: 'list', element: map })).toBe('[JSON!]');
    expect(graphqlValueOf({ kind: 'list', element: map })([new Map([['a', 2n ** 60n]])])).toEqual([
      { a: '1152921504606846976' },
    ]);
    expect(graphqlValueOf(map)(null)).toBeNull();
    expect(graphqlValueOf({ kind: 'int64' })(2n ** 60n)).toBe(2n ** 60n);
  });
});
