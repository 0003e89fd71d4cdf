import { expect } from 'vitest';
import type { CompiledView, ServiceMember, SourceRecord } from '../../core/definitions/compiled.ts';
import { groupByKey } from '../../core/online/group-by-key.ts';
import type { OnlineReader } from '../../core/online/reader.ts';
import { oracleRead } from '../../core/oracle/read.ts';
import type { EventLog } from '../../core/ports/event-log.ts';
import type { JoinRequest, OfflineStore, Spine } from '../../core/ports/offline-store.ts';
import { readLog } from '../../pipelines/ingest/read-log.ts';
import { shopRegistry, shopTopics } from './definitions.ts';

/** What the log holds, read and normalized once more, in place order. */
export async function recordsOfLog(log: EventLog): Promise<ReadonlyMap<string, readonly SourceRecord[]>> {
  const bySource = new Map<string, SourceRecord[]>();
  for (const topic of shopTopics) {
    const source = shopRegistry.sources.get(topic)!;
    const records: SourceRecord[] = [];
    for (const [partition, to] of await log.endOffsets(topic)) {
      for await (const batch of readLog({ log }, source, { topic, partition, from: 0, to }))
        records.push(...batch.records);
    }
    bySource.set(topic, records);
  }
  return bySource;
}

/** Every record of the log is in the offline store once, as it is in the log, and no other is there. */
export async function expectOfflineHoldsEachOnce(
  offline: OfflineStore,
  view: CompiledView,
  expected: readonly SourceRecord[],
) {
  const held: SourceRecord[] = [];
  for await (const { records } of offline.scanByKey(view)) held.push(...records);
  const placeOf = ({ partition, offset }: SourceRecord): string => `${partition}/${offset}`;
  const inPlaceOrder = held.toSorted((a, b) => a.partition - b.partition || a.offset - b.offset);
  expect(inPlaceOrder.map(placeOf)).toEqual(expected.map(placeOf));
  expect(
    inPlaceOrder.filter((record, index) => JSON.stringify(plain(record)) !== JSON.stringify(plain(expected[index]!))),
  ).toEqual([]);
}

function plain(record: SourceRecord): object {
  return { ...record, eventId: String(record.eventId), values: record.values.map(String) };
}

/** The oracle's values of each key at the instant equal those read online, and joined offline. */
export async function expectValuesOfOracle(
  stores: { readonly reader: OnlineReader; readonly offline: OfflineStore },
  view: CompiledView,
  records: readonly SourceRecord[],
  t: number,
): Promise<number> {
  const groups = groupByKey(view, records);
  const expected = groups.map(({ key, records: own }) => {
    const { status, values } = oracleRead(view, own, { key, t, knownAt: t, mode: 'AS_SERVED' });
    return { key, status, values };
  });
  const { readings } = await stores.reader.read(
    groups.map(({ key }) => ({ view, key })),
    t,
  );
  expect(readings.map(({ status, values }, index) => ({ key: groups[index]!.key, status, values }))).toEqual(expected);
  const joined: object[] = [];
  const member: ServiceMember = {
    alias: view.name,
    view,
    joinColumns: view.key.map(({ name }) => name),
    features: view.features.map((_, index) => index),
    maxAgeMillis: null,
  };
  const spine: Spine = {
    kind: 'rows',
    columns: view.key.map(({ name, type }) => ({ name, type })),
    rows: groups.map(({ key }) => key),
    times: groups.map(() => t),
    knownAt: groups.map(() => null),
  };
  const request: JoinRequest = { spine, members: [member], mode: 'AS_SERVED', sources: [], withStatus: true };
  for await (const rows of stores.offline.join(request)) {
    for (const row of rows) {
      const { status, values } = row.members[0]!;
      joined.push({ key: groups[row.row]!.key, status, values });
    }
  }
  expect(joined).toEqual(expected);
  return groups.length;
}
