import type { LogEntry } from '../../core/ports/event-log.ts';
import { formatInstant } from '../../core/values/json.ts';
import type { ShopTopic } from './definitions.ts';
import { seeded } from './seeded.ts';

export interface ShopEvent {
  readonly topic: ShopTopic;
  readonly entry: LogEntry;
}

const [pages, regions] = [25, 7];

/**
 * A shop's last hours, the same for the same seed: of its events one in ten comes twice, and one in ten up to an hour
 * after younger ones. Some users and products are far more frequent than others. One in a thousand cannot be read.
 */
export function* shopEvents(
  count: number,
  seed: number,
  until: number,
  // More events are of more keys: the oracle takes the square of a key's events.
  users = Math.max(400, Math.floor(count / 75)),
): Generator<ShopEvent> {
  const random = seeded(seed);
  /** Small numbers come more often. */
  const skewed = (size: number): number => Math.floor(size * random() ** 2);
  const products = Math.max(60, Math.floor(users / 7));
  const since = until - 3 * 3_600_000;
  const sent: ShopEvent[] = [];
  for (let number = 0; number < count; number++) {
    const repeated = sent.length > 0 && random() < 0.1 ? sent[Math.floor(random() * sent.length)] : undefined;
    if (repeated !== undefined) {
      yield repeated;
      continue;
    }
    const delay = random() < 0.1 ? random() * 3_600_000 : 0;
    const at = formatInstant(Math.floor(since + ((until - since) * number) / count - delay));
    const userId = `u${skewed(users)}`;
    const kind = random();
    const event =
      kind < 0.5
        ? order(number, at, userId, `p${skewed(products)}`, (random() * 500).toFixed(2))
        : kind < 0.85
          ? visit(number, at, userId, `/page/${skewed(pages)}`)
          : profile(at, userId, `r${Math.floor(random() * regions)}`, Math.floor(random() * 1e6));
    const isBroken = random() < 0.001;
    const broken = { ...event, entry: { ...event.entry, payload: event.entry.payload.subarray(0, 9) } };
    // Only the latest are repeated: what a producer sends again it sends soon.
    if (!isBroken) sent[number % 2_000] = event;
    yield isBroken ? broken : event;
  }
}

function entry(topic: ShopTopic, key: string, row: object): ShopEvent {
  return { topic, entry: { key, payload: Buffer.from(JSON.stringify(row)) } };
}

const order = (orderId: number, at: string, userId: string, product: string, amount: string): ShopEvent =>
  entry('orders', userId, { orderId, at, userId, product, amount });
const visit = (number: number, at: string, userId: string, page: string): ShopEvent =>
  entry('visits', page, { visitId: `v${number}`, at, userId, page });
const profile = (at: string, userId: string, region: string, points: number): ShopEvent =>
  entry('profiles', region, { at, userId, region, points });
