import { describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { createManualClock } from '../adapters/clock/manual-clock.ts';
import { clientOf, collect, ok, post, startProcess, until } from '../test/gateway/tiny-process.ts';

describe('GraphQL over WebSocket', () => {
  it('answers queries, mutations and subscriptions', async () => {
    const { host, world, metrics } = await startProcess();
    const client = clientOf(host);
    expect(await collect(client, ok.query)).toEqual([{ data: { airport: { delay: 7 } } }]);
    expect(await collect(client, 'mutation { add(by: 1) }')).toEqual([{ data: { add: 2 } }]);
    const events = client.iterate({ query: 'subscription { airportChanged(iata: ["ATL"]) { delay view { owner } } }' });
    const first = events.next();
    await until(() => world.listening() === 1);
    expect((await metrics.subscriptionsOpen.get()).values[0]?.value).toBe(1);
    world.publish('ATL');
    expect((await first).value).toEqual({ data: { airportChanged: { delay: 7, view: { owner: 'ops' } } } });
    await events.return?.();
    await until(() => world.listening() === 0);
    expect((await metrics.subscriptionsOpen.get()).values[0]?.value).toBe(0);
  });

  it('masks and limits as HTTP does', async () => {
    const { host } = await startProcess({ limits: { depth: 2 } });
    const client = clientOf(host);
    expect(await collect(client, 'mutation { fail(kind: "unexpected") }')).toMatchObject([
      { data: { fail: null }, errors: [{ extensions: { code: 'INTERNAL' }, path: ['fail'] }] },
    ]);
    const refusal = (query: string) => collect(client, query).catch((errors: unknown) => errors);
    expect(await refusal('{ airport(iata: "ATL") { view { owner } } }')).toMatchObject([
      { extensions: { code: 'LIMIT_EXCEEDED' } },
    ]);
    expect(await refusal('{ airport(')).toMatchObject([{ extensions: { code: 'GRAPHQL_PARSE_FAILED' } }]);
    expect(await refusal('{ nothing }')).toMatchObject([{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }]);
    for (const left of [
      'airportChanged(iata: ["ATL"]) @skip(if: true) { delay }',
      '... @include(if: false) { __typename }',
    ]) {
      expect(await refusal(`subscription { ${left} }`)).toContainEqual(
        expect.objectContaining({ extensions: { code: 'BAD_INPUT' } }),
      );
    }
  });

  it('survives the swap of the graph: old subscriptions go on, new ones see the new fields', async () => {
    const { host, world, update } = await startProcess();
    const client = clientOf(host);
    const events = client.iterate({ query: 'subscription { airportChanged(iata: ["ATL"]) { revision } }' });
    const first = events.next();
    await until(() => world.listening() === 1);
    await update(2);
    expect((await post(host, { query: '{ airport(iata: "ATL") { added } }' })).body).toEqual({
      data: { airport: { added: 'new' } },
    });
    expect(await collect(client, '{ airport(iata: "ATL") { added } }')).toEqual([
      { data: { airport: { added: 'new' } } },
    ]);
    world.publish('ATL');
    expect((await first).value).toEqual({ data: { airportChanged: { revision: 1 } } });
    await events.return?.();
  });

  it('frees everything when the socket is cut', async () => {
    const { host, world } = await startProcess();
    const socket = new WebSocket(`ws://127.0.0.1:${host.port}/graphql`, 'graphql-transport-ws');
    await new Promise((resolve) => socket.once('open', resolve));
    socket.send('{"type":"connection_init"}');
    await new Promise((resolve) => socket.once('message', resolve));
    const query = 'subscription { airportChanged(iata: [\\"ATL\\"]) { delay } }';
    socket.send(`{"type":"subscribe","id":"1","payload":{"query":"${query}"}}`);
    await until(() => world.listening() === 1);
    socket.terminate();
    await until(() => world.listening() === 0);
  });

  it('has clients connect anew when the process stops: answers first, reads no more, and ends subscriptions', async () => {
    const { host, world } = await startProcess();
    const socket = new WebSocket(`ws://127.0.0.1:${host.port}/graphql`, 'graphql-transport-ws');
    await new Promise((resolve) => socket.once('open', resolve));
    const heard: unknown[] = [];
    socket.on('message', (message) => heard.push(JSON.parse(String(message))));
    const ended = new Promise((resolve) => socket.once('close', (code) => resolve(code)));
    const ask = (id: string, query: string) =>
      socket.send(JSON.stringify({ type: 'subscribe', id, payload: { query } }));
    socket.send('{"type":"connection_init"}');
    await until(() => heard.length === 1);
    ask('live', 'subscription { airportChanged(iata: ["ATL"]) { delay } }');
    ask('slow', '{ slow }');
    await until(() => world.listening() === 1 && world.slowAnswers.length === 1);
    const closed = host.close(60_000);
    ask('late', 'mutation { add(by: 1) }');
    // What was sent before it is read before it.
    await new Promise((resolve) => {
      socket.once('pong', resolve);
      socket.ping();
    });
    world.slowAnswers[0]!(3);
    expect(await ended).toBe(1012);
    expect(heard).toEqual([
      { type: 'connection_ack' },
      { type: 'next', id: 'slow', payload: { data: { slow: 3 } } },
      { type: 'complete', id: 'slow' },
    ]);
    await closed;
    expect(world.listening()).toBe(0);
  });

  it('bounds the subscriptions of a socket', async () => {
    const { host, world } = await startProcess({ limits: { subscriptionsPerSocket: 2 } });
    const client = clientOf(host);
    const query = 'subscription { airportChanged(iata: ["ATL"]) { delay } }';
    const live = [client.iterate({ query }), client.iterate({ query })];
    for (const one of live) void one.next();
    await until(() => world.listening() === 2);
    await expect(client.iterate({ query }).next()).rejects.toMatchObject([{ extensions: { code: 'LIMIT_EXCEEDED' } }]);
    expect(world.listening()).toBe(2);
    for (const one of live) await one.return?.();
  });

  it.each([
    ['text that is no message', 'hello', 4400],
    ['a message without type', '{}', 4400],
    ['a subscription before the greeting', '{"type":"subscribe","id":"1","payload":{"query":"{ slow }"}}', 4401],
  ])('closes on %s and serves the others', async (_what, message, code) => {
    const { host } = await startProcess();
    const socket = new WebSocket(`ws://127.0.0.1:${host.port}/graphql`, 'graphql-transport-ws');
    await new Promise((resolve) => socket.once('open', resolve));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.send(message);
    expect(await closed).toBe(code);
    expect((await post(host, ok)).status).toBe(200);
  });

  it('closes on a message that is too long', async () => {
    const { host } = await startProcess({ limits: { bodyBytes: 1_000 } });
    const socket = new WebSocket(`ws://127.0.0.1:${host.port}/graphql`, 'graphql-transport-ws');
    await new Promise((resolve) => socket.once('open', resolve));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.send('x'.repeat(2_000));
    expect(await closed).toBe(1009);
  });

  it.each([
    ['a page of another origin', { origin: 'http://evil.example' }, 403],
    ['a foreign host', { host: 'evil.example' }, 403],
  ])('refuses %s', async (_what, headers, status) => {
    const { host } = await startProcess();
    const socket = new WebSocket(`ws://127.0.0.1:${host.port}/graphql`, 'graphql-transport-ws', { headers });
    const answered = await new Promise((resolve) => {
      socket.once('unexpected-response', (_request, response) => resolve(response.statusCode));
    });
    expect(answered).toBe(status);
  });

  it('drops a client that answers no pings', async () => {
    const clock = createManualClock({ at: 0 });
    const { host } = await startProcess({ clock });
    const socket = new WebSocket(`ws://127.0.0.1:${host.port}/graphql`, 'graphql-transport-ws', { autoPong: false });
    await new Promise((resolve) => socket.once('open', resolve));
    const pinged = new Promise((resolve) => socket.once('ping', resolve));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await until(() => clock.sleeping > 0);
    await clock.advance(12_000);
    await pinged;
    await clock.advance(12_000);
    expect(await closed).toBe(1006);
  });
});
