import { createClient } from 'graphql-ws';
import { describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { at, clientOf, collect, ok, post, startProcess, until } from '../../test/gateway/tiny-process.ts';
import { createTokenAuthenticator, type TokenAuthenticator } from './authenticator.ts';
import type { AccessRole } from './principal.ts';
import { digestOf } from './token-file.ts';

const tokens = {
  reader: 'reader-horse-battery',
  writer: 'writer-horse-battery',
  admin: 'admin-horse-battery',
} as const;
const gatewayToken = 'gateway-horse-battery';
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const add = 'mutation { add(by: 1) }';

function known(roles: readonly AccessRole[]) {
  return roles.map((role) => ({ name: `a-${role}`, role, digest: digestOf(tokens[role]) }));
}

function authenticator(): TokenAuthenticator {
  return createTokenAuthenticator({
    clients: known(['reader', 'writer', 'admin']),
    gateway: [digestOf(gatewayToken)],
  });
}

/** As a browser does it: no header, and this payload of connection_init. Resolves with what came before the close. */
function greet(port: number, payload: object | null): Promise<string> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, 'graphql-transport-ws');
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('open', () => socket.send(JSON.stringify({ type: 'connection_init', ...(payload && { payload }) })));
    socket.once('message', (message) => {
      resolve(JSON.parse(String(message)).type);
      socket.close();
    });
    socket.once('close', (code, reason) => resolve(`${code} ${reason}`));
  });
}

describe('roles', () => {
  const mutationRoles = new Map([['add', 'writer' as const]]);

  it('hold on HTTP', async () => {
    const { host } = await startProcess({ authenticator: authenticator(), mutationRoles });
    expect((await post(host, ok, bearer(tokens.reader))).body).toEqual({ data: { airport: { delay: 7 } } });
    const refused = await post(host, { query: add }, bearer(tokens.reader));
    expect(refused.body).toMatchObject({
      data: null,
      errors: [
        {
          message: expect.stringContaining("'a-reader' may not use the mutation add"),
          extensions: {
            code: 'FORBIDDEN',
            expected: 'a token with the role writer or admin',
            got: 'the role reader',
            remedy: expect.any(String),
          },
        },
      ],
    });
    expect((await post(host, { query: add }, bearer(tokens.writer))).body).toEqual({ data: { add: 2 } });
    const undeclared = { query: 'mutation { fail(kind: "expected") }' };
    expect((await post(host, undeclared, bearer(tokens.writer))).body.errors[0].extensions.code).toBe('FORBIDDEN');
    expect((await post(host, undeclared, bearer(tokens.admin))).body.errors[0].extensions.code).toBe('UNKNOWN_NAME');
  });

  it('hold on WebSocket', async () => {
    const { host } = await startProcess({ authenticator: authenticator(), mutationRoles });
    const reader = clientOf(host, bearer(tokens.reader));
    expect(await collect(reader, ok.query)).toEqual([{ data: { airport: { delay: 7 } } }]);
    expect(await collect(reader, add)).toMatchObject([{ data: null, errors: [{ extensions: { code: 'FORBIDDEN' } }] }]);
    expect(await collect(clientOf(host, bearer(tokens.writer)), add)).toEqual([{ data: { add: 2 } }]);
  });

  it('leave health, the home page and the page of GraphiQL open, and nothing that tells of the store', async () => {
    const { host } = await startProcess({ authenticator: authenticator() });
    const status = async (path: string, headers = {}) => (await fetch(at(host, path), { headers })).status;
    for (const path of ['/healthz', '/readyz', '/']) expect(await status(path), path).toBe(200);
    expect(await status('/graphql', { accept: 'text/html' })).toBe(200);
    const schema = `/graphql?query=${encodeURIComponent('{ __schema { types { name } } }')}`;
    expect(await status(schema, { accept: 'application/json' })).toBe(401);
    expect(await status('/metrics')).toBe(401);
    expect(await status('/metrics', bearer(tokens.reader))).toBe(200);
  });
});

describe('a WebSocket of a browser, which cannot set headers', () => {
  it('is accepted by the token in connection_init, and closed with 4403 without', async () => {
    const { host } = await startProcess({ authenticator: authenticator() });
    expect(await greet(host.port, bearer(tokens.reader))).toBe('connection_ack');
    expect(await greet(host.port, { Authorization: `Bearer ${tokens.reader}` })).toBe('connection_ack');
    expect(await greet(host.port, null)).toBe('4403 no valid token');
    expect(await greet(host.port, bearer('unknown-horse-battery'))).toBe('4403 no valid token');
    expect(await greet(host.port, { authorization: 7 })).toBe('4403 no valid token');
  });

  it('is closed with 4401 when it asks before it said who it is', async () => {
    const { host, world } = await startProcess({ authenticator: authenticator() });
    const socket = new WebSocket(`ws://127.0.0.1:${host.port}/graphql`, 'graphql-transport-ws');
    await new Promise((resolve) => socket.once('open', resolve));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.send('{"type":"subscribe","id":"1","payload":{"query":"{ slow }"}}');
    expect(await closed).toBe(4401);
    expect(world.signals).toHaveLength(0);
  });

  it('cannot take another role by a second token, nor by what only the gateway may say', async () => {
    const { host } = await startProcess({ authenticator: authenticator() });
    const client = createClient({
      url: `ws://127.0.0.1:${host.port}/graphql`,
      retryAttempts: 0,
      connectionParams: bearer(tokens.admin),
      webSocketImpl: class extends WebSocket {
        constructor(address: string, protocols: string[]) {
          super(address, protocols, { headers: bearer(tokens.reader) });
        }
      },
    });
    const results = client.iterate({ query: add, extensions: { 'asof-principal': 'admin ops' } });
    expect((await results.next()).value).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
    await client.dispose();
  });
});

describe('a token that is good no more', () => {
  it('ends its sockets with 4403 and leaves those of others', async () => {
    const tokensNow = authenticator();
    const { host, world } = await startProcess({ authenticator: tokensNow });
    const query = 'subscription { airportChanged(iata: ["ATL"]) { delay } }';
    const [kept, ended] = [tokens.reader, tokens.writer].map((token) => {
      const events = clientOf(host, bearer(token)).iterate({ query });
      return { events, first: events.next().catch((error: unknown) => error) };
    }) as [Subscribed, Subscribed];
    await until(() => world.listening() === 2);
    tokensNow.replace({ clients: known(['reader']) });
    expect(await ended.first).toMatchObject({ code: 4403, reason: 'no valid token' });
    await until(() => world.listening() === 1);
    world.publish('ATL');
    expect(await kept.first).toMatchObject({ value: { data: { airportChanged: { delay: 7 } } } });
    await kept.events.return?.();
    expect((await post(host, ok, bearer(tokens.writer))).status).toBe(401);
  });

  it('loses a role for the next operation of a socket that is open', async () => {
    const tokensNow = authenticator();
    const { host } = await startProcess({ authenticator: tokensNow, mutationRoles: new Map([['add', 'writer']]) });
    const client = clientOf(host, bearer(tokens.writer));
    const query = 'subscription { airportChanged(iata: ["ATL"]) { delay } }';
    const open = client.iterate({ query });
    void open.next();
    expect(await collect(client, add)).toEqual([{ data: { add: 2 } }]);
    tokensNow.replace({ clients: known(['writer']).map((token) => ({ ...token, role: 'reader' })) });
    expect(await collect(client, add)).toMatchObject([{ errors: [{ extensions: { code: 'FORBIDDEN' } }] }]);
    await open.return?.();
  });
});

describe('subscriptions of one token', () => {
  it('are as many as it may have on all of its sockets, and others have theirs', async () => {
    const { host } = await startProcess({ authenticator: authenticator(), limits: { subscriptionsPerClient: 2 } });
    const query = 'subscription { airportChanged(iata: ["ATL"]) { delay } }';
    const reader = [0, 1, 2].map(() => clientOf(host, bearer(tokens.reader)));
    const open = reader.slice(0, 2).map((client) => client.iterate({ query }));
    for (const one of open) void one.next();
    const metric = async () => (await fetch(at(host, '/metrics'), { headers: bearer(tokens.reader) })).text();
    await until(async () => (await metric()).includes('asof_graphql_subscriptions_open 2'));
    expect(await collect(reader[2]!, query)).toMatchObject([{ errors: [{ extensions: { code: 'LIMIT_EXCEEDED' } }] }]);
    const other = clientOf(host, bearer(tokens.writer)).iterate({ query });
    void other.next();
    await until(async () => (await metric()).includes('asof_graphql_subscriptions_open 3'));
    await open[0]!.return?.();
    await until(async () => (await metric()).includes('asof_graphql_subscriptions_open 2'));
    const again = reader[2]!.iterate({ query });
    void again.next();
    await until(async () => (await metric()).includes('asof_graphql_subscriptions_open 3'));
    for (const one of [open[1]!, other, again]) await one.return?.();
  });
});

describe('a process behind the gateway', () => {
  it('serves the gateway, whoever else has a token sees its metrics only', async () => {
    const { host } = await startProcess({ authenticator: authenticator(), needs: 'gateway' });
    const refused = await post(host, ok, bearer(tokens.admin));
    expect([refused.status, refused.body.errors[0].extensions.code]).toEqual([403, 'FORBIDDEN']);
    expect((await fetch(at(host, '/metrics'), { headers: bearer(tokens.reader) })).status).toBe(200);
    expect(await greet(host.port, bearer(tokens.admin))).toBe('4403 /graphql is for the gateway only');
    expect(await greet(host.port, bearer(gatewayToken))).toBe('connection_ack');
  });

  it('takes the word of the gateway for whom it asks', async () => {
    const { host } = await startProcess({ authenticator: authenticator(), needs: 'gateway' });
    const asked = (told: string) =>
      post(host, { query: add }, { ...bearer(gatewayToken), 'asof-principal': told }).then(({ body }) => body);
    expect(await asked('admin ops')).toEqual({ data: { add: 2 } });
    expect(await asked('reader ops')).toMatchObject({
      errors: [{ message: expect.stringContaining("'ops' may not use the mutation add") }],
    });
    expect(await asked('root ops')).toMatchObject({ errors: [{ extensions: { code: 'BAD_INPUT' } }] });
  });
});

interface Subscribed {
  readonly events: AsyncIterableIterator<unknown>;
  readonly first: Promise<unknown>;
}
