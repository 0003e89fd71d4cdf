import { createSystemClock } from '../../adapters/clock/system-clock.ts';
import { streamViewOf } from '../stream-definitions.ts';
import { type IngestPlaces, openIngest } from './ingest-process.ts';
import { readRequest, startWatch } from './measured.ts';

/**
 * Ingest with a subscriber that reads some of the keys it is told of, each time others. How fresh a row is: from when its event was due at the
 * producer to when the subscriber has read it. Of windows the same, from the first second that their events count in.
 */
export interface FreshnessRequest extends IngestPlaces {
  readonly messages: number;
  /** Events that were due earlier warm up, and do not count. */
  readonly countFrom: number;
}

const { messages, countFrom, ...request } = readRequest<FreshnessRequest>();
const view = streamViewOf(request.topic);
const isWindowed = request.topic === 'payments';
const sentFeature = view.features.findIndex(({ name }) => name === 'sent');
const latencies: number[] = [];
const told = new Map<string, number>();
let seen = 0;
let done: () => void;
const all = new Promise<void>((resolve) => {
  done = resolve;
});
const { ingest, bus, reader, close } = await openIngest({
  ...request,
  systemClock: createSystemClock(),
  onBatch: ({ records }) => {
    seen += records;
    if (seen >= messages) done();
  },
});
const reads = new Set<Promise<void>>();
await bus.subscribe(['featureUpdate'], {
  onEvent({ message }) {
    if (message.kind !== 'featureUpdate') return;
    const reading = read(someOf(message.keys.map(([name]) => String(name))), message.eventTime);
    reads.add(reading);
    void reading.then(() => reads.delete(reading));
  },
  onGap() {},
});
await ingest.start();
const watch = startWatch();
await all;
await Promise.all(reads);
latencies.sort((a, b) => a - b);
const at = (share: number) => latencies[Math.min(latencies.length - 1, Math.floor(share * latencies.length))]!;
watch.print({ events: latencies.length, p50Millis: at(0.5), p99Millis: at(0.99), mostMillis: at(1) });
await close();

async function read(names: readonly string[], newestEventTime: number): Promise<void> {
  const requests = names.map((name) => ({ view, key: [name] }));
  const { readings } = await reader.read(requests, isWindowed ? countedFrom(newestEventTime) : undefined);
  const now = Date.now();
  for (const [index, { values, eventTime }] of readings.entries()) {
    const sent = isWindowed ? eventTime : Number(values[sentFeature]);
    const name = names[index]!;
    if (sent === null || sent < countFrom || told.get(name) === sent) continue;
    told.set(name, sent);
    latencies.push(Math.max(0, now - (isWindowed ? countedFrom(sent) : sent)));
  }
}

/** Ten of them, spread evenly: a subscriber follows some keys, not all. */
function someOf(names: readonly string[]): readonly string[] {
  const step = Math.max(1, Math.floor(names.length / 10));
  return names.filter((_, index) => index % step === 0);
}

/** Windows end on whole seconds, and before them. */
function countedFrom(eventTime: number): number {
  return Math.floor(eventTime / 1_000) * 1_000 + 1_000;
}
