import { describe, expect, it } from 'vitest';
import { eventSourceOf, int64, rowSourceOf, text } from '../../test/doubles/views.ts';
import type { CompiledSource } from '../definitions/compiled.ts';
import { normalizeRecord } from './normalize.ts';

const place = { origin: 'trips', partition: 2, offset: 7 };
const fields = [
  { name: 'key', type: text },
  { name: 'x', type: { kind: 'decimal', precision: 4, scale: 1 } as const },
  { name: 'id', type: int64 },
];
const events = eventSourceOf({ fields, eventId: 'id' });
const rows = rowSourceOf([{ name: 'key', type: text }]);

function reasonOf(source: CompiledSource, row: Record<string, unknown>): string {
  const result = normalizeRecord(source, row, place, null);
  if (!('rejected' in result)) throw new Error('expected a rejection');
  expect(result.rejected.code).toBe('BAD_RECORD');
  return result.rejected.reason;
}

describe('normalizeRecord', () => {
  it('makes an event with the arrival that the log stamped', () => {
    const row = { key: 'a', x: 1.25, id: '9007199254740993', at: '1970-01-01T00:00:01Z', unknown: {} };
    expect(normalizeRecord(events, row, place, 5_000)).toEqual({
      record: {
        ...place,
        eventTime: 1_000,
        knownTime: 5_000,
        eventId: 9007199254740993n,
        deleted: false,
        values: ['a', '1.3', 9007199254740993n],
      },
      nulled: [],
    });
  });

  it('takes the arrival of a batch from its column, else the event time, and an override before both', () => {
    const imported: CompiledSource = {
      ...events,
      definition: {
        ...events.definition,
        kind: 'events',
        eventTime: 'at',
        arrival: 'seen',
        lateness: '1d',
        futureTolerance: '5m',
      },
    };
    const row = { key: 'a', id: 1, at: 1_000 };
    expect(normalizeRecord(imported, { ...row, seen: 3_000 }, place, null)).toMatchObject({
      record: { knownTime: 3_000 },
    });
    expect(normalizeRecord(imported, row, place, null)).toMatchObject({ record: { knownTime: 1_000 } });
    expect(normalizeRecord(imported, { ...row, seen: 3_000 }, place, 4_000)).toMatchObject({
      record: { knownTime: 4_000 },
    });
    expect(normalizeRecord(imported, row, place, 4_000, { arrival: '1970-01-01T00:00:09Z' })).toMatchObject({
      record: { knownTime: 9_000 },
    });
  });

  it('counts what becomes NULL', () => {
    const row = { key: 'a', id: 1, at: 1_000, x: Number.NaN };
    expect(normalizeRecord(events, row, place, null)).toMatchObject({
      record: { values: ['a', null, 1] },
      nulled: [{ field: 'x', anomaly: 'notFinite' }],
    });
  });

  it('rejects an event without its time or its id, and ill-typed fields, naming them', () => {
    expect(reasonOf(events, { id: 1 })).toBe('events.at: its event time is missing; expected an instant; got nothing');
    expect(reasonOf(events, { id: null, at: 1 })).toMatch(
      /^events\.id: its event id is missing; expected int64; got null/,
    );
    expect(reasonOf(events, { id: 1, at: 'noon' })).toMatch(/^events\.at: not an instant; .*got "noon"/);
    expect(reasonOf(events, { id: 1, at: 1, key: 5 })).toBe('events.key: wrong type or value; expected string; got 5');
    expect(reasonOf(events, { id: 1, at: -1 })).toMatch(/out of range/);
  });

  it('never reads what an object inherits', () => {
    const source = eventSourceOf({ fields: [{ name: 'constructor', type: text }] });
    expect(normalizeRecord(source, { at: 1 }, place, null)).toMatchObject({ record: { values: [null] } });
  });

  it('makes rows known from their created time, whatever their arrival', () => {
    const row = { key: 'a', at: 1_000, created: 2_000, gone: 'true' };
    expect(normalizeRecord(rows, row, place, 9_000)).toMatchObject({
      record: { eventTime: 1_000, knownTime: 2_000, deleted: true, eventId: null },
    });
    expect(normalizeRecord(rows, row, place, null, { created: 3_000, deleted: false })).toMatchObject({
      record: { knownTime: 3_000, deleted: false },
    });
    expect(reasonOf(rows, { key: 'a', at: 1_000 })).toMatch(/^rows\.created: its created time is missing/);
  });

  it('keeps rows without their created time for views that opted out of the known-at rule', () => {
    const keeping: CompiledSource = { ...rows, keepsUncreated: true };
    expect(normalizeRecord(keeping, { key: 'a', at: 1_000 }, place, null)).toMatchObject({
      record: { eventTime: 1_000, knownTime: Number.NEGATIVE_INFINITY },
    });
    expect(normalizeRecord(keeping, { key: 'a', at: 1_000, created: 5 }, place, null)).toMatchObject({
      record: { knownTime: 5 },
    });
    expect(reasonOf(keeping, { key: 'a', at: 1_000, created: 'soon' })).toMatch(/^rows\.created: not an instant/);
  });

  it('makes rows of a static source valid from 1970', () => {
    const source: CompiledSource = { ...rows, definition: { kind: 'rows', name: 'rows', fields: rows.fields } };
    expect(normalizeRecord(source, { key: 'a' }, place, 9_000)).toMatchObject({
      record: { eventTime: 0, knownTime: 0 },
    });
  });
});
