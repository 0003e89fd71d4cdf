import { beforeEach, describe, expect, it } from 'vitest';
import { createOnlineWorld, noon, type OnlineWorld } from '../../test/online/online-world.ts';

let world: OnlineWorld;

function landing(flightId: number | string, minutesAgo: number, more: object = {}): Record<string, unknown> {
  const landedAt = new Date(noon - minutesAgo * 60_000).toISOString();
  return { flightId, landedAt, origin: 'ATL', destination: 'ORD', delayMinutes: 10, fare: '1.10', ...more };
}

beforeEach(async () => {
  world = await createOnlineWorld();
  await world.apply('landings', [
    landing(1, 30),
    landing(2, 20, { delayMinutes: 40, fare: 2.2 }),
    landing(3, 90),
    landing(4, 10, { origin: 'ORD', destination: 'ATL' }),
  ]);
  await world.apply('facts', [
    { iata: 'ATL', name: 'Hartsfield', openedAt: '1999-05-03', validFrom: '2001-05-20', runways: ['8L', '9R'] },
    { iata: 'ORD', name: "O'Hare", openedAt: '1999-05-03T00:00:00.000Z', validFrom: '2001-04-01', runways: null },
  ]);
  await world.clock.advance(1_000);
  world.reads.length = 0;
});

describe('feature vectors', () => {
  const select = '{ service version readAt rows names values statuses defaulted eventTimes }';

  it('gives columns in the order of the rows, with one read for repeated keys', async () => {
    const data = await world.data(
      `query ($keys: JSON, $request: JSON) { featureVectors(service: "delay_model", keys: $keys, request: $request) ${select} }`,
      {
        keys: { origin: ['ATL', 'ORD', null, 'ATL'], destination: ['ORD', 'ATL', 'ATL', 'ORD'] },
        request: { distanceMiles: [1200, 100, null, '9007199254740993'] },
      },
    );
    expect(world.reads).toHaveLength(1);
    const vectors = data.featureVectors as unknown as Record<string, unknown[]>;
    const column = (name: string) => vectors.names!.indexOf(name);
    expect(vectors.names).toEqual([
      'origin_delays.landed_1h',
      'origin_delays.mean_delay_1h',
      'origin_delays.worst_delay_24h',
      'origin_delays.fares_24h',
      'route_delays.landed_1h',
      'route_delays.by_delay_1h',
      'haul.is_long',
    ]);
    expect(vectors.values![column('origin_delays.landed_1h')]).toEqual([2, 1, null, 2]);
    expect(vectors.values![column('origin_delays.fares_24h')]).toEqual(['4.40', '1.10', null, '4.40']);
    expect(vectors.values![column('haul.is_long')]).toEqual([true, false, null, true]);
    expect(vectors.statuses![column('origin_delays.landed_1h')]).toEqual([
      'PRESENT',
      'PRESENT',
      'NOT_FOUND',
      'PRESENT',
    ]);
    expect(vectors.eventTimes![column('route_delays.landed_1h')]).toEqual([
      '2001-06-01T11:40:00.000Z',
      '2001-06-01T11:50:00.000Z',
      null,
      '2001-06-01T11:40:00.000Z',
    ]);
    expect(vectors).toMatchObject({ service: 'delay_model', version: 1, rows: 4, readAt: '2001-06-01T12:00:01.000Z' });
  });

  it('takes rows as objects, and one request value for all', async () => {
    const data = await world.data(
      `{ featureVectors(service: "delay_model", keys: [{origin: "ATL", destination: "ORD"}, {origin: "ORD", destination: "ATL"}], request: {distanceMiles: 1001}) { values } }`,
    );
    expect(data.featureVectors).toMatchObject({
      values: [[2, 1], [25, 10], [40, 10], ['4.40', '1.10'], [2, 1], {}, [true, true]],
    });
  });

  it.each([
    ['{ featureVectors(service: "delay_modl") { rows } }', /no service 'delay_modl'.*Did you mean 'delay_model'/],
    ['{ featureVectors(service: "delay_model", version: 3) { rows } }', /no version 3; expected one of 1; got 3/],
    [
      '{ featureVectors(service: "delay_model", keys: {orgin: ["ATL"], destination: ["ORD"]}) { rows } }',
      /keys\.orgin: there is no column of delay_model version 1 'orgin'.*origin, destination.*Did you mean 'origin'/,
    ],
    [
      '{ featureVectors(service: "delay_model", keys: {origin: ["ATL"]}) { rows } }',
      /keys\.destination: delay_model version 1 needs this column; expected string; got nothing/,
    ],
    [
      '{ featureVectors(service: "delay_model", keys: {origin: ["ATL", "ORD"], destination: ["ORD"]}) { rows } }',
      /keys\.destination.*expected 2 values, as in keys\.origin; got 1/,
    ],
    [
      '{ featureVectors(service: "delay_model", keys: {origin: ["A"], destination: ["B"]}, request: {distanceMiles: ["far"]}) { rows } }',
      /request\.distanceMiles\[0\]: the request input "distanceMiles" of haul of delay_model version 1 is not of its type; expected int64 .*; got "far"/,
    ],
    [
      '{ featureVectors(service: "delay_model", keys: {origin: ["A"], destination: ["B"]}) { rows } }',
      /request\.distanceMiles: the request input "distanceMiles" of haul of delay_model version 1 is missing; expected int64; got nothing/,
    ],
    [
      '{ featureVectors(service: "delay_model", keys: [{origin: "A", destination: "B"}], request: [{distanceMiles: 1}, {distanceMiles: 2}]) { rows } }',
      /differ in their number of rows; expected 1 rows, as in keys; got 2/,
    ],
    [
      '{ featureVectors(service: "delay_model", keys: "ATL") { rows } }',
      /keys.*an object of columns, or a list of rows; got "ATL"/,
    ],
  ])('says what is wrong with %s', async (text, message) => {
    const { errors } = await world.query(text);
    expect(errors?.[0]?.message).toMatch(message);
  });

  it('refuses more rows than its limit', async () => {
    const small = await createOnlineWorld({ limits: { vectorRows: 1 } });
    const { errors } = await small.query(
      '{ featureVectors(service: "delay_model", keys: {origin: ["A", "B"], destination: ["C", "D"]}, request: {distanceMiles: 1}) { rows } }',
    );
    expect(errors?.[0]?.message).toMatch(/at most 1; got 2/);
  });
});
