import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { flightsJson, rowView, viewOf } from '../../test/definitions/flights.ts';
import { AsofError } from '../errors/asof-error.ts';
import { aggregateFunctions } from './model.ts';
import { expressionOperators } from './operators.ts';
import { parseDefinitions } from './parse.ts';

const schema = JSON.parse(readFileSync(new URL('../../schema/definitions.json', import.meta.url), 'utf8'));
const matchesSchema = new Ajv2020({ strict: true, allErrors: true }).compile(schema);

type Json = ReturnType<typeof flightsJson>;

describe('schema/definitions.json', () => {
  it('accepts what is canonical', () => {
    const everything = flightsJson();
    rowView(everything);
    Object.assign(everything.sources[0]!.stream, { format: 'avro' });
    const expression = { op: 'feature', feature: 'landed_1h' };
    everything.views[0]!.features.push({ name: 'landed', kind: 'derived', expression } as never);
    for (const json of [everything, parseDefinitions(everything), { asof: 1 }]) {
      expect(matchesSchema(json), JSON.stringify(matchesSchema.errors)).toBe(true);
    }
  });

  it('knows every operator and function', () => {
    const call = schema.$defs.expression.oneOf.at(-1).properties.op.enum;
    expect(call).toEqual([...expressionOperators]);
    expect(schema.$defs.aggregate.properties.function.enum).toEqual([...aggregateFunctions]);
  });

  it.each<[string, (json: Json) => void]>([
    ['an unknown property', (json) => (viewOf(json).fresness = '5m')],
    ['a duration with a space', (json) => (viewOf(json).retention = '30 days')],
    ['an unknown type', (json) => json.sources[0]!.fields.push({ name: 'x', type: { kind: 'int46' } })],
    ['a missing source', (json) => delete viewOf(json).source],
    ['an unknown operator', (json) => (json.onDemandViews[0]!.features[0]!.expression = { op: 'power', args: [] })],
    ['a name in capitals', (json) => (json.entities[0]!.name = 'Airport')],
    ['a version 0', (json) => (json.services[0]!.version = 0)],
    ['another format', (json) => Object.assign(json, { asof: 2 })],
  ])('refuses, as the parser does, %s', (_, change) => {
    const json = flightsJson();
    change(json);
    expect(matchesSchema(json)).toBe(false);
    expect(() => parseDefinitions(json)).toThrow(AsofError);
  });
});
