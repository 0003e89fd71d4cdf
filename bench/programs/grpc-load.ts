import { Client, credentials } from '@grpc/grpc-js';
import { readRequest } from './measured.ts';

/** Batches over one connection, so many in flight: each a call, or all messages of one call. */
export interface GrpcLoadRequest {
  readonly url: string;
  /** Messages in base64, sent in turn. */
  readonly messages: readonly string[];
  readonly isStream: boolean;
  readonly inFlight: number;
  readonly seconds: number;
}

const { url, messages, isStream, inFlight, seconds } = readRequest<GrpcLoadRequest>();
const bytes = messages.map((message) => Buffer.from(message, 'base64'));
const same = (given: Buffer): Buffer => given;
const client = new Client(new URL(url).host, credentials.createInsecure());
const millis: number[] = [];
let [sent, received, answerBytes] = [0, 0, 0];
const began = performance.now();
const until = began + seconds * 1_000;
const next = (): Buffer => bytes[sent++ % bytes.length]!;

function took(startedAt: number, answer: Buffer): void {
  received++;
  answerBytes += answer.length;
  millis.push(performance.now() - startedAt);
}

function ask(): void {
  const startedAt = performance.now();
  client.makeUnaryRequest('/FeatureStore/BatchGetFeatures', same, same, next(), (error, answer) => {
    if (error !== null) throw error;
    took(startedAt, answer!);
    if (performance.now() < until) ask();
    else if (received === sent) finish();
  });
}

function stream(): void {
  const call = client.makeBidiStreamRequest('/FeatureStore/StreamFeatures', same, same);
  const startedAt: number[] = [];
  const send = (): void => {
    startedAt.push(performance.now());
    call.write(next());
  };
  call.on('data', (answer: Buffer) => {
    took(startedAt.shift()!, answer);
    if (performance.now() < until) send();
    else if (received === sent) finish();
  });
  call.on('error', (error) => {
    throw error;
  });
  for (let i = 0; i < inFlight; i++) send();
}

if (isStream) stream();
else for (let i = 0; i < inFlight; i++) ask();

function finish(): void {
  const tookSeconds = (performance.now() - began) / 1_000;
  millis.sort((a, b) => a - b);
  const figures = {
    seconds: (tookSeconds / received) * 10_000,
    requests: received,
    requestsPerSecond: received / tookSeconds,
    p50Millis: millis[Math.floor(millis.length * 0.5)],
    p99Millis: millis[Math.floor(millis.length * 0.99)],
    answerBytes: answerBytes / received,
  };
  process.stdout.write(JSON.stringify(figures), () => process.exit());
}
