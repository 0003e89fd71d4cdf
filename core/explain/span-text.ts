import { day, hour, minute, second } from '../time/windows.ts';

const units = [
  ['d', day],
  ['h', hour],
  ['m', minute],
  ['s', second],
  ['ms', 1],
] as const;

/** A length of time by its two largest units, rounded down: "3d2h", "5m", "1s250ms"; 0 is "0s". For people. */
export function spanText(millis: number): string {
  const first = units.findIndex(([, length]) => length <= millis);
  if (first < 0) return '0s';
  let rest = millis;
  const parts = units.slice(first, first + 2).map(([unit, length]) => {
    const count = Math.floor(rest / length);
    rest -= count * length;
    return count === 0 ? '' : `${count}${unit}`;
  });
  return parts.join('');
}
