import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { readRequest } from './measured.ts';

/**
 * A closed loop: each of some kept connections posts the next body when it has its answer. Speaks no more HTTP than
 * our servers do (a status line, Content-Length, no chunks), so that it leaves them the processor.
 */
export interface LoadRequest {
  readonly port: number;
  /** JSON: the texts to post, in turn. */
  readonly bodies: string;
  readonly connections: number;
  readonly requests: number;
}

/** An answer that takes longer has failed. */
const timeoutMillis = 5_000;

const { port, bodies: file, connections, requests } = readRequest<LoadRequest>();
const bodies = (JSON.parse(readFileSync(file, 'utf8')) as string[]).map((body) =>
  Buffer.from(`POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`),
);

interface Answer {
  readonly status: number;
  readonly bytes: number;
}

const headEnd = Buffer.from('\r\n\r\n');

/** Sends one request and waits for the whole of its answer. */
function ask(socket: Socket, request: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let head = '';
    let received = 0;
    let expected = Number.POSITIVE_INFINITY;
    const onData = (chunk: Buffer) => {
      received += chunk.length;
      if (expected === Number.POSITIVE_INFINITY) {
        head += chunk.toString('latin1');
        const end = head.indexOf(headEnd.toString());
        if (end < 0) return;
        expected = end + headEnd.length + Number(/content-length: (\d+)/i.exec(head)?.[1]);
      }
      if (received < expected) return;
      settle();
      resolve({ status: Number(head.slice(9, 12)), bytes: received });
    };
    const onFailure = () => {
      settle();
      reject(new Error('the server did not answer'));
    };
    const settle = () => {
      clearTimeout(timer);
      socket.off('data', onData).off('close', onFailure);
    };
    const timer = setTimeout(onFailure, timeoutMillis);
    socket.on('data', onData).on('close', onFailure);
    socket.write(request);
  });
}

const millis: number[] = [];
let next = 0;
let failures = 0;
let bytes = 0;

async function work(): Promise<void> {
  let socket = connect(port, '127.0.0.1').setNoDelay();
  await once(socket, 'connect');
  while (next < requests) {
    const request = bodies[next++ % bodies.length]!;
    const began = performance.now();
    try {
      const answer = await ask(socket, request);
      bytes += answer.bytes;
      if (answer.status !== 200) failures += 1;
      else millis.push(performance.now() - began);
    } catch {
      failures += 1;
      socket.destroy();
      socket = connect(port, '127.0.0.1').setNoDelay();
      await once(socket, 'connect');
    }
  }
  socket.end();
}

const startedAt = performance.now();
await Promise.all(Array.from({ length: connections }, work));
const seconds = (performance.now() - startedAt) / 1_000;
millis.sort((a, b) => a - b);
const rank = (share: number) => millis[Math.floor(millis.length * share)]!;
console.log(
  JSON.stringify({
    seconds,
    requestsPerSecond: millis.length / seconds,
    p50Millis: rank(0.5),
    p99Millis: rank(0.99),
    successRate: (requests - failures) / requests,
    answerBytes: bytes / requests,
  }),
);
