import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@grpc/grpc-js';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { WebSocket } from 'ws';
import { openClient } from '../grpc/grpc-client.ts';
import { type AsofProcess, startFlights, waitFor } from './asof-process.ts';
import { sendCall } from './malformed-calls.ts';
import { countOf, type MalformedInput, malformedInputs } from './malformed-inputs.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** How many malformed inputs a process is sent, and by which seed they are made. */
    readonly malformed: { readonly inputs: number; readonly seed: number };
  }
}

const { inputs, seed } = inject('malformed');
const batchSize = 500;
const atOnce = 8;
/** Of the least of one half to that of the next: what is collected late comes and goes, what leaks stays. */
const mostGrowth = 1.25;
const patienceMillis = 10_000;

describe(`${inputs} malformed inputs (ASOF_MALFORMED_SEED=${seed})`, () => {
  let folder: string;
  let asof: AsofProcess;
  let agent: Agent;
  let client: Client;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'asof-malformed-'));
    asof = await startFlights(folder);
    await asof.ready(60_000);
    agent = new Agent({ connections: atOnce });
    client = openClient(Number(new URL(asof.url).port));
  });
  afterAll(async () => {
    client?.close();
    await agent?.close();
    await asof?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What nobody should ever be told. */
  function wrongIn(text: string, status: number): string | null {
    return status === 500 || text.includes('"INTERNAL"') ? `${status} ${text.slice(0, 300)}` : null;
  }

  async function sendHttp({ method, path, headers, body }: MalformedInput & { kind: 'http' }): Promise<string | null> {
    const isRead = method === 'GET' || method === 'OPTIONS';
    const options = { dispatcher: agent, method, headers: { ...headers }, headersTimeout: patienceMillis };
    const left = new AbortController();
    const answer = await request(new URL(path, asof.url), {
      ...options,
      ...(isRead ? {} : { body }),
      signal: left.signal,
    });
    if (answer.headers['content-type']?.toString().startsWith('text/event-stream') === true) {
      // Nothing ends some of these.
      answer.body.on('error', () => {});
      left.abort();
      return null;
    }
    return wrongIn(await answer.body.text(), answer.statusCode);
  }

  function sendBytes({ bytes }: MalformedInput & { kind: 'bytes' }): Promise<string | null> {
    const { port } = new URL(asof.url);
    return new Promise((resolve) => {
      let heard = '';
      const socket = connect(Number(port), '127.0.0.1', () => socket.end(bytes));
      socket.on('data', (text) => {
        heard += text;
      });
      socket.on('error', () => {});
      socket.setTimeout(1_000, () => socket.destroy());
      socket.once('close', () => resolve(wrongIn(heard, heard.startsWith('HTTP/1.1 500') ? 500 : 0)));
    });
  }

  function sendMessages({ messages }: MalformedInput & { kind: 'messages' }): Promise<string | null> {
    return new Promise((resolve) => {
      let wrong: string | null = null;
      const socket = new WebSocket(`${asof.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
      socket.on('open', () => {
        socket.send('{"type":"connection_init"}');
        for (const message of messages) socket.send(message);
        // What was sent before it has been read when it is answered; a socket that was closed is closed.
        socket.ping();
      });
      socket.on('message', (text) => {
        wrong ??= wrongIn(String(text), 0);
      });
      socket.on('pong', () => socket.terminate());
      socket.on('error', () => {});
      socket.on('close', () => resolve(wrong));
    });
  }

  async function send(one: MalformedInput): Promise<string | null> {
    if (one.kind === 'http') return sendHttp(one);
    if (one.kind === 'call') return sendCall(client, one);
    return one.kind === 'bytes' ? sendBytes(one) : sendMessages(one);
  }

  async function residentBytes(): Promise<number> {
    const metrics = await (await fetch(new URL('/metrics', asof.url))).text();
    return Number(/^\w*process_resident_memory_bytes (\S+)/m.exec(metrics)![1]);
  }

  it('end no process, make nobody a liar, and leave nothing behind', { timeout: 1_800_000 }, async () => {
    const wrong: string[] = [];
    const memory: number[] = [];
    let sent = 0;
    for (let batch = 0; sent < inputs; batch++) {
      const waiting = [...malformedInputs(batchSize, seed + batch)];
      const work = async (): Promise<void> => {
        for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
          sent += countOf(one);
          const found = await send(one).catch((error: unknown) => `${error}`);
          if (found !== null) wrong.push(`${found} for ${JSON.stringify(one).slice(0, 600)}`);
        }
      };
      await Promise.all(Array.from({ length: atOnce }, work));
      expect(wrong.slice(0, 5), asof.output().slice(-2_000)).toEqual([]);
      const { data, errors } = await asof.execute('{ airport(iata: "ATL") { iata } }');
      expect({ data, errors }).toEqual({ data: { airport: { iata: 'ATL' } }, errors: undefined });
      memory.push(await residentBytes());
    }
    console.log(
      `${sent} inputs; resident MiB after each ${batchSize}: ${memory.map((bytes) => Math.round(bytes / 2 ** 20))}`,
    );
    // What they asked for has ended.
    await waitFor(async () => {
      const text = await (await fetch(new URL('/metrics', asof.url))).text();
      const open = ['asof_websockets_open', 'asof_graphql_subscriptions_open'].map((name) =>
        Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)![1]),
      );
      return open.every((count) => count === 0) ? true : undefined;
    }, patienceMillis);
    const half = Math.floor(memory.length / 2);
    expect(Math.min(...memory.slice(half))).toBeLessThan(Math.min(...memory.slice(0, half)) * mostGrowth);
  });
});
