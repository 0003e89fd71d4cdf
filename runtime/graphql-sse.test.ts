import { describe, expect, it } from 'vitest';
import { createManualClock } from '../adapters/clock/manual-clock.ts';
import { at, startProcess, until } from '../test/gateway/tiny-process.ts';
import { createTokenAuthenticator } from './access/authenticator.ts';
import { digestOf } from './access/token-file.ts';

type Host = Parameters<typeof at>[0];

async function listen(
  host: Host,
  query: string,
  more: { signal?: AbortSignal; headers?: Record<string, string> } = {},
) {
  const response = await fetch(at(host), {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...more.headers },
    body: JSON.stringify({ query }),
    ...(more.signal && { signal: more.signal }),
  });
  const decoder = new TextDecoder();
  let text = '';
  const read = (async () => {
    for await (const chunk of response.body!) text += decoder.decode(chunk as Uint8Array, { stream: true });
  })();
  read.catch(() => {});
  /** `[event, data]` of those that came. */
  const events = () =>
    text
      .split('\n\n')
      .filter((part) => part.startsWith('event: '))
      .map((part) => part.split('\n').map((line) => line.replace(/^\w+: /, '')));
  return { response, events, ended: read, text: () => text };
}

const changes = 'subscription { airportChanged(iata: ["ATL"]) { delay } }';
const changed = JSON.stringify({ data: { airportChanged: { delay: 7 } } });

describe('GraphQL over Server-Sent Events', () => {
  it('sends the results of a subscription until the client leaves, and then stops its source', async () => {
    const { host, world, metrics } = await startProcess();
    const leaving = new AbortController();
    const { response, events } = await listen(host, changes, { signal: leaving.signal });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    await until(() => world.listening() === 1);
    world.publish('ATL');
    await until(() => events().length === 1);
    world.publish('ATL');
    await until(() => events().length === 2);
    expect(events()).toEqual([
      ['next', changed],
      ['next', changed],
    ]);
    expect((await metrics.subscriptionsOpen.get()).values[0]?.value).toBe(1);
    leaving.abort();
    await until(() => world.listening() === 0);
    expect((await metrics.subscriptionsOpen.get()).values[0]?.value).toBe(0);
  });

  it('answers queries and mutations once', async () => {
    const { host } = await startProcess();
    for (const [query, data] of [
      ['{ airport(iata: "ATL") { delay } }', { airport: { delay: 7 } }],
      ['mutation { add(by: 1) }', { add: 2 }],
    ] as const) {
      const { ended, events } = await listen(host, query);
      await ended;
      expect(events()).toEqual([
        ['next', JSON.stringify({ data })],
        ['complete', ''],
      ]);
    }
  });

  it('takes an address, as browsers have it, but no mutation in one', async () => {
    const { host } = await startProcess();
    const ask = (query: string, headers = {}) =>
      fetch(at(host, `/graphql?query=${encodeURIComponent(query)}&variables={"i":"ATL"}`), {
        headers: { accept: 'text/event-stream', ...headers },
      });
    const named = 'query ($i: String!) { airport(iata: $i) { delay } }';
    expect(await (await ask(named)).text()).toContain(`event: next\ndata: {"data":{"airport":{"delay":7}}}\n\n`);
    expect((await ask('mutation { add(by: 1) }')).status).toBe(400);
    expect((await ask(named, { origin: 'http://elsewhere.example' })).status).toBe(403);
    expect(
      (await fetch(at(host, '/graphql?query={a}&variables={'), { headers: { accept: 'text/event-stream' } })).status,
    ).toBe(400);
  });

  it('says what is wrong with a document, or that there is none', async () => {
    const { host } = await startProcess();
    const { response, ended, text } = await listen(host, '{ nothing }');
    await ended;
    expect([response.status, JSON.parse(text())]).toMatchObject([
      400,
      { errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] },
    ]);
    const none = await fetch(at(host), { method: 'POST', headers: { accept: 'text/event-stream' }, body: '{}' });
    expect([none.status, await none.json()]).toMatchObject([400, { errors: [{ extensions: { code: 'BAD_INPUT' } }] }]);
  });

  it('refuses more streams than the limit', async () => {
    const { host, world } = await startProcess({ limits: { sockets: 1 } });
    const leaving = new AbortController();
    await listen(host, changes, { signal: leaving.signal });
    await until(() => world.listening() === 1);
    expect((await listen(host, changes)).response.status).toBe(503);
    leaving.abort();
    await until(() => world.listening() === 0);
  });

  it('keeps proxies from closing a silent one', async () => {
    const clock = createManualClock({ at: 0 });
    const { host, world } = await startProcess({ clock });
    const leaving = new AbortController();
    const { text } = await listen(host, changes, { signal: leaving.signal });
    await until(() => world.listening() === 1 && text() === ':\n\n');
    await clock.advance(12_000);
    await until(() => text() === ':\n\n:\n\n');
    leaving.abort();
    await until(() => world.listening() === 0);
    await Promise.all([host.close(0), clock.advance(1)]);
  });

  it('ends when other tokens are good than before, so that who listens is admitted anew', async () => {
    const token = 'correct-horse-battery';
    const client = { name: 'notebook', role: 'reader' as const, digest: digestOf(token) };
    const authenticator = createTokenAuthenticator({ clients: [client] });
    const { host, world } = await startProcess({ authenticator });
    const headers = { authorization: `Bearer ${token}` };
    const { ended } = await listen(host, changes, { headers });
    await until(() => world.listening() === 1);
    authenticator.replace({ clients: [] });
    await ended;
    expect(world.listening()).toBe(0);
    expect((await listen(host, changes, { headers })).response.status).toBe(401);
  });

  it('ends without `complete` when the process stops, so that clients come again', async () => {
    const { host, world } = await startProcess();
    const { ended, events } = await listen(host, changes);
    await until(() => world.listening() === 1);
    await host.close(60_000);
    await ended;
    expect(events()).toEqual([]);
    expect(world.listening()).toBe(0);
  });
});
