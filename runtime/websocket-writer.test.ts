import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { createSocketWriter, type SocketWriter } from './websocket-writer.ts';

let server: Server;
let client: WebSocket;
let writer: SocketWriter;
let received: string[];
let left: AbortController;

beforeEach(async () => {
  server = createServer();
  left = new AbortController();
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  const opened = new Promise<void>((resolve) => {
    server.on('upgrade', (request, stream, head) =>
      sockets.handleUpgrade(request, stream, head, (socket) => {
        writer = createSocketWriter(socket, stream, left.signal);
        socket.on('close', () => left.abort());
        resolve();
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  received = [];
  client.on('message', (data) => received.push(String(data)));
  await Promise.all([opened, once(client, 'open')]);
});
afterEach(async () => {
  client.terminate();
  await new Promise<unknown>((resolve) => server.close(resolve));
});

it('sends texts of every length, and those beyond ASCII, whole and in order', async () => {
  const lengths = [0, 1, 125, 126, 127, 255, 256, 65_535, 65_536, 100_000];
  const texts = lengths.flatMap((length) => [
    'x'.repeat(length),
    `${'x'.repeat(length)}é`,
    `${'x'.repeat(length)}\u{1f600}`,
  ]);
  for (const [index, text] of texts.entries()) {
    if (index % 4 === 3) void writer.sendNow(text);
    else if (index % 4 === 2) writer.sendEvent(text.slice(0, index), text.slice(index));
    else writer.send(text);
  }
  writer.close(4000, 'done');
  const [code, reason] = await once(client, 'close');
  expect([code, String(reason)]).toEqual([4000, 'done']);
  expect(received.map((text) => text.length)).toEqual(texts.map((text) => text.length));
  expect(received.every((text, index) => text === texts[index])).toBe(true);
});

it('lets events wait while the client does not read, and no longer than it is there', async () => {
  client.pause();
  let sent = 0;
  let room: Promise<void> | null = null;
  for (; room === null && sent < 10_000; sent++) {
    room = writer.sendEvent(`${sent} `, 'x'.repeat(10_000));
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(room).not.toBeNull();
  client.resume();
  await room;
  while (received.length < sent) await once(client, 'message');
  expect(received.map((text) => Number(text.split(' ')[0]))).toEqual(Array.from({ length: sent }, (_, index) => index));
  client.pause();
  do {
    room = writer.sendEvent('', 'y'.repeat(60_000));
    await new Promise((resolve) => setImmediate(resolve));
  } while (room === null);
  client.terminate();
  await room;
  await writer.sendEvent('z', '');
});
