import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parse } from 'graphql';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../adapters/clock/manual-clock.ts';
import { until } from '../test/gateway/tiny-process.ts';
import { createRemoteSubgraph, type RemoteSubgraph } from './remote-subgraph.ts';

let server: Server;
let waiting: ServerResponse[];
let remote: RemoteSubgraph;
let clock: ManualClock;

beforeEach(async () => {
  clock = createManualClock({ at: 0 });
  waiting = [];
  server = createServer((request, response) => {
    request.resume();
    waiting.push(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  remote = createRemoteSubgraph({ name: 'online', urls: [url], token: () => null, queryMillis: 200 }, clock);
});
afterEach(async () => {
  await remote.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const principal = { name: 'app', role: 'writer', isGateway: false } as const;
const ask = (text: string) =>
  remote.execute({
    document: parse(text),
    operationName: null,
    variables: {},
    requestId: 'r1',
    principal,
    signal: AbortSignal.timeout(10_000),
  });

/** Has so much time pass while the subgraph has the question. */
async function askFor(millis: number): Promise<unknown> {
  const before = waiting.length;
  const answer = ask('{ a }');
  answer.catch(() => {});
  await until(() => waiting.length > before);
  await clock.advance(millis);
  return answer;
}

it('waits for a silent subgraph until the deadline, and after that a tenth of it until it answers again', async () => {
  await expect(askFor(200)).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    details: { got: 'no answer within 200 ms' },
  });
  await expect(askFor(20)).rejects.toMatchObject({ details: { got: 'no answer within 20 ms' } });
  const answering = (_request: IncomingMessage, response: ServerResponse) => void response.end('{"data":{"a":1}}');
  server.on('request', answering);
  expect(await ask('{ a }')).toEqual({ data: { a: 1 } });
  server.off('request', answering);
  await expect(askFor(200)).rejects.toMatchObject({ details: { got: 'no answer within 200 ms' } });
});

it('lets mutations take their time', async () => {
  const answer = ask('mutation { add }');
  await until(() => waiting.length === 1);
  await expect(askFor(200)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  waiting[0]!.end('{"data":{"add":2}}');
  expect(await answer).toEqual({ data: { add: 2 } });
});
