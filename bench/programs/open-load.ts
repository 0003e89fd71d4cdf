import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { Client, credentials, status } from '@grpc/grpc-js';
import { readRequest } from './measured.ts';
import { ask, postOf, timeoutMillis } from './raw-http.ts';

/**
 * An open loop: each request is due at its time, however late others are, and its latency counts from then. So a server that
 * stalls is charged for all who would have asked meanwhile.
 */
export interface OpenLoadRequest {
  /** Where to ask; of gRPC with the path of the method. */
  readonly url: string;
  /** JSON: what to send, in turn: texts, or of gRPC messages in base64. */
  readonly bodies: string;
  readonly isGrpc: boolean;
  readonly perSecond: number;
  readonly seconds: number;
  /** HTTP/1.1: at most so many connections; whoever finds none waits for one. gRPC: so many, with any number of calls. */
  readonly connections: number;
}

/** `refused` = told at once to come again later. */
type Outcome = { readonly kind: 'answered' | 'refused' | 'failed'; readonly bytes: number };

const request = readRequest<OpenLoadRequest>();
const { perSecond, seconds, connections, isGrpc } = request;
const { host, hostname, port, pathname } = new URL(request.url);
const bodies = JSON.parse(readFileSync(request.bodies, 'utf8')) as string[];

type Send = (index: number) => Promise<Outcome>;

/**
 * All connections are there, and have been used, before the first request is due, as those of a client's pool are: a busy
 * process of Node takes one new connection in each turn of its event loop.
 */
async function overHttp(): Promise<Send> {
  const posts = bodies.map((body) => postOf(pathname, body));
  const idle: Socket[] = [];
  const waiting: ((socket: Socket) => void)[] = [];
  let open = 0;
  const take = (): Socket | Promise<Socket> => {
    for (let kept = idle.pop(); kept !== undefined; kept = idle.pop()) {
      if (kept.writable) return kept;
      // Closed by a server that lets none idle for long.
      open--;
    }
    if (open === connections) return new Promise((resolve) => waiting.push(resolve));
    open++;
    return opened();
  };
  // What it is told of errors `close` tells, too.
  const opened = (): Socket =>
    connect(Number(port), hostname)
      .setNoDelay()
      .on('error', () => {});
  const give = (socket: Socket): void => {
    const next = waiting.shift();
    if (next === undefined) idle.push(socket);
    else next(socket);
  };
  const send: Send = async (index) => {
    const taken = take();
    const socket = taken instanceof Promise ? await taken : taken;
    try {
      const { status: code, head, bytes, body } = await ask(socket, posts[index % posts.length]!, true);
      if (/^connection: *close/im.test(head)) {
        socket.destroy();
        give(opened());
      } else give(socket);
      const isRefused = code === 503 && /^retry-after: *\d/im.test(head);
      const isAnswered = code === 200 && !body!.includes('"errors":');
      return { kind: isAnswered ? 'answered' : isRefused ? 'refused' : 'failed', bytes };
    } catch {
      socket.destroy();
      give(opened());
      return { kind: 'failed', bytes: 0 };
    }
  };
  for (let index = 0; index < connections; index++) {
    const socket = opened();
    await ask(socket, posts[index % posts.length]!);
    idle.push(socket);
  }
  open = connections;
  return send;
}

function overGrpc(): Send {
  const messages = bodies.map((body) => Buffer.from(body, 'base64'));
  const options = { 'grpc.use_local_subchannel_pool': 1 };
  const clients = Array.from({ length: connections }, () => new Client(host, credentials.createInsecure(), options));
  const same = (given: Buffer): Buffer => given;
  return (index) =>
    new Promise((resolve) => {
      const client = clients[index % clients.length]!;
      const message = messages[index % messages.length]!;
      const deadline = Date.now() + timeoutMillis;
      client.makeUnaryRequest(pathname, same, same, message, { deadline }, (error, answer) => {
        if (error === null) resolve({ kind: 'answered', bytes: answer!.length });
        else resolve({ kind: error.code === status.UNAVAILABLE ? 'refused' : 'failed', bytes: 0 });
      });
    });
}

const send = isGrpc ? overGrpc() : await overHttp();
const total = Math.floor(perSecond * seconds);
const millis: Record<Outcome['kind'], number[]> = { answered: [], refused: [], failed: [] };
let [sent, done, answerBytes, latestMillis] = [0, 0, 0, 0];
const began = performance.now();

async function askOne(index: number, dueMillis: number): Promise<void> {
  const { kind, bytes } = await send(index);
  millis[kind].push(performance.now() - dueMillis);
  if (kind === 'answered') answerBytes += bytes;
  if (++done === total) finish();
}

function tick(): void {
  const now = performance.now();
  for (let due = began + (sent * 1_000) / perSecond; sent < total && due <= now; ) {
    latestMillis = Math.max(latestMillis, now - due);
    void askOne(sent, due);
    sent++;
    due = began + (sent * 1_000) / perSecond;
  }
  if (sent < total) setTimeout(tick, 1);
}
tick();

function finish(): void {
  for (const list of Object.values(millis)) list.sort((a, b) => a - b);
  const at = (list: readonly number[], share: number): number => list[Math.floor(list.length * share)] ?? 0;
  const { answered, refused, failed } = millis;
  const took = (performance.now() - began) / 1_000;
  const figures = {
    // A server that answered nothing was not fast.
    seconds: answered.length === 0 ? timeoutMillis / 1_000 : at(answered, 0.99) / 1_000,
    requests: total,
    offeredPerSecond: perSecond,
    requestsPerSecond: answered.length / took,
    p50Millis: at(answered, 0.5),
    p99Millis: at(answered, 0.99),
    successRate: answered.length / total,
    refused: refused.length,
    refusedP99Millis: at(refused, 0.99),
    failed: failed.length,
    answerBytes: answered.length === 0 ? 0 : answerBytes / answered.length,
    senderLateMillis: latestMillis,
  };
  process.stdout.write(JSON.stringify(figures), () => process.exit());
}
