import { expect, test } from 'vitest';
import { jsonErrorPlace } from './json-error-place.ts';

test.each([
  ['{"a": }', '1:7'],
  ['{"a": 1,\n "b" 2}', '2:6'],
  ['{"a": "x', '1:7'],
  ['["\\q"]', '1:2'],
  ['["\\u00e9 \\" \\\\", tru]', '1:18'],
  ['[1] 2', '1:5'],
  ['', '1:1'],
])('%j stops being JSON at %s', (json, place) => {
  expect(jsonErrorPlace(json)).toBe(place);
});

test('long and deep texts do not exhaust the stack', () => {
  expect(jsonErrorPlace(`["${'x'.repeat(10_000_000)}", tru]`)).toBe('1:10000006');
  expect(jsonErrorPlace(`${'['.repeat(1_000_000)}tru`)).toBe('1:1002');
});
