import type { SourceRecord } from '../../core/definitions/compiled.ts';
import type { CompiledRegistry } from '../../core/definitions/registry-view.ts';
import { markReady } from '../../core/online/ready.ts';
import { createOnlineWriter } from '../../core/online/writer.ts';
import type { OnlineStore } from '../../core/ports/online-store.ts';
import { profileOf } from '../serving-definitions.ts';

export const profileCount = 10_000;

/** When all rows are dated. */
export const dated = Date.parse('2001-06-01T12:00:00Z');

/** Numbers in 1..9999, the same for the same place. */
export function profileValue(customer: number, feature: number): number {
  return ((customer * 7_919 + feature * 104_729) % 9_999) + 1;
}

/** Writes every customer's row and says that they are all there. */
export async function fillProfiles(store: OnlineStore, registry: CompiledRegistry): Promise<void> {
  const view = profileOf(registry);
  const writer = createOnlineWriter({ store, clock: { now: () => dated } });
  for (let first = 0; first < profileCount; first += 1_000) {
    const groups = Array.from({ length: 1_000 }, (_, index) => {
      const customer = first + index;
      const values = [customer, ...view.features.map((_, feature) => profileValue(customer, feature))];
      const record: SourceRecord = {
        origin: 'profiles',
        partition: 0,
        offset: customer,
        eventTime: dated,
        knownTime: dated,
        eventId: null,
        deleted: false,
        values,
      };
      return { key: [customer], records: [record] };
    });
    await writer.apply(view, groups);
  }
  await markReady(store, view);
}
