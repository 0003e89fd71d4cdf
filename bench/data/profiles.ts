import type { CompiledView, SourceRecord } from '../../core/definitions/compiled.ts';
import type { CompiledRegistry } from '../../core/definitions/registry-view.ts';
import type { OnlineReader } from '../../core/online/reader.ts';
import { markReady } from '../../core/online/ready.ts';
import { createOnlineWriter } from '../../core/online/writer.ts';
import type { LiveBus, LiveMessage } from '../../core/ports/live-bus.ts';
import type { OnlineStore } from '../../core/ports/online-store.ts';
import { profileOf } from '../serving-definitions.ts';

export const profileCount = 10_000;

/** When all rows are dated. */
export const dated = Date.parse('2001-06-01T12:00:00Z');

/** Numbers in 1..9999, the same for the same place. */
export function profileValue(customer: number, feature: number): number {
  return ((customer * 7_919 + feature * 104_729) % 9_999) + 1;
}

function rowOf(view: CompiledView, customer: number, number: number): SourceRecord {
  const values = [customer, ...view.features.map((_, feature) => profileValue(customer + number, feature))];
  return {
    origin: 'profiles',
    partition: 0,
    offset: number * profileCount + customer,
    eventTime: dated,
    knownTime: dated,
    eventId: null,
    deleted: false,
    values,
  };
}

/** Writes every customer's row and says that they are all there. */
export async function fillProfiles(store: OnlineStore, registry: CompiledRegistry): Promise<void> {
  const view = profileOf(registry);
  const writer = createOnlineWriter({ store, clock: { now: () => dated } });
  for (let first = 0; first < profileCount; first += 1_000) {
    const groups = Array.from({ length: 1_000 }, (_, index) => {
      const customer = first + index;
      return { key: [customer], records: [rowOf(view, customer, 0)] };
    });
    await writer.apply(view, groups);
  }
  await markReady(store, view);
}

interface Written {
  readonly store: OnlineStore;
  readonly bus: LiveBus;
  readonly registry: CompiledRegistry;
}

interface Updating extends Written {
  readonly reader: OnlineReader;
  readonly customers: number;
}

/** Writes one customer after the other anew, tells of it, and fails when it then reads what was there before. */
export function keepUpdating({ store, bus, reader, registry, customers }: Updating): void {
  const view = profileOf(registry);
  const writer = createOnlineWriter({ store, clock: { now: () => dated } });
  // Beyond those of servers before it on the same store: what comes later in the log wins.
  let number = Math.floor(Date.now() / 5);
  const update = async (): Promise<void> => {
    const key = [number % customers];
    const record = rowOf(view, key[0]!, ++number);
    await writer.apply(view, [{ key, records: [record] }]);
    const told = new Promise<void>((resolve) => {
      const waiting = bus.subscribe(['featureUpdate'], {
        onEvent: () => void waiting.then((subscription) => subscription.close()).then(resolve),
        onGap: () => {},
      });
    });
    await bus.publish(updateOf(view, key));
    await told;
    const [reading] = (await reader.readValues([{ view, key }])).readings;
    if (reading!.values[0] !== record.values[1]) throw new Error('a read gave what was there before an update');
    setTimeout(() => void update(), 10);
  };
  void update();
}

interface Announcing extends Written {
  readonly customer: number;
  readonly everyMillis: number;
}

/** Writes one customer anew, so often, with the time as the first feature, and tells of it. */
export function keepAnnouncing({ store, bus, registry, customer, everyMillis }: Announcing): void {
  const view = profileOf(registry);
  const writer = createOnlineWriter({ store, clock: { now: () => dated } });
  const announce = async (): Promise<void> => {
    const now = Date.now();
    const { values, ...record } = rowOf(view, customer, now);
    await writer.apply(view, [{ key: [customer], records: [{ ...record, values: values.with(1, now) }] }]);
    await bus.publish(updateOf(view, [customer]));
  };
  setInterval(() => void announce(), everyMillis);
}

function updateOf(view: CompiledView, key: readonly number[]): LiveMessage {
  return { kind: 'featureUpdate', view: view.name, version: 1, keys: [key], eventTime: dated, arrival: dated };
}
