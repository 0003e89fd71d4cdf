import { WebSocket } from 'ws';
import { readRequest } from './measured.ts';

/** One WebSocket with so many queries in flight: each answer is followed by the next query. */
export interface WsLoadRequest {
  readonly url: string;
  /** Payloads, sent in turn. */
  readonly payloads: readonly object[];
  readonly inFlight: number;
  readonly seconds: number;
}

const { url, payloads, inFlight, seconds } = readRequest<WsLoadRequest>();
const texts = payloads.map((payload) => JSON.stringify(payload));
const socket = new WebSocket(url, 'graphql-transport-ws');
const sentAt = new Map<string, number>();
const millis: number[] = [];
let [sent, requests, failed, bytes] = [0, 0, 0, 0];
const began = performance.now();
const until = began + seconds * 1_000;

function ask(): void {
  const id = String(sent);
  sentAt.set(id, performance.now());
  socket.send(`{"id":"${id}","type":"subscribe","payload":${texts[sent % texts.length]}}`);
  sent++;
}

socket.on('open', () => socket.send('{"type":"connection_init"}'));
socket.on('message', (data) => {
  const text = String(data);
  const { id, type, payload } = JSON.parse(text) as { id: string; type: string; payload?: { errors?: object[] } };
  if (type === 'connection_ack') for (let i = 0; i < inFlight; i++) ask();
  if (type === 'error' || payload?.errors !== undefined) failed++;
  if (type === 'next') bytes += text.length;
  if (type !== 'complete') return;
  requests++;
  millis.push(performance.now() - sentAt.get(id)!);
  sentAt.delete(id);
  if (performance.now() < until) ask();
  else if (sentAt.size === 0) finish();
});
socket.on('error', (error) => {
  throw error;
});

function finish(): void {
  if (failed > 0) throw new Error(`${failed} of ${requests} failed`);
  const took = (performance.now() - began) / 1_000;
  millis.sort((a, b) => a - b);
  const at = (share: number) => millis[Math.floor(millis.length * share)];
  const figures = {
    seconds: (took / requests) * 10_000,
    requests,
    requestsPerSecond: requests / took,
    p50Millis: at(0.5),
    p99Millis: at(0.99),
    answerBytes: bytes / requests,
  };
  process.stdout.write(JSON.stringify(figures), () => process.exit());
}
