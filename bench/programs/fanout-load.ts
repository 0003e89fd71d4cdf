import { WebSocket } from 'ws';
import { featureNames } from '../serving-definitions.ts';
import { readRequest } from './measured.ts';

/**
 * Subscriptions that all hear of each update. The only number of 13 digits in an event is when the update was made, in
 * milliseconds since 1970.
 */
export interface FanoutLoadRequest {
  readonly url: string;
  readonly subscribers: number;
  readonly sockets: number;
  readonly customer: number;
  readonly features: number;
  /** Whether all send the same text; else each has names of its own for the same fields. */
  readonly areAlike: boolean;
}

const { url, subscribers, sockets, customer, features, areAlike } = readRequest<FanoutLoadRequest>();
/** How many have heard of an update, by its time. */
const heard = new Map<number, number>();
let millis: number[] = [];
let bytes = 0;
let isWarm = false;
let isOver = false;

for (let first = 0; first < subscribers; first += subscribers / sockets) {
  const socket = new WebSocket(url, 'graphql-transport-ws');
  socket.on('open', () => socket.send('{"type":"connection_init"}'));
  socket.on('message', (data: Buffer) => {
    const now = Date.now();
    const text = data.toString();
    if (text !== '{"type":"connection_ack"}') return hear(text, now);
    for (let number = first; number < first + subscribers / sockets; number++) socket.send(subscribe(number));
  });
  socket.on('close', () => {
    if (!isOver) throw new Error('a subscription has ended');
  });
}

function subscribe(number: number): string {
  const fields = featureNames(features).map((name) => (areAlike ? name : `${name}_${number}: ${name}`));
  const query = `subscription Profile($customers: [Int64!]!) {
    customerChanged(customer: $customers) { profile { ${fields.join(' ')} } }
  }`;
  const payload = { query, variables: { customers: [customer] } };
  return JSON.stringify({ id: String(number), type: 'subscribe', payload });
}

function hear(text: string, now: number): void {
  const madeAt = Number(/\b\d{13}\b/.exec(text)?.[0]);
  if (Number.isNaN(madeAt) || !text.includes('"type":"next"')) throw new Error(`no event of an update: ${text}`);
  millis.push(now - madeAt);
  bytes += text.length;
  const count = (heard.get(madeAt) ?? 0) + 1;
  heard.set(madeAt, count);
  if (isWarm || count < subscribers) return;
  isWarm = true;
  console.log(JSON.stringify({ port: 0 }));
}

// A line on stdin: what comes now is measured. Its end: tell what it was, and go with the server.
process.stdin.on('data', () => {
  heard.clear();
  [millis, bytes] = [[], 0];
});
process.stdin.on('end', () => {
  isOver = true;
  // Of the first and the last update some may have been told outside of what is measured.
  for (const [madeAt, count] of [...heard].slice(1, -1)) {
    if (count !== subscribers) throw new Error(`${count} of ${subscribers} heard of the update at ${madeAt}`);
  }
  millis.sort((a, b) => a - b);
  const at = (share: number): number => millis[Math.min(millis.length - 1, Math.floor(millis.length * share))]!;
  const figures = {
    deliveries: millis.length,
    updates: heard.size,
    p50Millis: at(0.5),
    p99Millis: at(0.99),
    mostMillis: at(1),
    messageBytes: bytes / millis.length,
  };
  console.log(JSON.stringify(figures));
});
