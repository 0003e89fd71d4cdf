import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FieldStatus, servingServiceMethods, type ValueGiven } from '../../runtime/grpc/generated/feast.ts';
import { noon } from '../online/online-world.ts';
import { call } from './grpc-client.ts';
import { type GrpcWorld, openGrpcWorld } from './grpc-world.ts';

let world: GrpcWorld;
beforeEach(async () => {
  world = await openGrpcWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

async function post(path: string, body: unknown): Promise<{ readonly status: number; readonly body: unknown }> {
  const answer = await fetch(`http://127.0.0.1:${world.host.port}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: await answer.json() };
}

const texts = (values: readonly string[]): { val: ValueGiven[] } => ({
  val: values.map((stringVal) => ({ stringVal })),
});

describe('POST /get-online-features', () => {
  it('answers feature by feature, join keys first, with statuses as Feast names them', async () => {
    const asked = {
      features: ['airport_facts:name', 'airport_facts:opened_at', 'airport_facts:runways', 'origin_delays:landed_1h'],
      entities: { iata: ['ATL', 'none', 'old', 'ATL'] },
    };
    const factsAt = new Date(noon - 1_000).toISOString();
    const landedAt = new Date(noon - 60_000).toISOString();
    const oldAt = new Date(noon - 40 * 86_400_000).toISOString();
    const epoch = '1970-01-01T00:00:00.000Z';
    const missing = ['PRESENT', 'NOT_FOUND', 'OUTSIDE_MAX_AGE', 'PRESENT'];
    const times = [factsAt, epoch, oldAt, factsAt];
    const openedAt = Date.parse('1976-09-15T00:00:00Z') / 1_000;
    const runways = ['8L', null, '26R'];
    expect(await post('/get-online-features', asked)).toEqual({
      status: 200,
      body: {
        metadata: { feature_names: ['iata', 'name', 'opened_at', 'runways', 'landed_1h'] },
        results: [
          { values: asked.entities.iata, statuses: Array(4).fill('PRESENT'), event_timestamps: Array(4).fill(epoch) },
          { values: ['Atlanta', null, null, 'Atlanta'], statuses: missing, event_timestamps: times },
          { values: [openedAt, null, null, openedAt], statuses: missing, event_timestamps: times },
          { values: [runways, null, null, runways], statuses: missing, event_timestamps: times },
          {
            values: [2, 0, 0, 2],
            statuses: Array(4).fill('PRESENT'),
            event_timestamps: [landedAt, epoch, epoch, landedAt],
          },
        ],
      },
    });
  });

  it('reads services, with inputs among the entities, and names features in full', async () => {
    const { body } = await post('/get-online-features', {
      feature_service: 'delay_model',
      entities: { origin: ['ATL', 'JFK'], destination: ['ORD', 'ORD'], distanceMiles: [1_200, 3] },
      full_feature_names: true,
    });
    const { metadata, results } = body as { metadata: { feature_names: string[] }; results: { values: unknown[] }[] };
    const column = (name: string) => results[metadata.feature_names.indexOf(name)]!.values;
    expect(metadata.feature_names.slice(0, 2)).toEqual(['origin', 'destination']);
    expect(column('route_delays__landed_1h')).toEqual([2, 1]);
    expect(column('route_delays__by_delay_1h')).toEqual([{ false: 1, true: 1 }, { false: 1 }]);
    expect(column('haul__is_long')).toEqual([true, false]);
  });

  // Feast's remote online store takes the column's name from the first row.
  it.each(['iata', ''])('answers nothing for no rows in a column named %j', async (name) => {
    const { body } = await post('/get-online-features', { features: ['airport_facts:name'], entities: { [name]: [] } });
    expect(body).toMatchObject({ results: [{ values: [] }, { values: [], statuses: [] }] });
  });

  it.each<[string, unknown, number, RegExp]>([
    ['no object', [], 400, /a JSON object/],
    ['an unknown feature', { features: ['airport_facts:nme'], entities: { iata: ['ATL'] } }, 404, /'name'/],
    ['an unknown service', { feature_service: 'delay', entities: {} }, 404, /delay_model/],
    ['an unknown entity', { features: ['airport_facts:name'], entities: { airport: ['ATL'] } }, 404, /iata/],
    ['a missing entity', { features: ['airport_facts:name'], entities: {} }, 400, /iata/],
    ['no list', { features: ['airport_facts:name'], entities: { iata: 'ATL' } }, 400, /a list of values/],
    ['no names', { features: 'airport_facts:name', entities: { iata: ['ATL'] } }, 400, /view:feature/],
    ['no text', { feature_service: 7, entities: {} }, 400, /a name/],
    [
      'columns of different lengths',
      { features: ['route_delays:landed_1h'], entities: { origin: ['ATL'], destination: [] } },
      400,
      /origin: 1, destination: 0/,
    ],
    [
      'two features of one name',
      { features: ['origin_delays:landed_1h', 'network:landed_1m', 'route_delays:landed_1h'], entities: {} },
      400,
      /full_feature_names/,
    ],
  ])('says what is wrong with %s', async (_what, asked, code, message) => {
    const { status: got, body } = await post('/get-online-features', asked);
    expect(got).toBe(code);
    expect((body as { errors: { message: string }[] }).errors[0]!.message).toMatch(message);
  });
});

describe('POST /push', () => {
  it('takes columns, and says which rows it refuses', async () => {
    const df = { iata: ['ATL', 'JFK'], name: ['Atlanta', 'Kennedy'] };
    expect(await post('/push', { push_source_name: 'facts', df, to: 'online' })).toEqual({ status: 200, body: null });
    expect(world.pushed).toEqual([
      {
        source: 'facts',
        events: [
          { iata: 'ATL', name: 'Atlanta' },
          { iata: 'JFK', name: 'Kennedy' },
        ],
      },
    ]);
    const refused = await post('/push', { push_source_name: 'facts', df: { iata: ['ATL'] } });
    expect(refused).toMatchObject({
      status: 400,
      body: { errors: [{ message: expect.stringMatching(/1 rows were refused.*no name/) }] },
    });
    expect(await post('/push', { df })).toMatchObject({ status: 400 });
    const uneven = { push_source_name: 'facts', df: { iata: ['ATL', 'JFK'], name: ['Atlanta'] } };
    expect(await post('/push', uneven)).toMatchObject({ status: 400 });
  });
});

describe('feast.serving.ServingService', () => {
  const { getOnlineFeatures, getFeastServingInfo } = servingServiceMethods;

  it('answers the same over gRPC, each value in the field of its type', async () => {
    const { metadata, results } = await call(world.client, getOnlineFeatures, {
      features: {
        val: ['airport_facts:name', 'airport_facts:opened_at', 'airport_facts:runways', 'origin_delays:mean_delay_1h'],
      },
      entities: new Map([['iata', texts(['ATL', 'none', 'old'])]]),
    });
    expect(metadata!.featureNames!.val).toEqual(['iata', 'name', 'opened_at', 'runways', 'mean_delay_1h']);
    const [iata, name, openedAt, runways, mean] = results;
    expect(iata!.values.map(({ stringVal }) => stringVal)).toEqual(['ATL', 'none', 'old']);
    expect(name!.values.map(({ stringVal }) => stringVal)).toEqual(['Atlanta', undefined, undefined]);
    expect(name!.statuses).toEqual([FieldStatus.PRESENT, FieldStatus.NOT_FOUND, FieldStatus.OUTSIDE_MAX_AGE]);
    expect(name!.eventTimestamps[0]).toEqual({ seconds: noon / 1_000 - 1, nanos: 0 });
    expect(openedAt!.values[0]!.unixTimestampVal).toBe(Date.parse('1976-09-15T00:00:00Z') / 1_000);
    expect(runways!.values[0]!.stringListVal!.val).toEqual(['8L', '26R']);
    expect(mean!.values.map(({ doubleVal }) => doubleVal)).toEqual([15, undefined, undefined]);
    expect(mean!.statuses.slice(0, 2)).toEqual([FieldStatus.PRESENT, FieldStatus.NULL_VALUE]);
  });

  it('takes inputs of on-demand features from the request context', async () => {
    const { metadata, results } = await call(world.client, getOnlineFeatures, {
      featureService: 'delay_model',
      fullFeatureNames: true,
      entities: new Map([
        ['origin', texts(['ATL'])],
        ['destination', texts(['ORD'])],
      ]),
      requestContext: new Map([['distanceMiles', { val: [{ int64Val: 1_200 }] }]]),
    });
    const place = metadata!.featureNames!.val.indexOf('haul__is_long');
    expect(results[place]!.values[0]!.boolVal).toBe(true);
  });

  it('says who answers, and what is wrong', async () => {
    expect(await call(world.client, getFeastServingInfo, {})).toEqual({ version: 'asof' });
    await expect(call(world.client, getOnlineFeatures, { features: { val: ['nothing:here'] } })).rejects.toMatchObject({
      code: status.NOT_FOUND,
      asofCode: 'UNKNOWN_NAME',
    });
  });
});
