import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../adapters/clock/manual-clock.ts';
import { createSubgraphAddresses } from './subgraph-addresses.ts';
import { createSubgraphHttp, type SubgraphHttp } from './subgraph-http.ts';

let clock: ManualClock;
const closing: (() => Promise<void>)[] = [];
beforeEach(() => {
  clock = createManualClock({ at: 0 });
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Process {
  readonly url: string;
  readonly server: Server;
  /** The bodies that it read. */
  readonly asked: string[];
  /** Cuts what is connected, and listens no more. */
  end(): Promise<void>;
}

type Respond = (...args: [...Parameters<RequestListener>, Process]) => void;

async function startProcess(respond: Respond): Promise<Process> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (text) => (body += text));
    request.on('end', () => {
      asked.push(body);
      respond(request, response, process);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const end = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const process: Process = { url, server, asked, end };
  closing.push(async () => {
    if (server.listening) await end();
  });
  return process;
}

const answer: Respond = (_request, response, { url }) => response.end(url);

function httpOf(...processes: readonly Process[]): SubgraphHttp {
  const urls = processes.map(({ url }) => url);
  const addresses = createSubgraphAddresses(urls, clock);
  closing.push(() => addresses.close());
  return createSubgraphHttp({ name: 'online', token: () => null }, addresses);
}

function post(http: SubgraphHttp, body: string, isRepeatable: boolean) {
  return http.ask({ method: 'POST', path: '/graphql', headers: {}, body, isRepeatable }).answer;
}

const reset: Respond = (request) => (request.socket as Socket).resetAndDestroy();

describe('with several processes of a subgraph', () => {
  it('they are asked in turn', async () => {
    const [one, other] = [await startProcess(answer), await startProcess(answer)];
    const http = httpOf(one, other);
    for (let turn = 0; turn < 6; turn++) await post(http, String(turn), true);
    expect([one.asked.length, other.asked.length]).toEqual([3, 3]);
  });

  it('a query is answered while one goes away and comes back', async () => {
    const [one, other] = [await startProcess(answer), await startProcess(answer)];
    const http = httpOf(one, other);
    const ask = async () => String((await post(http, 'q', true)).body);
    await Promise.all([ask(), ask(), ask(), ask()]);
    await one.end();
    expect(await Promise.all(Array.from({ length: 20 }, ask))).toEqual(Array(20).fill(other.url));
    one.server.listen(Number(new URL(one.url).port), '127.0.0.1');
    // It is looked for again after a second.
    expect(await Promise.all([ask(), ask()])).toEqual([other.url, other.url]);
    await clock.advance(1_001);
    expect(new Set(await Promise.all([ask(), ask()]))).toEqual(new Set([one.url, other.url]));
  });

  it('one that is starting or stopping is asked no query, for the other answers', async () => {
    const one = await startProcess((_request, response) => response.writeHead(503).end('{}'));
    const other = await startProcess(answer);
    expect(String((await post(httpOf(one, other), 'q', true)).body)).toBe(other.url);
    expect((await post(httpOf(one, one), 'q', true)).status).toBe(503);
  });

  it('a mutation that somebody may have read is never asked twice', async () => {
    const [one, other] = [await startProcess(reset), await startProcess(answer)];
    await expect(post(httpOf(one, other), 'm', false)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect([one.asked, other.asked]).toEqual([['m'], []]);
  });

  it('a mutation that nobody can have read is asked elsewhere', async () => {
    const [one, other] = [await startProcess(answer), await startProcess(answer)];
    await one.end();
    expect(String((await post(httpOf(one, other), 'm', false)).body)).toBe(other.url);
  });
});

describe('with one process', () => {
  it('a query is asked again where a kept connection is cut under it', async () => {
    let cuts = 1;
    const one = await startProcess((...args) => (cuts-- > 0 ? reset : answer)(...args));
    expect(String((await post(httpOf(one), 'q', true)).body)).toBe(one.url);
    expect(one.asked).toEqual(['q', 'q']);
  });

  it('that stays away, it is UNAVAILABLE', async () => {
    const one = await startProcess(answer);
    await one.end();
    await expect(post(httpOf(one), 'q', true)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining("the subgraph 'online' does not answer"),
    });
  });

  it('whoever waits no more is told so', async () => {
    const one = await startProcess(() => {});
    const leaving = new AbortController();
    const asking = httpOf(one).ask({ method: 'GET', path: '/', headers: {}, isRepeatable: true }, leaving.signal);
    leaving.abort(new Error('left'));
    await expect(asking.answer).rejects.toThrow('left');
  });
});
