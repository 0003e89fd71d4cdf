import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SourceRecord } from '../../core/definitions/compiled.ts';
import type { KeyRequest, OfflineStore } from '../../core/ports/offline-store.ts';
import type { Value } from '../../core/values/types.ts';
import { aggregateView, eventSource, hourMillis, record } from '../../test/doubles/landing-views.ts';
import { createDuckDbOfflineStore } from './offline-store.ts';

let folder: string;
let store: OfflineStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'asof-key-records-'));
  store = await createDuckDbOfflineStore({ folder });
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const source = eventSource();
const day = Date.UTC(2001, 0, 1);

function landing(offset: number, origin: string | null, fare = '1.50'): SourceRecord {
  return record({ offset }, day + offset * hourMillis, [origin, 'ORD', 5, fare, 0.5, offset], { eventId: offset });
}

describe('the records of one key', () => {
  const whole = { start: null, end: null };
  async function offsets(keys: readonly string[], request: Partial<KeyRequest>): Promise<number[]> {
    const view = aggregateView(source, keys, []);
    const found = await store.recordsOfKey(view, { key: ['ATL'], between: whole, mostRecords: 100, ...request });
    return found.map(({ offset }) => offset);
  }

  beforeEach(async () => {
    await store.append(source, [landing(0, 'ATL'), landing(1, "A'L"), landing(2, null), landing(3, 'ATL', '2.50')]);
    await store.flush(source);
    await store.append(source, [landing(4, 'ATL'), landing(5, 'ORD')]);
  });

  it('are found in files and in the tail, as they were appended', async () => {
    const view = aggregateView(source, ['origin'], []);
    const found = await store.recordsOfKey(view, { key: ['ATL'], between: whole, mostRecords: 3 });
    expect(found).toEqual([landing(0, 'ATL'), landing(3, 'ATL', '2.50'), landing(4, 'ATL')]);
  });

  it('match by type, part by part, and a NULL part matches nothing', async () => {
    expect(await offsets(['origin'], { key: ["A'L"] })).toEqual([1]);
    expect(await offsets(['origin', 'fare'], { key: ['ATL', '1.50'] })).toEqual([0, 4]);
    expect(await offsets(['origin', 'flightId'], { key: ['ATL', 4] })).toEqual([4]);
    expect(await offsets(['origin'], { key: [null as Value] })).toEqual([]);
    expect(await offsets([], { key: [] })).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('lie in a half-open range of event time', async () => {
    const between = (start: number | null, end: number | null) => ({
      between: {
        start: start === null ? null : day + start * hourMillis,
        end: end === null ? null : day + end * hourMillis,
      },
    });
    expect(await offsets(['origin'], between(3, 4))).toEqual([3]);
    expect(await offsets(['origin'], between(null, 3))).toEqual([0]);
    expect(await offsets(['origin'], between(4, null))).toEqual([4]);
  });

  it('are refused when there are too many, by name', async () => {
    await expect(offsets(['origin'], { mostRecords: 2 })).rejects.toMatchObject({
      code: 'LIMIT_EXCEEDED',
      details: { expected: 'at most 2 records of one key in the window' },
    });
  });
});
