import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayOf, dayOfMonth, dayOfWeek, dayOfYear, isoWeek, monthOf, yearOf } from './calendar.ts';
import { day as dayMillis, hour } from './windows.ts';
import { zoneNamed } from './zone.ts';

/** With half hours, seconds, a day that was skipped, midnights that do not exist, and days of 25 hours. */
const names = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/Havana',
  'America/Sao_Paulo',
  'Africa/Monrovia',
  'Africa/Casablanca',
  'Asia/Kolkata',
  'Asia/Gaza',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Pacific/Kwajalein',
];
const zone = fc.constantFrom(...names);
const endOfTime = Date.UTC(2100, 0, 1);
/** Denser where clocks were changed by law. */
const instant = fc.oneof(
  fc.integer({ min: 0, max: endOfTime - 1 }),
  fc.integer({ min: Date.UTC(1970, 0, 1), max: Date.UTC(2030, 0, 1) }),
);

const formats = new Map(
  names.map((timeZone) => [
    timeZone,
    new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      weekday: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    }),
  ]),
);

function shownByIntl(name: string, at: number): Record<string, string> {
  return Object.fromEntries(
    formats
      .get(name)!
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
}

describe('a zone', () => {
  it('reads what Intl shows, at any instant', () => {
    fc.assert(
      fc.property(zone, instant, (name, at) => {
        const local = at + zoneNamed(name)!.offsetAt(at);
        const shown = shownByIntl(name, at);
        const day = Math.floor(local / dayMillis);
        const clock = new Date(local).toISOString().slice(11, 19).split(':').map(Number);
        expect([yearOf(day), monthOf(day), dayOfMonth(day), ...clock]).toEqual(
          ['year', 'month', 'day', 'hour', 'minute', 'second'].map((part) => Number(shown[part])),
        );
        expect(['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'][dayOfWeek(day) - 1]).toBe(shown.weekday);
      }),
      { numRuns: 3_000 },
    );
  });

  it('finds the first instant of a local time, by trying every quarter of an hour', () => {
    // Apia and Kwajalein skipped a day; the others change at the times that are usual and at midnight.
    const places = [
      ['Europe/Berlin', Date.UTC(2024, 2, 31)],
      ['Europe/Berlin', Date.UTC(2024, 9, 27)],
      ['America/Havana', Date.UTC(2024, 10, 3)],
      ['America/Sao_Paulo', Date.UTC(2018, 10, 4)],
      ['Australia/Lord_Howe', Date.UTC(2024, 3, 7)],
      ['Australia/Lord_Howe', Date.UTC(2024, 9, 6)],
      ['Pacific/Apia', Date.UTC(2011, 11, 30)],
      ['Pacific/Kwajalein', Date.UTC(1993, 7, 21)],
    ] as const;
    for (const [name, date] of places) {
      const { offsetAt, firstInstant } = zoneNamed(name)!;
      for (let local = date - dayMillis; local < date + 2 * dayMillis; local += hour / 4) {
        let tried = local - 15 * hour;
        while (tried + offsetAt(tried) < local) tried += hour / 4;
        // The change itself is on a quarter of an hour, so the first that fits is exact.
        expect(firstInstant(local), `${name} ${new Date(local).toISOString()}`).toBe(tried);
      }
    }
  });

  it('has an IANA name, written as it is', () => {
    for (const name of ['+01:00', 'europe/berlin', 'Mars/Olympus', '', 'GMT+1'])
      expect(zoneNamed(name), name).toBe(null);
    expect(zoneNamed('Asia/Calcutta')!.offsetAt(0)).toBe(5.5 * hour);
  });
});

describe('the calendar', () => {
  it('agrees with Date', () => {
    fc.assert(
      fc.property(fc.integer({ min: -400, max: 50_000 }), (day) => {
        const date = new Date(day * dayMillis);
        const [year, month, dayInMonth] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
        expect([yearOf(day), monthOf(day), dayOfMonth(day)]).toEqual([year, month, dayInMonth]);
        expect(dayOf(year, month, dayInMonth)).toBe(day);
        expect(dayOfYear(day)).toBe((Date.UTC(year, month - 1, dayInMonth) - Date.UTC(year, 0, 1)) / dayMillis + 1);
      }),
    );
  });

  it.each([
    ['2020-12-31', 53],
    ['2021-01-03', 53],
    ['2021-01-04', 1],
    ['2024-12-29', 52],
    ['2024-12-30', 1],
    ['2026-01-01', 1],
    ['2027-01-01', 53],
  ])('%s is in ISO week %i', (date, week) => {
    expect(isoWeek(Date.parse(date) / dayMillis)).toBe(week);
  });
});
