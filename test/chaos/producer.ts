import { setTimeout as delay } from 'node:timers/promises';
import type { EventLog } from '../../core/ports/event-log.ts';
import type { ShopTopic } from '../exactly-once/definitions.ts';
import { type ShopEvent, shopEvents } from '../exactly-once/events.ts';

/** What has been sent so far, confirmed or not. */
export interface Sent {
  /** Distinct orders per user, by id and time: no read may say more. */
  readonly ordersOf: Map<string, Set<string>>;
  /** The points that a user's profile ever had: no read may say others. */
  readonly pointsOf: Map<string, Set<number>>;
  /** Events that the log has confirmed; what it did not confirm is sent again, so perhaps twice. */
  confirmed: number;
}

export interface Producer {
  readonly sent: Sent;
  /** Resolves when the log has confirmed all that was sent. */
  stop(): Promise<void>;
}

const tickMillis = 100;
const retryMillis = 500;

interface ProducerOptions {
  /** Of a producer before, to go on from. */
  readonly sent?: Sent;
  /** Whose events these are; absent = as many as an oracle can be asked about. */
  readonly users?: number;
}

/** Sends a shop's events at a steady rate; one in ten comes twice, and one in ten up to an hour late. */
export function startProducer(
  log: EventLog,
  eventsPerSecond: number,
  seed: number,
  { sent = nothing(), users }: ProducerOptions = {},
): Producer {
  const stream = shopEvents(1_000_000, seed, Date.now(), users);
  const { ordersOf, pointsOf } = sent;
  let isStopping = false;

  const note = ({ topic, entry }: ShopEvent): void => {
    const text = Buffer.from(entry.payload).toString();
    // The few that are cut off count nowhere.
    if (!text.endsWith('}')) return;
    const row = JSON.parse(text) as { userId: string; at: string; orderId?: number; points?: number };
    if (topic === 'orders') addTo(ordersOf, row.userId, `${row.orderId} ${row.at}`);
    if (topic === 'profiles') addTo(pointsOf, row.userId, row.points!);
  };

  async function append(topic: ShopTopic, entries: Parameters<EventLog['append']>[1]): Promise<void> {
    for (;;) {
      try {
        await log.append(topic, entries);
        sent.confirmed += entries.length;
        return;
      } catch {
        await delay(retryMillis);
      }
    }
  }

  async function run(): Promise<void> {
    for (let next = Date.now(); !isStopping; next += tickMillis) {
      const byTopic = new Map<ShopTopic, ShopEvent['entry'][]>();
      for (let left = (eventsPerSecond * tickMillis) / 1_000; left > 0; left--) {
        const { value, done } = stream.next();
        if (done === true) throw new Error('the producer has no more events');
        note(value);
        byTopic.set(value.topic, [...(byTopic.get(value.topic) ?? []), value.entry]);
      }
      for (const [topic, entries] of byTopic) await append(topic, entries);
      // What a log that was away has held up is not made up for all at once.
      next = Math.max(next, Date.now() - tickMillis);
      await delay(Math.max(0, next + tickMillis - Date.now()));
    }
  }
  const running = run();
  return {
    sent,
    async stop() {
      isStopping = true;
      await running;
    },
  };
}

function nothing(): Sent {
  return { ordersOf: new Map(), pointsOf: new Map(), confirmed: 0 };
}

function addTo<T>(groups: Map<string, Set<T>>, key: string, value: T): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, new Set([value]));
  else group.add(value);
}
