import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSystemClock } from '../adapters/clock/system-clock.ts';
import { type HttpHost, startHttpHost } from '../runtime/http-host.ts';
import type { Route } from '../runtime/http-route.ts';
import { createLogger } from '../runtime/logging.ts';
import { httpProxy } from './http-proxy.ts';

const content = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));
/** What the process with the files was asked. */
const asked: string[] = [];
let offline: HttpHost;
let door: HttpHost;

const host = (routes: readonly Route[]) =>
  startHttpHost({
    host: '127.0.0.1',
    port: 0,
    routes,
    upgrades: [],
    authenticator: null,
    logger: createLogger({ name: 'test', level: 'silent' }),
    systemClock: createSystemClock(),
  });

beforeAll(async () => {
  offline = await host([
    {
      path: '/datasets/',
      methods: ['GET'],
      async handle(request, response, { url }) {
        asked.push(`${request.method} ${url.pathname} ${request.headers.range} ${request.headers.authorization}`);
        const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
        const [start, end] = range === null ? [0, content.length - 1] : [Number(range[1]), Number(range[2])];
        response.writeHead(range === null ? 200 : 206, {
          'content-type': 'application/vnd.apache.parquet',
          'content-length': end - start + 1,
          'accept-ranges': 'bytes',
          etag: '"abc"',
          ...(range === null ? {} : { 'content-range': `bytes ${start}-${end}/${content.length}` }),
        });
        response.end(request.method === 'HEAD' ? undefined : content.subarray(start, end + 1));
      },
    },
  ]);
  door = await host([
    httpProxy(
      { path: '/datasets/', methods: ['GET', 'HEAD'] },
      { name: 'offline', urls: [offline.url], token: () => 'a-token-of-processes' },
    ),
  ]);
});
afterAll(async () => {
  await Promise.all([offline.close(0), door.close(0)]);
});

const file = () => `${door.url}/datasets/d1/all%20rows.parquet`;

describe('a file of another process', () => {
  it('comes whole, as it is there', async () => {
    const response = await fetch(file());
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/vnd.apache.parquet');
    expect(response.headers.get('etag')).toBe('"abc"');
    expect(Buffer.from(await response.arrayBuffer()).equals(content)).toBe(true);
    expect(asked.at(-1)).toBe('GET /datasets/d1/all%20rows.parquet undefined Bearer a-token-of-processes');
  });

  it('comes in part, and as headers alone', async () => {
    const part = await fetch(file(), { headers: { range: 'bytes=250-260' } });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 250-260/300000']);
    expect([...new Uint8Array(await part.arrayBuffer())]).toEqual([250, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const head = await fetch(file(), { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '300000', '']);
  });

  it('is UNAVAILABLE while that process is away', async () => {
    const alone = await host([
      httpProxy(
        { path: '/datasets/', methods: ['GET', 'HEAD'] },
        { name: 'offline', urls: ['http://127.0.0.1:1'], token: () => null },
      ),
    ]);
    const response = await fetch(`${alone.url}/datasets/d1/x.parquet`);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAVAILABLE' } }] });
    await alone.close(0);
  });
});
