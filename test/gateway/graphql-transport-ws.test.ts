import { describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { createTokenAuthenticator } from '../../runtime/access/authenticator.ts';
import { clientOf, collect, ok, startProcess, until } from './tiny-process.ts';

/*
 * The protocol's own cases (graphql-transport-ws), against a whole process: who speaks it wrongly is closed with the code that
 * it names, and who speaks it is answered in its order.
 */
interface Spoken {
  readonly socket: WebSocket;
  /** What was heard so far. */
  readonly heard: readonly Message[];
  readonly closed: Promise<number>;
  say(message: object | string): void;
  /** The next message of this kind that was not waited for yet. */
  hear(type: string): Promise<Message>;
}
type Message = Readonly<Record<string, unknown>>;

async function speak(port: number, protocol: string | null = 'graphql-transport-ws'): Promise<Spoken> {
  const address = `ws://127.0.0.1:${port}/graphql`;
  const socket = protocol === null ? new WebSocket(address) : new WebSocket(address, protocol);
  const heard: Message[] = [];
  let seen = 0;
  socket.on('message', (text) => heard.push(JSON.parse(String(text)) as Message));
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  await new Promise((resolve) => socket.once('open', resolve));
  return {
    socket,
    heard,
    closed,
    say: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    async hear(type) {
      await until(() => heard.slice(seen).some((message) => message.type === type));
      const at = heard.findIndex((message, index) => index >= seen && message.type === type);
      seen = at + 1;
      return heard[at]!;
    },
  };
}

async function greeted(port: number): Promise<Spoken> {
  const spoken = await speak(port);
  spoken.say({ type: 'connection_init' });
  await spoken.hear('connection_ack');
  return spoken;
}

const subscribe = (id: string, query: string) => ({ type: 'subscribe', id, payload: { query } });
const live = 'subscription { airportChanged(iata: ["ATL"]) { delay } }';

describe('who speaks the protocol wrongly', () => {
  it.each([
    ['no JSON', 'hello'],
    ['JSON that is no message', '[]'],
    ['no type', '{}'],
    ['a type that is none', '{"type":"greet"}'],
    ['a subscription without an id', '{"type":"subscribe","payload":{"query":"{ slow }"}}'],
    ['a subscription without a payload', '{"type":"subscribe","id":"1"}'],
    ['a subscription without a text', '{"type":"subscribe","id":"1","payload":{}}'],
    ['variables that are none', '{"type":"subscribe","id":"1","payload":{"query":"{ slow }","variables":"x"}}'],
    ['completing what has no name', '{"type":"complete","id":{"toString":1}}'],
    ['an empty id', '{"type":"subscribe","id":"","payload":{"query":"{ slow }"}}'],
  ])('is closed with 4400 for %s', async (_what, text) => {
    const { host } = await startProcess();
    const spoken = await greeted(host.port);
    spoken.say(text);
    expect(await spoken.closed).toBe(4400);
    expect(await collect(clientOf(host), ok.query)).toHaveLength(1);
  });

  it('is closed with 4401 for asking before the greeting is acknowledged', async () => {
    const { host } = await startProcess();
    const spoken = await speak(host.port);
    spoken.say(subscribe('1', ok.query));
    expect(await spoken.closed).toBe(4401);
  });

  it('is closed with 4403 when nobody admits it', async () => {
    const { host } = await startProcess({ authenticator: createTokenAuthenticator({ clients: [] }) });
    const spoken = await speak(host.port);
    spoken.say({ type: 'connection_init', payload: { authorization: 'Bearer nobody' } });
    expect(await spoken.closed).toBe(4403);
  });

  it('is closed with 4406 for another protocol, or none', async () => {
    const { host } = await startProcess();
    expect(await (await speak(host.port, null)).closed).toBe(4406);
  });

  it('is closed with 4408 for greeting too late', async () => {
    const { host } = await startProcess({ limits: { greetingMillis: 20 } });
    expect(await (await speak(host.port)).closed).toBe(4408);
  });

  it('is closed with 4409 for an id that is in use, whatever road its query takes', async () => {
    const { host, world } = await startProcess();
    for (const query of [live, '{ slow }']) {
      const spoken = await greeted(host.port);
      const before = world.listening() + world.signals.length;
      spoken.say(subscribe('same', query));
      await until(() => world.listening() + world.signals.length > before);
      spoken.say(subscribe('same', ok.query));
      expect(await spoken.closed).toBe(4409);
    }
    await until(() => world.listening() === 0);
  });

  it('is closed with 4429 for greeting twice', async () => {
    const { host } = await startProcess();
    const spoken = await greeted(host.port);
    spoken.say({ type: 'connection_init' });
    expect(await spoken.closed).toBe(4429);
  });
});

describe('who speaks the protocol', () => {
  it('hears next and complete of a query, and can use its id again', async () => {
    const { host } = await startProcess();
    const spoken = await greeted(host.port);
    for (let turn = 0; turn < 2; turn++) {
      spoken.say(subscribe('1', ok.query));
      expect(await spoken.hear('next')).toEqual({
        type: 'next',
        id: '1',
        payload: { data: { airport: { delay: 7 } } },
      });
      expect(await spoken.hear('complete')).toEqual({ type: 'complete', id: '1' });
    }
  });

  it('hears an error instead, once, of a document that is not valid, and goes on', async () => {
    const { host } = await startProcess();
    const spoken = await greeted(host.port);
    spoken.say(subscribe('1', '{ nothing }'));
    expect(await spoken.hear('error')).toMatchObject({
      id: '1',
      payload: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
    });
    spoken.say(subscribe('1', ok.query));
    await spoken.hear('complete');
    expect(spoken.heard.filter(({ type }) => type === 'error')).toHaveLength(1);
  });

  it('ends a subscription by its own complete, hears no more of it, and nothing of it stays', async () => {
    const { host, world } = await startProcess();
    const spoken = await greeted(host.port);
    spoken.say(subscribe('live', live));
    await until(() => world.listening() === 1);
    spoken.say({ type: 'complete', id: 'live' });
    await until(() => world.listening() === 0);
    world.publish('ATL');
    spoken.say(subscribe('after', ok.query));
    await spoken.hear('complete');
    expect(spoken.heard.filter(({ id }) => id === 'live')).toEqual([]);
  });

  it('may complete what is not there, or has ended', async () => {
    const { host } = await startProcess();
    const spoken = await greeted(host.port);
    spoken.say({ type: 'complete', id: 'never' });
    spoken.say(subscribe('1', ok.query));
    await spoken.hear('complete');
    spoken.say({ type: 'complete', id: '1' });
    spoken.say(subscribe('2', ok.query));
    expect(await spoken.hear('complete')).toMatchObject({ id: '2' });
  });

  it('is answered a ping, with its payload, before the greeting too', async () => {
    const { host } = await startProcess();
    const spoken = await speak(host.port);
    spoken.say({ type: 'ping', payload: { n: 1 } });
    expect(await spoken.hear('pong')).toEqual({ type: 'pong', payload: { n: 1 } });
    spoken.say({ type: 'pong' });
    spoken.say({ type: 'connection_init' });
    await spoken.hear('connection_ack');
  });

  it('leaves nothing behind when it is cut off', async () => {
    const { host, world } = await startProcess();
    const spoken = await greeted(host.port);
    spoken.say(subscribe('live', live));
    spoken.say(subscribe('slow', '{ slow }'));
    await until(() => world.listening() === 1 && world.signals.length === 1);
    spoken.socket.terminate();
    await until(() => world.listening() === 0 && world.signals[0]!.aborted);
  });
});
