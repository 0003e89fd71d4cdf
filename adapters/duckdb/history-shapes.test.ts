import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CompiledSource, SourceRecord } from '../../core/definitions/compiled.ts';
import type { OfflineStore } from '../../core/ports/offline-store.ts';
import type { Value } from '../../core/values/types.ts';
import { aggregateView, eventSource, hourMillis, record } from '../../test/doubles/landing-views.ts';
import { createDuckDbOfflineStore } from './offline-store.ts';

let folder: string;
let store: OfflineStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'asof-shapes-'));
  store = await createDuckDbOfflineStore({ folder });
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const source = eventSource();
const day = Date.UTC(2001, 0, 1);

function landing(offset: number): SourceRecord {
  const values = ['ATL', 'ORD', offset - 5, '1.50', 0.5, offset];
  return record({ offset }, day + offset * hourMillis, values, { eventId: offset });
}

function landings(from: number, to: number): SourceRecord[] {
  return Array.from({ length: to - from }, (_, index) => landing(from + index));
}

describe('the shapes of a source', () => {
  it('begins another history for records of another shape, which must come again from the log', async () => {
    const old: CompiledSource = { ...source, fields: source.fields.slice(0, 3) };
    await store.append(old, [{ ...landing(0), eventId: '0', values: landing(0).values.slice(0, 3) }]);
    await store.flush(old);
    expect(await store.durablePositions(source)).toEqual(new Map());
    await store.append(source, landings(0, 2));
    const valuesOf = async (one: CompiledSource) => {
      const found: (readonly Value[])[] = [];
      for await (const { records } of store.scanByKey(aggregateView(one, ['origin'], []))) {
        found.push(...records.map(({ values }) => values));
      }
      return found;
    };
    expect(await valuesOf(source)).toEqual([landing(0).values, landing(1).values]);
    expect(await valuesOf(old)).toEqual([landing(0).values.slice(0, 3)]);
  });

  it('goes on with the same history when the fields only change places', async () => {
    await store.append(source, landings(0, 1));
    const turned: CompiledSource = { ...source, fields: source.fields.toReversed() };
    await store.append(turned, [{ ...landing(1), values: landing(1).values.toReversed() }]);
    expect(await store.durablePositions(source)).toEqual(new Map([['log/0', 0]]));
    const found: (readonly Value[])[] = [];
    for await (const { records } of store.scanByKey(aggregateView(turned, ['origin'], []))) {
      found.push(...records.map(({ values }) => values));
    }
    expect(found).toEqual([landing(0).values.toReversed(), landing(1).values.toReversed()]);
  });
});
