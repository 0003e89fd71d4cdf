import { tableFromIPC } from 'apache-arrow';
import { unpack } from 'msgpackr';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSystemClock } from '../../adapters/clock/system-clock.ts';
import { createGateway } from '../../gateway/gateway.ts';
import { createRemoteSubgraph, type RemoteSubgraph } from '../../gateway/remote-subgraph.ts';
import { fixedGraph, type GraphSource } from '../../runtime/graph.ts';
import { createGraphqlDoor } from '../../runtime/graphql-door.ts';
import { type HttpHost, startHttpHost } from '../../runtime/http-host.ts';
import type { Route } from '../../runtime/http-route.ts';
import { createLogger } from '../../runtime/logging.ts';
import { createMetrics } from '../../runtime/metrics.ts';
import { sdlRoute } from '../../runtime/sdl-route.ts';
import { onlineTypeDefs } from '../../subgraphs/online/subgraph.ts';
import { createShardedStore } from '../doubles/sharded-store.ts';
import { createOnlineWorld, noon } from './online-world.ts';

/** The online process, and a gateway before it. */
let online: HttpHost;
let front: HttpHost;
/** Who is asked. */
let host: HttpHost;
let remote: RemoteSubgraph;
let isSilent: boolean;

beforeEach(async () => {
  isSilent = false;
  const store = createShardedStore();
  const silent = {
    ...store,
    getMany: (keys: readonly string[]) => (isSilent ? new Promise<never>(() => {}) : store.getMany(keys)),
  };
  const world = await createOnlineWorld({ store: silent });
  const landedAt = new Date(noon - 60_000).toISOString();
  await world.apply('landings', [
    { flightId: 1, landedAt, origin: 'ATL', destination: 'ORD', delayMinutes: 20, fare: '1.10' },
  ]);
  await world.clock.advance(1_000);
  const logger = createLogger({ name: 'test', level: 'silent' });
  const systemClock = createSystemClock();
  const listen = (source: GraphSource, more: readonly Route[] = []) => {
    const door = createGraphqlDoor({ source, metrics: createMetrics(), logger, systemClock, defaultQuery: null });
    const { upgrades } = door;
    const routes = [...door.routes, ...more];
    return startHttpHost({ host: '127.0.0.1', port: 0, authenticator: null, routes, upgrades, logger, systemClock });
  };
  const typeDefs = onlineTypeDefs(world.registry);
  online = await listen(fixedGraph(world.graph), [sdlRoute(() => typeDefs)]);
  const urls = [`http://127.0.0.1:${online.port}`];
  remote = createRemoteSubgraph({ name: 'online', urls, token: () => null, queryMillis: 10_000 }, systemClock);
  const gateway = createGateway({ metrics: createMetrics(), logger });
  await gateway.update([{ name: 'online', url: urls[0]!, typeDefs, execute: remote.execute, direct: remote.direct }]);
  front = await listen(gateway);
  host = online;
});
afterEach(async () => {
  await front.close(0);
  await remote.close();
  await online.close(0);
});

const asked = {
  service: 'delay_model',
  keys: { origin: ['ATL', 'none'], destination: 'ORD' },
  request: { distanceMiles: 1_200 },
};

async function post(body: unknown, headers: Record<string, string> = {}, path = '/v1/features') {
  const answer = await fetch(`http://127.0.0.1:${host.port}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return {
    status: answer.status,
    type: answer.headers.get('content-type'),
    bytes: Buffer.from(await answer.arrayBuffer()),
  };
}

const json = ({ bytes }: { bytes: Buffer }): unknown => JSON.parse(bytes.toString());

describe('a store that does not answer', () => {
  it.each([
    ['/v1/features', asked, 503],
    ['/graphql', { query: '{ airport(iata: "ATL") { originDelays { landed1h } } }' }, 200],
  ])('keeps nobody at %s for longer than he waits', async (path, body, status) => {
    isSilent = true;
    const answer = await post(body, { 'x-asof-deadline-ms': '20' }, path);
    expect(answer.status).toBe(status);
    expect(json(answer)).toMatchObject({ errors: [{ extensions: { code: 'UNAVAILABLE' } }] });
  });
});

describe('POST /v1/features', () => {
  it('refuses a deadline that is none', async () => {
    const answer = await post(asked, { 'x-asof-deadline-ms': '1.5' });
    expect(answer.status).toBe(400);
    expect(json(answer)).toMatchObject({ errors: [{ extensions: { code: 'BAD_INPUT', path: 'x-asof-deadline-ms' } }] });
  });

  it('answers as featureVectors does', async () => {
    const answer = await post(asked);
    expect(answer).toMatchObject({ status: 200, type: 'application/json; charset=utf-8' });
    const query = `query ($keys: JSON, $request: JSON) {
      featureVectors(service: "delay_model", keys: $keys, request: $request) {
        service version readAt names values statuses
      }
    }`;
    const overGraphql = await fetch(`http://127.0.0.1:${host.port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables: asked }),
    });
    const { data } = (await overGraphql.json()) as {
      data: { featureVectors: { names: string[]; values: unknown[][] } };
    };
    expect(json(answer)).toEqual(data.featureVectors);
    const { names, values } = data.featureVectors;
    expect(values[names.indexOf('haul.is_long')]).toEqual([true, true]);
  });

  it('answers the same through a gateway in a process of its own, errors included', async () => {
    const select = ['rows', 'names', 'values', 'statuses', 'defaulted', 'eventTimes'];
    for (const body of [
      { ...asked, select },
      { ...asked, service: 'nothing' },
      { ...asked, version: 'x' },
    ]) {
      host = online;
      const here = await post(body);
      host = front;
      const there = await post(body);
      expect(there.status).toBe(here.status);
      const [errors] = [here, there].map((answer) => (json(answer) as { errors?: { extensions: object }[] }).errors);
      if (errors === undefined) expect(json(there)).toEqual(json(here));
      else expect(json(there)).toMatchObject({ errors: [{ extensions: errors[0]!.extensions }] });
    }
  });

  it('answers with the columns that are selected, as MessagePack where that is accepted', async () => {
    const select = ['values', 'eventTimes', 'rows'];
    const asJson = json(await post({ ...asked, select }));
    expect(Object.keys(asJson as object)).toEqual(['rows', 'values', 'eventTimes']);
    for (const accept of ['application/vnd.msgpack', 'application/msgpack;q=0.9, application/json;q=0.5']) {
      const packed = await post({ ...asked, select }, { accept });
      expect(packed).toMatchObject({ status: 200, type: 'application/vnd.msgpack' });
      expect(unpack(packed.bytes)).toEqual(asJson);
    }
  });

  it('answers as a stream of Arrow where that is accepted, from either process', async () => {
    const expected = json(await post(asked)) as Record<'names' | 'values' | 'statuses', unknown[]>;
    for (const from of [online, front]) {
      host = from;
      const answer = await post({ ...asked, select: ['statuses'] }, { accept: 'application/vnd.apache.arrow.stream' });
      expect(answer).toMatchObject({ status: 200, type: 'application/vnd.apache.arrow.stream' });
      const table = tableFromIPC(answer.bytes);
      expect(table.schema.metadata.get('service')).toBe('delay_model');
      const column = (name: string) => [...table.getChild(name)!];
      expect(table.schema.fields.map(({ name }) => name)).toEqual([
        ...expected.names,
        ...expected.names.map((name) => `${name}__status`),
      ]);
      expect(expected.names.map((name) => column(`${name}__status`))).toEqual(expected.statuses);
      const place = expected.names.indexOf('haul.is_long');
      expect(column('haul.is_long')).toEqual(expected.values[place]);
      expect(String(table.getChild('haul.is_long')!.type)).toBe('Bool');
    }
  });

  it.each([
    ['a service that is not there', { ...asked, service: 'delay_modle' }, 404, 'UNKNOWN_NAME'],
    ['a key that is missing', { ...asked, keys: { origin: ['ATL'] } }, 400, 'BAD_INPUT'],
    ['a version that is none', { ...asked, version: 'x' }, 400, 'BAD_USER_INPUT'],
    ['no service', { keys: {} }, 400, 'BAD_INPUT'],
    ['a field that is not known', { ...asked, entities: {} }, 400, 'BAD_INPUT'],
    ['a column that is not known', { ...asked, select: ['value'] }, 400, 'BAD_INPUT'],
    ['no column', { ...asked, select: [] }, 400, 'BAD_INPUT'],
    ['a list', [], 400, 'BAD_INPUT'],
    ['what is not JSON', '{', 400, 'BAD_INPUT'],
    ['too many rows', { ...asked, keys: { origin: Array(10_001).fill('A'), destination: 'B' } }, 413, 'LIMIT_EXCEEDED'],
  ])('refuses %s', async (_what, body, status, code) => {
    const answer = await post(body);
    expect(answer.status, String(answer.bytes)).toBe(status);
    expect(json(answer)).toMatchObject({ errors: [{ extensions: { code } }] });
  });
});
