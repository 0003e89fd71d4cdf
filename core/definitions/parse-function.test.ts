import { describe, expect, it } from 'vitest';
import { flights, flightsJson } from '../../test/definitions/flights.ts';
import { parseDefinitions } from './parse.ts';
import { hashOfSource } from './parse-function.ts';

const minutes = {
  name: 'minutes',
  version: 2,
  args: [{ name: 'delay', type: { kind: 'int64' } }],
  returns: { kind: 'float64' },
  source: '({ delay }) => Number(delay)',
};
const call = (change: object = {}) => ({
  op: 'call',
  function: 'minutes',
  version: 2,
  args: [{ op: 'col', name: 'delayMinutes' }],
  ...change,
});

/** The flights with this function, and with this input of a mean. */
function defined(one: object, input: object = call()) {
  const json = flightsJson();
  json.views[0]!.features[1]!.aggregate = { function: 'avg', input };
  return { ...json, functions: [one] };
}

describe('functions in definitions', () => {
  it('have the hash of their source, written out or checked', () => {
    const { functions } = parseDefinitions(defined(minutes));
    expect(functions).toEqual([{ ...minutes, sourceHash: hashOfSource(minutes.source) }]);
    expect(parseDefinitions(defined(functions[0]!)).functions).toEqual(functions);
    expect(() => parseDefinitions(defined({ ...minutes, sourceHash: 'f00' }))).toThrow(
      /functions\.minutes\.sourceHash: is not the hash of the source/,
    );
  });

  it.each([
    ['an unknown name', call({ function: 'minuts' }), /input\.function: there is no function "minuts".*"minutes"\?/],
    [
      'an unknown version',
      call({ version: 1 }),
      /input\.version: there is no version of the function minutes "1"; expected one of 2/,
    ],
    ['too few arguments', call({ args: [] }), /input: minutes takes other arguments; expected delay: int64; got none/],
    [
      'another type',
      call({ args: [{ op: 'col', name: 'origin' }] }),
      /args\[0\]: is not what minutes takes as "delay"; expected int64; got string/,
    ],
    ['a result of another type', { op: 'add', args: [call(), { op: 'col', name: 'origin' }] }, /input/],
  ])('are refused where a call has %s', (_, input, message) => {
    expect(() => parseDefinitions(defined(minutes, input))).toThrow(message);
  });

  it.each([
    ['version 0', { version: 0 }, /functions\.minutes\.version/],
    ['no arguments', { args: [] }, /functions\.minutes\.args: are empty/],
    ['an argument twice', { args: [minutes.args[0], minutes.args[0]] }, /args\.delay: is declared twice/],
    ['too many steps', { maxSteps: 1e9 }, /functions\.minutes\.maxSteps/],
    ['a long source', { source: `() => 1 // ${'x'.repeat(70_000)}` }, /functions\.minutes\.source: is too long/],
    ['a name in capitals', { name: 'Minutes' }, /functions\.Minutes: is not a name/],
  ])('are refused with %s', (_, change, message) => {
    expect(() => parseDefinitions({ ...flightsJson(), functions: [{ ...minutes, ...change }] })).toThrow(message);
  });

  it('are refused twice with one version, and may have several', () => {
    const twice = { ...flightsJson(), functions: [minutes, { ...minutes, source: '() => 1' }] };
    expect(() => parseDefinitions(twice)).toThrow(/functions\.minutes version 2: is defined twice/);
    const both = { ...flightsJson(), functions: [minutes, { ...minutes, version: 1 }] };
    expect(parseDefinitions(both).functions.map(({ version }) => version)).toEqual([1, 2]);
    expect(flights().functions).toEqual([]);
  });
});
