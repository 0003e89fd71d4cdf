import { AsofError } from '../errors/asof-error.ts';
import { isNumberText } from './decimal.ts';
import { describeInput } from './describe-input.ts';
import { NumberText } from './parse-json.ts';
import type { Instant } from './types.ts';

export const endOfTime = Date.UTC(2100, 0, 1);

const instantPattern =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?(?: ?([Zz]|UTC|[+-]\d\d(?::?\d\d)?))?)?$/;
const millisPattern = /^-?\d{9,}(?:\.\d+)?$/;

const expected =
  'an instant in [1970-01-01, 2100-01-01): RFC 3339 text (without an offset it is UTC), a date, or milliseconds since 1970';

/**
 * An instant from RFC 3339 text, a date, a number of milliseconds, or such a number as text; finer input is floored.
 *
 * @throws AsofError BAD_INPUT naming `path`, what was expected and what was found
 */
export function parseInstant(input: unknown, path: string): Instant {
  const instant = readInstant(input);
  if (instant !== null && instant >= 0 && instant < endOfTime) return instant;
  throw new AsofError('BAD_INPUT', instant === null ? 'not an instant' : 'instant out of range', {
    path,
    expected,
    got: describeInput(input),
  });
}

/** Milliseconds since 1970, out of range or not; null = not an instant. */
export function readInstant(input: unknown): number | null {
  if (typeof input === 'number') return Number.isFinite(input) ? Math.floor(input) + 0 : null;
  if (typeof input === 'bigint') return Number(input);
  if (typeof input === 'string') return readText(input.trim());
  if (input instanceof Date) return Number.isNaN(input.getTime()) ? null : input.getTime();
  if (input instanceof NumberText && isNumberText(input.text)) return Math.floor(Number(input.text));
  return null;
}

/** The number that these digits are; −1 where one is not a digit. */
function digitsAt(text: string, start: number, end: number): number {
  let number = 0;
  for (let at = start; at < end; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  return number;
}

/** As programs write it (`Date.toJSON`), without a pattern, for every event has one; null = of another form, or no instant. */
function readUsualText(text: string): Instant | null {
  if (text.length !== 24 || text[4] !== '-' || text[7] !== '-' || text[10] !== 'T') return null;
  if (text[13] !== ':' || text[16] !== ':' || text[19] !== '.' || text[23] !== 'Z') return null;
  const [year, month, day] = [digitsAt(text, 0, 4), digitsAt(text, 5, 7), digitsAt(text, 8, 10)];
  const [hour, minute, second] = [digitsAt(text, 11, 13), digitsAt(text, 14, 16), digitsAt(text, 17, 19)];
  const milli = digitsAt(text, 20, 23);
  // Days that only some months have are left to who looks at the month.
  if (year < 1000 || month < 1 || month > 12 || day < 1 || day > 28) return null;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 || milli < 0) return null;
  return Date.UTC(year, month - 1, day, hour, minute, second, milli);
}

function readText(text: string): Instant | null {
  const usual = readUsualText(text);
  if (usual !== null) return usual;
  const match = instantPattern.exec(text);
  if (match === null) return millisPattern.test(text) ? Math.floor(Number(text)) : null;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', offset] = match;
  const date = Date.UTC(Number(year), Number(month) - 1, Number(day));
  // Date.UTC rolls 30 February over into March: refuse what does not come back.
  const back = new Date(date);
  if (back.getUTCMonth() + 1 !== Number(month) || back.getUTCDate() !== Number(day)) return null;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null;
  const offsetMinutes = readOffset(offset);
  if (offsetMinutes === null) return null;
  const minutes = Number(hour) * 60 + Number(minute) - offsetMinutes;
  return date + minutes * 60_000 + Number(second) * 1_000 + Number(fraction.slice(0, 3).padEnd(3, '0'));
}

function readOffset(offset: string | undefined): number | null {
  if (offset === undefined || !/\d/.test(offset)) return 0;
  const hours = Number(offset.slice(1, 3));
  const minutes = Number(offset.slice(3).replace(':', '') || '0');
  if (hours > 23 || minutes > 59) return null;
  return (offset[0] === '-' ? -1 : 1) * (hours * 60 + minutes);
}
