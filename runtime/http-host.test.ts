import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { createManualClock } from '../adapters/clock/manual-clock.ts';
import { createSystemClock } from '../adapters/clock/system-clock.ts';
import { at, clientOf, collect, ok, post, startProcess, until } from '../test/gateway/tiny-process.ts';
import { createTokenAuthenticator } from './access/authenticator.ts';
import { digestOf } from './access/token-file.ts';
import { startHttpHost } from './http-host.ts';
import type { Route } from './http-route.ts';
import { createLogger } from './logging.ts';

describe('HTTP host', () => {
  it('serves health, readiness with its reasons, metrics and a home page', async () => {
    const unready = ['origin_delays is being backfilled'];
    const { host } = await startProcess({ unready });
    expect((await fetch(at(host, '/healthz'))).status).toBe(200);
    const waiting = await fetch(at(host, '/readyz'));
    expect([waiting.status, await waiting.json()]).toEqual([503, { status: 'not ready', reasons: unready, notes: [] }]);
    unready.length = 0;
    expect((await fetch(at(host, '/readyz'))).status).toBe(200);
    await post(host, ok);
    const metrics = await (await fetch(at(host, '/metrics'))).text();
    expect(metrics).toContain('asof_graphql_operations_total{operation="query",transport="http",outcome="ok"} 1');
    expect(metrics).toContain('asof_subgraph_fetch_duration_seconds_count{subgraph="online"} 1');
    expect(await (await fetch(at(host, '/'))).text()).toContain('href="/graphql"');
    expect((await fetch(at(host, '/nowhere'))).status).toBe(404);
    const wrong = await fetch(at(host, '/healthz'), { method: 'DELETE' });
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET']);
  });

  it('asks clients to connect anew from when it drains, and answers all the same', async () => {
    const { host } = await startProcess();
    const connection = async () => (await fetch(at(host, '/healthz'))).headers.get('connection');
    expect(await connection()).toBe('keep-alive');
    host.drain();
    expect(await connection()).toBe('close');
    expect((await post(host, ok)).status).toBe(200);
    // Whoever closes it twice waits for the same end.
    await Promise.all([host.close(1_000), host.close(1_000)]);
    await expect(fetch(at(host, '/healthz'))).rejects.toThrow();
  });

  it('says NOT_READY for what is still to come, and has it when it came', async () => {
    const logger = createLogger({ name: 't', level: 'silent' });
    const systemClock = createSystemClock();
    const routes: Route[] = [];
    let isOpening = true;
    const host = await startHttpHost({
      ...{ host: '127.0.0.1', port: 0, upgrades: [], authenticator: null, logger, systemClock, routes },
      isOpening: () => isOpening,
    });
    const early = await fetch(at(host, '/late'));
    expect([early.status, await early.json()]).toMatchObject([
      503,
      { errors: [{ extensions: { code: 'NOT_READY' } }] },
    ]);
    const socket = new WebSocket(`ws://127.0.0.1:${host.port}/graphql`);
    const status = await new Promise((resolve) =>
      socket.once('unexpected-response', (_, { statusCode }) => resolve(statusCode)),
    );
    expect(status).toBe(503);
    routes.push({
      path: '/late',
      methods: ['GET'],
      isOpen: true,
      handle: async (_, response) => void response.end('there'),
    });
    isOpening = false;
    expect(await (await fetch(at(host, '/late'))).text()).toBe('there');
    expect((await fetch(at(host, '/nowhere'))).status).toBe(404);
    await host.close(0);
  });

  it('shows browsers a GraphiQL that loads nothing from elsewhere', async () => {
    const { host } = await startProcess();
    const response = await fetch(at(host), { headers: { accept: 'text/html,application/xhtml+xml' } });
    expect(response.headers.get('content-type')).toContain('text/html');
    const page = await response.text();
    expect(page).toContain('Asof');
    expect(page).not.toMatch(/<(script|link|img)[^>]+(src|href)="https?:/);
  });

  it('refuses to be reachable from elsewhere without authentication', async () => {
    const options = { port: 0, routes: [], upgrades: [], logger: createLogger({ name: 't', level: 'silent' }) };
    const systemClock = createSystemClock();
    await expect(
      startHttpHost({ ...options, systemClock, host: '0.0.0.0', authenticator: null }),
    ).rejects.toMatchObject({
      code: 'BAD_INPUT',
      details: { path: 'host', remedy: expect.stringContaining('127.0.0.1') },
    });
  });

  it('asks for a token where one is configured, on both transports', async () => {
    const token = 'correct-horse-battery';
    const authenticator = createTokenAuthenticator({
      clients: [{ name: 'notebook', role: 'reader', digest: digestOf(token) }],
    });
    const { host } = await startProcess({ authenticator });
    const refused = await post(host, ok);
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    expect((await post(host, ok, { authorization: 'Bearer wrong-horse-battery' })).status).toBe(401);
    expect((await post(host, ok, { authorization: `Bearer ${token}` })).status).toBe(200);
    expect((await fetch(at(host, '/healthz'))).status).toBe(200);
    expect((await fetch(at(host, '/metrics'))).status).toBe(401);
    const wrong = { authorization: 'Bearer wrong-horse-battery' };
    const failure = await collect(clientOf(host, wrong), ok.query).catch((error: unknown) => error);
    expect(failure).toMatchObject({ message: expect.stringContaining('401') });
    expect(await collect(clientOf(host, { authorization: `Bearer ${token}` }), ok.query)).toHaveLength(1);
  });

  it('names a port that is in use, and the remedy', async () => {
    const { host } = await startProcess();
    const options = { host: '127.0.0.1', port: host.port, routes: [], upgrades: [], authenticator: null };
    const logger = createLogger({ name: 't', level: 'silent' });
    await expect(startHttpHost({ ...options, logger, systemClock: createSystemClock() })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(`port ${host.port} is in use`),
      details: { remedy: expect.stringContaining('PORT') },
    });
  });

  it('survives bytes that are no HTTP', async () => {
    const { host } = await startProcess();
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(host.port, '127.0.0.1', () => socket.write('\x00\x01 not http\r\n\r\n'));
      socket.on('data', (bytes) => resolve(String(bytes)));
    });
    expect(answer).toMatch(/^HTTP\/1.1 400/);
    expect((await post(host, ok)).status).toBe(200);
  });

  it('closes gracefully: running requests finish, sockets hear 1012, the rest is cut after the grace', async () => {
    const clock = createManualClock({ at: 0 });
    const { host, world } = await startProcess({ clock });
    const socket = new WebSocket(`ws://127.0.0.1:${host.port}/graphql`, 'graphql-transport-ws');
    await new Promise((resolve) => socket.once('open', resolve));
    const heard = new Promise((resolve) => socket.once('close', resolve));
    const running = post(host, { query: '{ slow }' }).catch(() => 'cut');
    await until(() => world.signals.length === 1);
    const closed = host.close(1_000);
    expect(await heard).toBe(1012);
    await expect(fetch(at(host, '/healthz'))).rejects.toThrow();
    await clock.advance(1_000);
    expect(await running).toBe('cut');
    await closed;
  });
});
