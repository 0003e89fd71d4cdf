import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { flights } from '../../test/definitions/flights.ts';
import { compileDefinitions } from '../registry/compile.ts';
import { graphqlNames } from './graphql-names.ts';
import { reservedRootFields, reservedTypes } from './reserved.ts';
import { camelCase, englishPlural, pascalCase } from './words.ts';

const namesOf = (change: Parameters<typeof flights>[0]) => graphqlNames(compileDefinitions(flights(change)));

describe('graphqlNames', () => {
  it('names the typed API as its documentation shows', () => {
    const names = namesOf(undefined);
    expect(names.entities.get('airport')).toEqual({
      type: 'Airport',
      one: 'airport',
      many: 'airports',
      changed: 'airportChanged',
      keyInput: 'AirportKey',
      asOf: 'AirportAsOf',
      keys: ['iata'],
    });
    expect(names.views.get('origin_delays')).toEqual({
      type: 'OriginDelays',
      field: 'originDelays',
      features: ['landed1h', 'meanDelay1h', 'worstDelay24h'],
    });
    expect(names.byType.get('OriginDelays')).toBe('origin_delays');
    expect(names.requestInputs(['distance_miles', 'fareClass'])).toEqual(['distanceMiles', 'fareClass']);
  });

  it('uses a declared plural', () => {
    const names = namesOf((json) => Object.assign(json.entities[0]!, { plural: 'air_ports' }));
    expect(names.entities.get('airport')!.many).toBe('airPorts');
  });

  it.each([
    ['two features', 'mean_delay_1_h', 'mean_delay_1h', /"meanDelay1H"|"meanDelay1h"/],
    ['a feature and the meta field', 'meta', 'landed', /"meta" is taken.*the schema itself/],
  ])('refuses %s', (_, first, second, message) => {
    const change = (json: Parameters<NonNullable<Parameters<typeof flights>[0]>>[0]) => {
      const [feature] = json.views[0]!.features;
      json.views[0]!.features = [
        { ...feature!, name: first },
        { ...feature!, name: second },
        { ...feature!, name: `${second}_` },
        { ...feature!, name: 'worst_delay_24h' },
      ];
    };
    expect(() => namesOf(change)).toThrow(message);
  });

  it('refuses a plural that is the singular, a reserved type and a taken root field, all at once', () => {
    const found = () =>
      namesOf((json) => {
        const [airport] = json.entities;
        json.entities.push({ ...airport!, name: 'feature_view' });
        json.entities.push({ ...airport!, name: 'sheep', ...{ plural: 'sheep' } });
        json.entities.push({ ...airport!, name: 'air_port', ...{ plural: 'airports' } });
      });
    expect(found).toThrow(/"FeatureView" is taken.*the schema itself/);
    expect(found).toThrow(/entities\.sheep\.plural: its GraphQL name "sheep" is taken.*Declare another plural/);
    expect(found).toThrow(/"airports" is taken.*also entities\.air/);
  });
});

describe('the rule', () => {
  it('turns words', () => {
    expect(['landed_1h', 'mean_delay', 'flightId', 'a__b', 'late_'].map(camelCase)).toEqual([
      'landed1h',
      'meanDelay',
      'flightId',
      'aB',
      'late',
    ]);
    expect(pascalCase('origin_delays')).toBe('OriginDelays');
    expect(
      ['route', 'bus', 'city', 'day', 'box', 'branch', 'sales_person', 'leaf', 'house'].map(englishPlural),
    ).toEqual(['routes', 'buses', 'cities', 'days', 'boxes', 'branches', 'sales_people', 'leaves', 'houses']);
  });
});

describe('the reserved names', () => {
  const folder = new URL('../../schema/', import.meta.url);
  const generated = ['supergraph.graphql', 'api.graphql'];
  const files = readdirSync(folder).filter((name) => name.endsWith('.graphql') && !generated.includes(name));

  it.each(files)('hold every type of schema/%s', (file) => {
    const sdl = readFileSync(new URL(file, folder), 'utf8');
    const types = [...sdl.matchAll(/^(?:type|input|enum|union|interface|scalar) (\w+)/gm)].map(([, name]) => name!);
    expect(types.filter((name) => !reservedTypes.has(name))).toEqual([]);
  });

  it.each(files)('hold every root field of schema/%s', (file) => {
    const sdl = readFileSync(new URL(file, folder), 'utf8')
      .replaceAll(/"""[\s\S]*?"""/g, '')
      .replaceAll(/"[^"\n]*"/g, '');
    const roots = [...sdl.matchAll(/^(?:extend )?type (?:Query|Mutation|Subscription) \{([\s\S]*?)^\}/gm)];
    const fields = roots.flatMap(([, body]) => [...body!.matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name!));
    expect(fields.filter((name) => !reservedRootFields.has(name))).toEqual([]);
  });
});
