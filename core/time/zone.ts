import { day as dayMillis, hour } from './windows.ts';

/** The local clock of a time zone, from 1970 to 2100. Offsets are milliseconds east of UTC: local = instant + offset. */
export interface Zone {
  readonly name: string;
  offsetAt(instant: number): number;
  /**
   * The first instant at which the local clock reads `local` or later: where the clock goes back, the earlier one;
   * where it skips `local`, the moment of the skip.
   */
  firstInstant(local: number): number;
  /** The moment in (from, to] at which the offset changes; there is one. */
  changeBetween(from: number, to: number): number;
}

const zones = new Map<string, Zone>();

/** A zone by its IANA name, exactly as written in the database; null = there is none. Built once. */
export function zoneNamed(name: string): Zone | null {
  const known = zones.get(name);
  if (known !== undefined) return known;
  const format = zoneFormat(name);
  if (format === null) return null;
  const zone = createZone(name, format);
  zones.set(name, zone);
  return zone;
}

/** Names begin with a letter; "+01:00" is an offset, which Intl would take as well. */
const namePattern = /^[A-Za-z]/;

function zoneFormat(timeZone: string): Intl.DateTimeFormat | null {
  if (!namePattern.test(timeZone)) return null;
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    const found = format.resolvedOptions().timeZone;
    // Intl ignores the case of letters; other programs do not.
    return found !== timeZone && found.toLowerCase() === timeZone.toLowerCase() ? null : format;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** What the zone's clock reads, less what UTC's does. Milliseconds of the instant do not matter. */
function askedOffset(format: Intl.DateTimeFormat, instant: number): number {
  const read: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(instant)) read[type] = Number(value);
  const local = Date.UTC(read.year!, read.month! - 1, read.day!, read.hour!, read.minute!, read.second!);
  return local - Math.floor(instant / 1_000) * 1_000;
}

const margin = 2;
const days = 47_482 + 2 * margin;
const unknown = 2 ** 31 - 1;
const changing = 2 ** 31 - 2;

interface Change {
  readonly at: number;
  readonly before: number;
  readonly after: number;
}

/**
 * Asks Intl twice for each UTC day that is ever read, and keeps the answer: no zone changes its clock more than once
 * in such a day. A read is then one look into an array.
 */
function createZone(name: string, format: Intl.DateTimeFormat): Zone {
  const offsets = new Int32Array(days).fill(unknown);
  const changes = new Map<number, Change>();
  const ask = (instant: number) => askedOffset(format, instant);

  const learn = (day: number): number => {
    const start = day * dayMillis;
    const before = ask(start);
    const after = ask(start + dayMillis);
    const isChanging = before !== after;
    if (isChanging) {
      changes.set(day, {
        at: firstWhere((instant) => ask(instant) !== before, start, start + dayMillis),
        before,
        after,
      });
    }
    offsets[day + margin] = isChanging ? changing : before;
    return offsets[day + margin]!;
  };

  const offsetAt = (instant: number): number => {
    const day = Math.floor(instant / dayMillis);
    let offset = offsets[day + margin]!;
    if (offset === unknown) offset = learn(day);
    if (offset !== changing) return offset;
    const { at, before, after } = changes.get(day)!;
    return instant < at ? before : after;
  };

  const changeBetween = (from: number, to: number): number => {
    const before = offsetAt(from);
    return firstWhere((instant) => offsetAt(instant) !== before, from, to);
  };

  return {
    name,
    offsetAt,
    changeBetween,
    firstInstant(local) {
      // No zone is further east: here the offset is the one before any change that matters.
      const from = local - 14 * hour;
      const before = offsetAt(from);
      const early = local - before;
      const after = offsetAt(early);
      if (after === before) return early;
      const late = local - after;
      return offsetAt(late) === after ? late : changeBetween(from, early);
    },
  };
}

/** The first whole number in (from, to] of which it is true; it is true of `to`, and stays true. */
function firstWhere(isTrue: (x: number) => boolean, from: number, to: number): number {
  let low = from;
  let high = to;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isTrue(middle)) high = middle;
    else low = middle;
  }
  return high;
}
