import type { SourceRecord } from '../../core/definitions/compiled.ts';
import type { CompiledRegistry } from '../../core/definitions/registry-view.ts';
import { markReady } from '../../core/online/ready.ts';
import { createOnlineWriter } from '../../core/online/writer.ts';
import type { OnlineStore } from '../../core/ports/online-store.ts';
import { featureCount } from '../feast-definitions.ts';
import { dated, profileValue } from './profiles.ts';

const groupRows = 1_000;

function recordOf(customer: number): SourceRecord {
  return {
    origin: 'rows',
    partition: 0,
    offset: customer,
    eventTime: dated,
    knownTime: dated,
    eventId: null,
    deleted: false,
    values: [customer, ...Array.from({ length: featureCount }, (_, feature) => profileValue(customer, feature))],
  };
}

/** Writes `count` rows into every view, and says that they are all there. */
export async function fillFeastRows(store: OnlineStore, registry: CompiledRegistry, count: number): Promise<void> {
  const writer = createOnlineWriter({ store, clock: { now: () => dated } });
  const views = [...registry.views.values()].flat();
  for (let first = 0; first < count; first += groupRows) {
    const groups = Array.from({ length: Math.min(groupRows, count - first) }, (_, index) => ({
      key: [first + index],
      records: [recordOf(first + index)],
    }));
    for (const view of views) await writer.apply(view, groups);
  }
  for (const view of views) await markReady(store, view);
}
