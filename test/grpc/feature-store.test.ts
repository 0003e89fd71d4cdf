import { type Client, status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type BatchGetFeaturesRequestGiven,
  type EntityFeatures,
  FeatureStatus,
  type FeatureValue,
  featureStoreMethods,
  type GetFeaturesRequestGiven,
} from '../../runtime/grpc/generated/feature_store.ts';
import { noon } from '../online/online-world.ts';
import { call, callWithAll } from './grpc-client.ts';
import { type GrpcWorld, openGrpcWorld } from './grpc-world.ts';

let world: GrpcWorld;
let client: Client;

beforeEach(async () => {
  world = await openGrpcWorld({ vectorRows: 100, listedValues: 150 });
  client = world.client;
});
afterEach(() => world[Symbol.asyncDispose]());

const get = (given: GetFeaturesRequestGiven) => call(client, featureStoreMethods.getFeatures, given);
const batch = (given: BatchGetFeaturesRequestGiven) => call(client, featureStoreMethods.batchGetFeatures, given);

/** What is set of a value. */
function plain(value: FeatureValue): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined && field !== false));
}
const plainly = ({ features }: EntityFeatures) =>
  Object.fromEntries([...features].map(([name, value]) => [name, plain(value)]));

describe('GetFeatures', () => {
  it('answers by the names that were asked for', async () => {
    const answer = await get({
      entityId: 'ATL',
      featureNames: ['origin_delays:landed_1h', 'mean_delay_1h', 'airport_facts:name', 'origin_delays:fares_24h'],
    });
    expect(plainly(answer)).toEqual({
      'origin_delays:landed_1h': { intValue: 2, status: 0 },
      mean_delay_1h: { doubleValue: 15, status: 0 },
      'airport_facts:name': { stringValue: 'Atlanta', status: 0 },
      'origin_delays:fares_24h': { stringValue: '2.20', status: 0 },
    });
    expect(answer.readAt).toEqual({ seconds: (noon + 1_000) / 1_000, nanos: 0 });
  });

  it('tells of timestamps, lists, maps, absence, and when it happened', async () => {
    const facts = await get({ entityId: 'airport:ATL', featureNames: ['opened_at', 'runways'], withEventTimes: true });
    const eventTime = { seconds: noon / 1_000 - 1, nanos: 0 };
    expect(plainly(facts)).toMatchObject({
      opened_at: { timestampValue: { seconds: Date.parse('1976-09-15T00:00:00Z') / 1_000 }, eventTime },
      runways: { listValue: { values: [{ stringValue: '8L' }, { stringValue: undefined }, { stringValue: '26R' }] } },
    });
    const none = await get({ entityId: 'none', featureNames: ['airport_facts:name', 'origin_delays:landed_1h'] });
    expect(plainly(none)).toEqual({
      'airport_facts:name': { status: FeatureStatus.FEATURE_STATUS_NOT_FOUND },
      'origin_delays:landed_1h': { intValue: 0, status: 0 },
    });
    const keys = new Map([
      ['origin', { stringValue: 'ATL' }],
      ['destination', { stringValue: 'ORD' }],
    ]);
    const { features } = await get({ keys, featureNames: ['by_delay_1h'] });
    expect([...features.get('by_delay_1h')!.mapValue!.values].map(([key, { intValue }]) => [key, intValue])).toEqual([
      ['false', 1],
      ['true', 1],
    ]);
  });

  it('reads a service, with request-time inputs', async () => {
    const answer = await get({
      service: 'delay_model',
      keys: new Map([
        ['origin', { stringValue: 'ATL' }],
        ['destination', { stringValue: 'ORD' }],
      ]),
      request: new Map([['distanceMiles', { intValue: 1_200 }]]),
    });
    expect(plainly(answer)).toMatchObject({
      'origin_delays:landed_1h': { intValue: 2 },
      'route_delays:landed_1h': { intValue: 2 },
      'haul:is_long': { boolValue: true },
    });
    const alone = await get({
      entityId: 'ATL',
      featureNames: ['haul:long_and_late'],
      request: new Map([['distanceMiles', { intValue: 1_200 }]]),
    });
    expect(plainly(alone)).toEqual({ 'haul:long_and_late': { status: 0 } });
    expect(alone.features.get('haul:long_and_late')!.boolValue).toBe(false);
  });

  it('reads features without a key for whatever entity', async () => {
    expect(plainly(await get({ featureNames: ['network:landed_1m'] }))).toEqual({
      'network:landed_1m': { intValue: 0, status: 0 },
    });
  });

  it.each<[string, GetFeaturesRequestGiven, number, string, RegExp]>([
    ['no features', { entityId: 'ATL' }, status.INVALID_ARGUMENT, 'BAD_INPUT', /at least one, or a feature service/],
    ['no entity', { featureNames: ['name'] }, status.INVALID_ARGUMENT, 'BAD_INPUT', /no entity is named/],
    [
      'an unknown view',
      { entityId: 'ATL', featureNames: ['origin_delay:landed_1h'] },
      5,
      'UNKNOWN_NAME',
      /'origin_delays'/,
    ],
    [
      'an unknown feature',
      { entityId: 'ATL', featureNames: ['origin_delays:landed_2h'] },
      5,
      'UNKNOWN_NAME',
      /landed_1h/,
    ],
    ['an unknown bare name', { entityId: 'ATL', featureNames: ['nme'] }, 5, 'UNKNOWN_NAME', /'airport_facts:name'/],
    [
      'a name of several views',
      { entityId: 'ATL', featureNames: ['landed_1h'] },
      3,
      'BAD_INPUT',
      /origin_delays:landed_1h or route_delays:landed_1h/,
    ],
    ['a key of two parts', { entityId: 'ATL', featureNames: ['by_delay_1h'] }, 3, 'BAD_INPUT', /origin, destination/],
    ['another entity', { entityId: 'route:1', featureNames: ['name'] }, 3, 'BAD_INPUT', /write 'airport:route:1'/],
    ['an unknown service', { entityId: 'ATL', service: 'delay_mode' }, 5, 'UNKNOWN_NAME', /'delay_model'/],
    [
      'an unknown version',
      { entityId: 'ATL', service: 'delay_model', serviceVersion: 7 },
      5,
      'UNKNOWN_NAME',
      /one of 1/,
    ],
    ['both', { entityId: 'ATL', service: 'delay_model', featureNames: ['name'] }, 3, 'BAD_INPUT', /named twice/],
    ['a missing input', { entityId: 'ATL', featureNames: ['haul:is_long'] }, 3, 'BAD_INPUT', /distanceMiles/],
  ])('says what is wrong with %s', async (_what, given, code, asofCode, details) => {
    await expect(get(given)).rejects.toMatchObject({ code, asofCode, details: expect.stringMatching(details) });
  });

  it('takes a colon for a part of the key where no entity is named before it', async () => {
    const answer = await get({ entityId: 'airport:route:1', featureNames: ['name'] });
    expect(answer.features.get('name')!.stringValue).toBe('a key with a colon');
    expect((await get({ entityId: 'x:1', featureNames: ['name'] })).features.get('name')!.status).toBe(2);
  });
});

describe('BatchGetFeatures', () => {
  it('answers by entity, each once', async () => {
    const { features, rows } = await batch({
      entityIds: ['ATL', 'none', 'ATL', 'airport:JFK'],
      featureNames: ['origin_delays:landed_1h'],
    });
    expect([...features].map(([id, one]) => [id, one.features.get('origin_delays:landed_1h')!.intValue])).toEqual([
      ['ATL', 2],
      ['none', 0],
      ['airport:JFK', 1],
    ]);
    expect(rows).toEqual([]);
    expect((await batch({ featureNames: ['name'] })).features.size).toBe(0);
  });

  it('answers keys in their order, with inputs of each row', async () => {
    const key = (origin: string) => ({
      values: new Map([
        ['origin', { stringValue: origin }],
        ['destination', { stringValue: 'ORD' }],
      ]),
    });
    const miles = (intValue: number) => ({ values: new Map([['distanceMiles', { intValue }]]) });
    const { rows, features } = await batch({
      service: 'delay_model',
      keys: [key('JFK'), key('ATL'), key('JFK')],
      request: [miles(1), miles(2_000), miles(2_000)],
    });
    const told = rows.map((row) => [
      row.features.get('route_delays:landed_1h')!.intValue,
      row.features.get('haul:is_long')!.boolValue,
    ]);
    expect(told).toEqual([
      [1, false],
      [2, true],
      [1, true],
    ]);
    expect(features.size).toBe(0);
  });

  it('keeps to its limits', async () => {
    const entityIds = Array.from({ length: 101 }, (_, i) => `a${i}`);
    const refused = { code: status.RESOURCE_EXHAUSTED, asofCode: 'LIMIT_EXCEEDED' };
    await expect(batch({ entityIds, featureNames: ['name'] })).rejects.toMatchObject(refused);
    await expect(batch({ entityIds: entityIds.slice(1), featureNames: ['name', 'runways'] })).rejects.toMatchObject({
      ...refused,
      details: expect.stringMatching(/expected at most 150; got 200/),
    });
  });
});

describe('StreamFeatures', () => {
  it('answers each batch in turn, and goes on after one that it cannot answer', async () => {
    const ask = (id: string): BatchGetFeaturesRequestGiven => ({ entityIds: [id], featureNames: ['name'] });
    const asked = Array.from({ length: 100 }, (_, i) => ask(i % 2 === 0 ? 'ATL' : 'none'));
    const broken = { entityIds: ['ATL'], featureNames: ['nam'] };
    const answers = await callWithAll(client, featureStoreMethods.streamFeatures, [...asked, broken, ask('ATL')]);
    expect(answers).toHaveLength(102);
    const names = answers.map(({ features }) =>
      [...features].map(([id, one]) => [id, one.features.get('name')!.status]),
    );
    expect(names[0]).toEqual([['ATL', 0]]);
    expect(names[99]).toEqual([['none', FeatureStatus.FEATURE_STATUS_NOT_FOUND]]);
    expect(answers[100]!.failure).toMatchObject({ code: 'UNKNOWN_NAME', path: expect.stringContaining('nam') });
    expect(answers[101]!.failure).toBeUndefined();
  });
});

describe('one port', () => {
  it('serves HTTP/1 beside gRPC, whatever its first bytes', async () => {
    for (const method of ['GET', 'POST']) {
      const answer = await fetch(`http://127.0.0.1:${world.host.port}/hello`, { method });
      expect(await answer.text()).toBe('over HTTP/1');
    }
    await get({ entityId: 'ATL', featureNames: ['name'] });
    expect((await world.metrics.expose()).text).toMatch(
      /grpc_server_handled_total\{grpc_service="FeatureStore",grpc_method="GetFeatures",grpc_code="OK"\} \d/,
    );
  });
});
