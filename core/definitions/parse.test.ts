import { describe, expect, it } from 'vitest';
import { flights, type flightsJson, problemsOf, rowView, viewOf } from '../../test/definitions/flights.ts';
import { AsofError } from '../errors/asof-error.ts';
import { parseDefinitions } from './parse.ts';

type Json = ReturnType<typeof flightsJson>;

describe('parseDefinitions', () => {
  it('writes the canonical form: shortest durations, defaults of sources, sorted names', () => {
    const definitions = flights((json) => {
      json.views[0]!.retention = 'P30D';
      json.entities.push({ ...json.entities[0]!, name: 'aircraft' });
    });
    expect(definitions.views[0]!.features[2]).toMatchObject({ window: '1d' });
    expect(definitions.views[0]!.retention).toBe('30d');
    expect(definitions.sources[0]).toMatchObject({ lateness: '1d', futureTolerance: '5m' });
    expect(definitions.entities.map(({ name }) => name)).toEqual(['aircraft', 'airport']);
    expect(parseDefinitions(JSON.parse(JSON.stringify(definitions)))).toEqual(definitions);
  });

  it('keeps integers that no double holds as text, and shows them where they do not belong', () => {
    const { features } = flights((json) => {
      json.views[0]!.features[0]!.default = 9007199254740993n;
    }).views[0]!;
    expect(features[0]).toMatchObject({ default: '9007199254740993' });
    expect(problemsOf((json) => void Object.assign(json.services[0]!, { version: 9007199254740993n }))).toEqual([
      'services.delay_model.version: has the wrong form; expected a whole number from 1 to 1000000; got "9007199254740993"',
    ]);
  });

  it('writes dedupe as whether the source has an event id', () => {
    const eventIdWith = (dedupe: object) => flights((json) => void Object.assign(json.sources[0]!, dedupe)).sources[0];
    expect(eventIdWith({ dedupe: 'eventId' })).toMatchObject({ eventId: 'flightId' });
    expect(eventIdWith({ dedupe: 'eventId' })).not.toHaveProperty('dedupe');
    expect(eventIdWith({ dedupe: 'place' })).not.toHaveProperty('eventId');
    expect(
      problemsOf((json) => void Object.assign(json.sources[0]!, { dedupe: 'eventId', eventId: undefined })),
    ).toEqual(['sources.landings.eventId: is missing; expected the column that names an event, to dedupe by it']);
  });

  it('reports every problem at once, of form and of meaning, each with its path', () => {
    const found = problemsOf((json) => {
      viewOf(json).retention = '30 days';
      viewOf(json).fresness = '5m';
      json.views[0]!.features[1]!.aggregate = { function: 'avg', input: { op: 'col', name: 'delayMinuts' } };
      json.sources[0]!.eventId = 'flight';
      json.services[0]!.features.push({ view: 'origin_delay' });
      json.entities[0]!.name = 'Airport';
    });
    expect(found).toEqual([
      expect.stringMatching(/^views\.origin_delays\.fresness: there is no property of a view .*mean "freshness"\?$/),
      'views.origin_delays.retention: has the wrong form; expected a duration such as "30s", "5m", "1h", "7d" or "PT5M"; got "30 days"',
      'entities.Airport: is not a name; expected lower-case letters, digits and "_", a letter first, at most 128; got "Airport". Write it in snake_case.',
      'sources.landings.eventId: there is no column "flight"; expected one of flightId, origin, delayMinutes; got "flight". Did you mean "flightId"?',
      'views.origin_delays.entity: there is no entity "airport"; expected one of Airport; got "airport". Did you mean "Airport"?',
      'views.origin_delays.features.mean_delay_1h.aggregate.input: there is no column "delayMinuts"; expected one of flightId, origin, delayMinutes; got "delayMinuts". Did you mean "delayMinutes"?',
      'services.delay_model.features[2].view: there is no view "origin_delay"; expected one of origin_delays; got "origin_delay". Did you mean "origin_delays"?',
    ]);
  });

  it.each<[string, (json: Json) => void, RegExp]>([
    ['no object', (json) => Object.assign(json, { asof: 2 }), /^asof: .*expected 1; got 2/],
    [
      'a window that is no whole second',
      (json) => (json.views[0]!.features[0]!.window = '1500ms'),
      /\.window: is no window/,
    ],
    [
      'a window below the grain',
      (json) => (viewOf(json).grain = '6h'),
      /landed_1h\.window: is no window; .*grain \(6h\); got 1h/,
    ],
    ['a grain that is no tile', (json) => (viewOf(json).grain = '5s'), /grain: is no grain; expected 1s, 10s/],
    [
      'maxAge on aggregates',
      (json) => (viewOf(json).maxAge = '1h'),
      /maxAge: does not apply to aggregates.*choose the window/,
    ],
    ['knownAt on aggregates', (json) => (viewOf(json).knownAt = false), /knownAt: does not apply/],
    [
      'a retention below the longest window',
      (json) => (viewOf(json).retention = '2h'),
      /retention: is shorter than the window of "worst_delay_24h"; expected at least 1d; got 2h/,
    ],
    [
      'a retention beside a lifetime',
      (json) => (json.views[0]!.features[0]!.window = 'lifetime'),
      /retention: is shorter than the lifetime/,
    ],
    [
      'a retention below maxAge',
      (json) => rowView(json, { maxAge: '7d', retention: '1d' }),
      /profile\.retention: is shorter than maxAge; expected at least 7d; got 1d/,
    ],
    ['a grain on rows', (json) => rowView(json, { grain: '1m' }), /profile\.grain: does not apply to row views/],
    [
      'an aggregate over rows',
      (json) => rowView(json, { features: json.views[0]!.features.slice(0, 1) }),
      /landed_1h: does not fit the source "profiles"; expected a column of its rows/,
    ],
    [
      'a default of another type',
      (json) => rowView(json, { features: [{ name: 'city', kind: 'column', column: 'city', default: 5 }] }),
      /city\.default: does not fit the feature; expected string; got 5/,
    ],
    ['a null default', (json) => (json.views[0]!.features[0]!.default = null), /default: .*Leave the default out/],
    ['two views of one name', (json) => json.views.push(json.views[0]!), /views\.origin_delays: is defined twice/],
    [
      'a view and an on-demand view of one name',
      (json) => (json.onDemandViews[0]!.name = 'origin_delays'),
      /views\.origin_delays: is defined twice/,
    ],
    [
      'two features of one name',
      (json) => (json.views[0]!.features[1]!.name = 'landed_1h'),
      /features\.landed_1h: is defined twice/,
    ],
    [
      'a key of another type',
      (json) => (json.entities[0]!.key[0]!.type = { kind: 'int64' }),
      /key\.iata: the column "origin" has another type than the join key; expected int64; got string/,
    ],
    [
      'a missing key part',
      (json) => json.entities[0]!.key.push({ name: 'icao', type: { kind: 'string' } }),
      /key\.icao: is missing/,
    ],
    [
      'a key that is no identity',
      (json) => (json.entities[0]!.key[0]!.type = { kind: 'float64' }),
      /key\.iata: cannot be a join key/,
    ],
    ['a column name of the system', (json) => (json.sources[0]!.fields[1]!.name = '__arrival'), /is not a column name/],
    [
      'a time column of another type',
      (json) => json.sources[0]!.fields.push({ name: 'landedAt', type: { kind: 'string' } }),
      /eventTime: has the wrong type; expected timestamp/,
    ],
    [
      'the sum of a text',
      (json) => (json.views[0]!.features[0]!.aggregate = { function: 'sum', input: { op: 'col', name: 'origin' } }),
      /input: sum does not take this type; expected int32, int64, decimal, float64, vector; got string/,
    ],
    [
      'a missing k',
      (json) => (json.views[0]!.features[0]!.aggregate = { function: 'topK', input: { op: 'col', name: 'origin' } }),
      /topK needs "k"/,
    ],
    [
      'an input of countRows',
      (json) =>
        (json.views[0]!.features[0]!.aggregate = { function: 'countRows', input: { op: 'col', name: 'origin' } }),
      /countRows takes no input/,
    ],
    [
      'descending edges',
      (json) =>
        (json.views[0]!.features[0]!.aggregate = {
          function: 'histogram',
          input: { op: 'col', name: 'delayMinutes' },
          edges: ['10', '9.5'],
        }),
      /edges: are no edges/,
    ],
    [
      'edges of a text',
      (json) =>
        (json.views[0]!.features[0]!.aggregate = {
          function: 'histogram',
          input: { op: 'col', name: 'origin' },
          edges: ['1', '2'],
        }),
      /input: does not go with these buckets; expected edges of numbers; got string/,
    ],
    [
      'a condition that is none',
      (json) =>
        (json.views[0]!.features[0]!.aggregate = { function: 'countRows', where: { op: 'col', name: 'origin' } }),
      /where: is no condition; expected bool; got string/,
    ],
    [
      'a type error deep in a tree',
      (json) =>
        (json.onDemandViews[0]!.features[0]!.expression = {
          op: 'not',
          args: [
            {
              op: 'add',
              args: [
                { op: 'request', name: 'distanceMiles' },
                { op: 'lit', type: { kind: 'string' }, value: 'x' },
              ],
            },
          ],
        }),
      /haul\.features\.is_long\.expression\.args\[0\]\.args\[1\]: "add" does not take this type as b; .*got string/,
    ],
    [
      'an unknown request input',
      (json) => (json.onDemandViews[0]!.request = []),
      /is_long\.expression.*no request input "request\.distanceMiles"/,
    ],
    [
      'an unknown feature in a pick',
      (json) => Object.assign(json.services[0]!.features[1]!, { features: ['is_lon'] }),
      /features\[1\]\.features: there is no feature of haul "is_lon".*Did you mean "is_long"/,
    ],
    [
      'one view twice without aliases',
      (json) => json.services[0]!.features.push({ view: 'origin_delays' }),
      /features\.origin_delays: is defined twice/,
    ],
    [
      'an unknown join key',
      (json) => json.services[0]!.features.push({ view: 'origin_delays', alias: 'other', joinOn: { icao: 'x' } }),
      /joinOn\.icao: there is no join key "icao"/,
    ],
    [
      'one column of two types',
      (json) =>
        json.services[0]!.features.push({ view: 'origin_delays', alias: 'other', joinOn: { iata: 'distanceMiles' } }),
      /"distanceMiles" is read with two types/,
    ],
  ])('refuses %s', (_, change, message) => {
    const found = problemsOf(change);
    expect(
      found.filter((problem) => message.test(problem)),
      found.join('\n'),
    ).toHaveLength(1);
  });

  it('keeps a problem to itself: what refers to a refused definition is not refused as well', () => {
    expect(problemsOf((json) => delete viewOf(json).source)).toHaveLength(1);
    expect(problemsOf((json) => json.sources[0]!.fields.push({ name: 'x', type: { kind: 'int46' } }))).toHaveLength(1);
    expect(problemsOf((json) => delete (json.entities[0]! as Partial<Json['entities'][0]>).key)).toHaveLength(1);
  });

  it('refuses what is nested without end', () => {
    let tree: object = { op: 'request', name: 'distanceMiles' };
    for (let depth = 0; depth < 100_000; depth++) tree = { op: 'neg', args: [tree] };
    const found = problemsOf((json) => {
      json.onDemandViews[0]!.features[0]!.expression = tree;
    });
    expect(found).toEqual(['the definitions are nested too deeply; expected at most 500 levels']);
  });

  it('takes a topic in Avro or Protobuf, and in no other format', () => {
    const withFormat = (format: string) => (json: Json) => Object.assign(json.sources[0]!.stream, { format });
    expect([...problemsOf(withFormat('avro')), ...problemsOf(withFormat('protobuf'))]).toEqual([]);
    expect(problemsOf(withFormat('json'))).toEqual([expect.stringMatching(/stream\.format: .*avro, protobuf/)]);
  });

  it('takes row views', () => {
    expect(problemsOf((json) => rowView(json, { maxAge: '7d', retention: '7d', knownAt: false }))).toEqual([]);
  });

  it.each([null, 5, 'x', [], { asof: 1, views: {} }, { asof: 1, views: [null] }])('refuses %j', (input) => {
    expect(() => parseDefinitions(input)).toThrow(AsofError);
  });
});
