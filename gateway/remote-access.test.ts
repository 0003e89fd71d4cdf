import { parse } from 'graphql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSystemClock } from '../adapters/clock/system-clock.ts';
import { createTokenAuthenticator, type TokenAuthenticator } from '../runtime/access/authenticator.ts';
import type { Principal } from '../runtime/access/principal.ts';
import { digestOf } from '../runtime/access/token-file.ts';
import { type GraphResult, isStream } from '../runtime/graph.ts';
import { sdlRoute } from '../runtime/sdl-route.ts';
import { at, startProcess, until } from '../test/gateway/tiny-process.ts';
import { httpProxy } from './http-proxy.ts';
import { createRemoteSubgraph, type RemoteSubgraph } from './remote-subgraph.ts';

const former = 'former-horse-battery';
const newer = 'newer-horse-battery';
const reader: Principal = { name: 'notebook', role: 'reader', isGateway: false };
const writer: Principal = { name: 'app', role: 'writer', isGateway: false };
const admin: Principal = { name: 'ops', role: 'admin', isGateway: false };

let behind: TokenAuthenticator;
let process: Awaited<ReturnType<typeof startProcess>>;
let remote: RemoteSubgraph;
/** What the gateway shows. */
let shown: string | null;

beforeEach(async () => {
  shown = former;
  behind = createTokenAuthenticator({ gateway: [digestOf(former)] });
  const mutationRoles = new Map([['add', 'writer' as const]]);
  const routes = [sdlRoute(() => 'type Query { a: Int }')];
  process = await startProcess({ authenticator: behind, needs: 'gateway', mutationRoles, routes });
  const address = { name: 'online', urls: [at(process.host, '')], token: () => shown, queryMillis: 10_000 };
  remote = createRemoteSubgraph(address, createSystemClock());
});
afterEach(() => remote.close());

const request = (text: string, principal: Principal) => ({
  document: parse(text),
  operationName: null,
  variables: {},
  requestId: 'r1',
  principal,
  signal: new AbortController().signal,
});

async function ask(text: string, principal: Principal): Promise<GraphResult> {
  const answer = await remote.execute(request(text, principal));
  if (isStream(answer)) throw new Error('a stream');
  return JSON.parse(JSON.stringify(answer));
}

describe('between gateway and subgraph', () => {
  it('who asks counts in both', async () => {
    expect(await ask('mutation { add(by: 1) }', writer)).toEqual({ data: { add: 2 } });
    expect(await ask('mutation { add(by: 1) }', reader)).toMatchObject({
      errors: [
        {
          message: expect.stringContaining("'notebook' may not use the mutation add"),
          extensions: { code: 'FORBIDDEN' },
        },
      ],
    });
    expect(await ask('mutation { fail(kind: "expected") }', admin)).toMatchObject({
      errors: [{ extensions: { code: 'UNKNOWN_NAME' } }],
    });
  });

  it('an answer without errors is passed on byte for byte, another is read', async () => {
    const direct = (text: string) => remote.direct(parse(text), null)?.({ variables: {}, principal: reader });
    const text = '{ airport(iata: "ATL") { delay } }';
    expect(String(await direct(text))).toBe('{"data":{"airport":{"delay":7}}}\n');
    expect(await direct('{ airport(iata: "XXX") { delay } nowhere }')).toMatchObject({
      errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
    });
    expect(remote.direct(parse('mutation { add(by: 1) }'), null)).toBeNull();
    // What may take long is watched, and ends when its client leaves.
    const slow = createRemoteSubgraph(
      { name: 'offline', urls: [at(process.host, '')], token: () => shown },
      createSystemClock(),
    );
    expect(slow.direct(parse(text), null)).toBeNull();
    await slow.close();
    shown = newer;
    await expect(direct(text)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('only the gateway is told how an answer came out', async () => {
    const { host } = await startProcess();
    const post = async (more: Record<string, string>) => {
      const body = JSON.stringify({ query: '{ airport(iata: "ATL") { delay } }' });
      const headers = { 'content-type': 'application/json', ...more };
      return (await fetch(at(host, '/graphql'), { method: 'POST', headers, body })).headers.get('asof-outcome');
    };
    expect(await post({})).toBeNull();
    expect(await post({ 'asof-principal': 'reader notebook' })).toBe('ok');
  });

  it('subscriptions of several principals share a socket', async () => {
    const text = 'subscription { airportChanged(iata: ["ATL"]) { delay } }';
    const streams = await Promise.all([reader, admin].map((principal) => remote.execute(request(text, principal))));
    const first = streams.map((stream) => (isStream(stream) ? stream.next() : null));
    await until(() => process.world.listening() === 2);
    expect((await process.metrics.socketsOpen.get()).values[0]?.value).toBe(1);
    process.world.publish('ATL');
    for (const event of first) expect(await event).toMatchObject({ value: { data: { airportChanged: { delay: 7 } } } });
    for (const stream of streams) if (isStream(stream)) await stream.return();
  });

  it('a token that is not taken is our fault, not that of who asks', async () => {
    for (const wrong of [null, newer]) {
      shown = wrong;
      await expect(ask('{ airport(iata: "ATL") { delay } }', reader)).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        details: { got: "it refuses the gateway's token" },
      });
      await expect(remote.readSdl(null, new AbortController().signal)).rejects.toThrow('no SDL: status 401');
    }
  });

  it('the token is changed without a request that fails', async () => {
    const query = () => ask('{ airport(iata: "ATL") { delay } }', reader);
    const answered = { data: { airport: { delay: 7 } } };
    behind.replace({ gateway: [digestOf(former), digestOf(newer)] });
    expect(await query()).toEqual(answered);
    shown = newer;
    expect(await query()).toEqual(answered);
    behind.replace({ gateway: [digestOf(newer)] });
    expect(await query()).toEqual(answered);
    shown = former;
    await expect(query()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('files are asked for in the name of who asks', async () => {
    const asked: (string | string[] | undefined)[] = [];
    const { host } = await startProcess({
      authenticator: behind,
      needs: 'gateway',
      routes: [
        {
          path: '/datasets/',
          methods: ['GET'],
          async handle(asking, response, { principal }) {
            asked.push(asking.headers['asof-principal'], `${principal.role} ${principal.name}`);
            response.end('rows');
          },
        },
      ],
    });
    const token = 'clients-horse-battery';
    const door = await startProcess({
      authenticator: createTokenAuthenticator({ clients: [{ ...reader, name: 'notebook', digest: digestOf(token) }] }),
      routes: [
        httpProxy(
          { path: '/datasets/', methods: ['GET', 'HEAD'] },
          { name: 'offline', urls: [at(host, '')], token: () => former },
        ),
      ],
    });
    const file = at(door.host, '/datasets/d1/rows.parquet');
    expect((await fetch(file)).status).toBe(401);
    // What only the gateway may say is not passed on from a client.
    const headers = { authorization: `Bearer ${token}`, 'asof-principal': 'admin ops' };
    expect(await (await fetch(file, { headers })).text()).toBe('rows');
    expect(asked).toEqual(['reader notebook', 'reader notebook']);
    expect((await fetch(at(host, '/datasets/d1/rows.parquet'), { headers })).status).toBe(401);
  });
});
