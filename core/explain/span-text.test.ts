import { expect, test } from 'vitest';
import { day, hour, minute, second } from '../time/windows.ts';
import { spanText } from './span-text.ts';

test.each([
  [0, '0s'],
  [250, '250ms'],
  [second + 250, '1s250ms'],
  [5 * minute, '5m'],
  [3 * day + 2 * hour + 59 * minute, '3d2h'],
  [day + 59 * minute, '1d'],
])('%i ms are %s', (millis, text) => {
  expect(spanText(millis)).toBe(text);
});
