import { AsofError } from '../errors/asof-error.ts';
import { day, hour, minute, second } from './windows.ts';

const unitMillis = { ms: 1, s: second, m: minute, h: hour, d: day } as const;
type Unit = keyof typeof unitMillis;

/** A duration as people write it: "90s", "5m", "1h", "7d", "1h30m", or ISO 8601 ("PT5M", "P7D"). */
export type DurationText = `${number}${Unit}` | `P${string}`;

const short = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?$/;
const iso = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d{1,3}))?S)?)?$/;

/**
 * Milliseconds of a duration text. Years and months are refused: they have no fixed length.
 * BAD_INPUT for anything else than `DurationText`, and for what exceeds 2^53 ms.
 */
export function parseDuration(text: string): number {
  const millis = tryParseDuration(text);
  if (millis === null) {
    throw new AsofError('BAD_INPUT', 'not a duration', {
      expected: durationForm,
      got: JSON.stringify(text),
      remedy: 'Write a whole number with a unit: ms, s, m, h or d.',
    });
  }
  return millis;
}

export const durationForm = 'a duration such as "30s", "5m", "1h", "7d" or "PT5M"';

/** As `parseDuration`; null for what is not a duration. */
export function tryParseDuration(text: string): number | null {
  const millis = shortMillis(text) ?? isoMillis(text);
  return millis !== null && Number.isSafeInteger(millis) ? millis : null;
}

function shortMillis(text: string): number | null {
  const match = text === '' ? null : short.exec(text);
  if (match === null) return null;
  const [, d, h, m, s, ms] = match;
  return count(d) * day + count(h) * hour + count(m) * minute + count(s) * second + count(ms);
}

function isoMillis(text: string): number | null {
  const match = text === 'P' ? null : iso.exec(text);
  if (match === null) return null;
  const [, w, d, h, m, s, fraction] = match;
  return (
    count(w) * 7 * day +
    count(d) * day +
    count(h) * hour +
    count(m) * minute +
    count(s) * second +
    count(fraction?.padEnd(3, '0'))
  );
}

function count(digits: string | undefined): number {
  return digits === undefined ? 0 : Number(digits);
}

/** The canonical text: the largest unit that divides it ("90s", "1h", "7d"); 0 is "0s". */
export function formatDuration(millis: number): string {
  if (millis === 0) return '0s';
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    if (millis % unitMillis[unit] === 0) return `${millis / unitMillis[unit]}${unit}`;
  }
  return `${millis}ms`;
}
