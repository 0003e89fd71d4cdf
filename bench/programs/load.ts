import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { readRequest } from './measured.ts';
import { ask, postOf } from './raw-http.ts';

/**
 * A closed loop: each of some kept connections posts the next body when it has its answer.
 */
export interface LoadRequest {
  readonly port: number;
  /** JSON: the texts to post, in turn. */
  readonly bodies: string;
  readonly connections: number;
  readonly requests: number;
}

const { port, bodies: file, connections, requests } = readRequest<LoadRequest>();
const bodies = (JSON.parse(readFileSync(file, 'utf8')) as string[]).map((body) => postOf('/', body));

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
