import { expect, test } from 'vitest';
import { parseJson } from '../../core/values/parse-json.ts';
import type { TryAnswer } from './evaluate.ts';
import { differences } from './expected.ts';

const answers: readonly TryAnswer[] = [
  {
    row: 0,
    keys: { user: 'a' },
    time: '2024-01-01T10:30:00.000Z',
    values: { 'v.n': 2, 'v.big': '9007199254740993', 'v.mean': 2 ** 62, 'v.by': { x: 1, y: [1, null] } },
    status: { 'v.n': 'PRESENT', 'v.big': 'PRESENT', 'v.mean': 'PRESENT', 'v.by': 'PRESENT' },
    view: { v: { status: 'PRESENT', eventTime: '2024-01-01T10:00:00.000Z' } },
  },
];

test.each([
  '[{"values": {"v.n": 2}}]',
  '[{"values": {"v.n": 2.0, "v.by": {"y": [1, null], "x": 1}}, "status": {"v.n": "PRESENT"}}]',
  '[{"view": {"v": {"status": "PRESENT"}}}]',
  '[{"row": 0, "time": "2024-01-01T10:30:00.000Z", "keys": {"user": "a"}}]',
  '[{"values": {"v.big": "9007199254740993", "v.mean": 4611686018427387904}}]',
  '[{"values": {"v.mean": 4.611686018427387904e18}}]',
])('%s is so', (expected) => {
  expect(differences(parseJson(expected), answers)).toEqual([]);
});

test.each([
  ['[{"values": {"v.n": 3}}]', 'row 0, values.v.n: expected 3; got 2'],
  ['[{"values": {"v.n": "2"}}]', 'row 0, values.v.n: expected "2"; got 2'],
  ['[{"values": {"v.n": null}}]', 'row 0, values.v.n: expected null; got 2'],
  ['[{"values": {"v.m": 2}}]', 'row 0, values.v.m: expected 2; got nothing. Did you mean "v.n"?'],
  ['[{"valeus": {"v.n": 2}}]', 'row 0, valeus: expected {"v.n":2}; got nothing. Did you mean "values"?'],
  ['[{"values": {"v.by": {"x": 1}}}]', 'row 0, values.v.by: expected {"x":1}; got {"x":1,"y":[1,null]}'],
  [
    '[{"values": {"v.by": {"x": 1, "y": [1]}}}]',
    'row 0, values.v.by: expected {"x":1,"y":[1]}; got {"x":1,"y":[1,null]}',
  ],
  [
    '[{"values": {"v.big": 9007199254740993}}]',
    'row 0, values.v.big: expected 9007199254740993; got "9007199254740993"',
  ],
  ['[{"view": {"v": {"status": "NULL"}}}]', 'row 0, view.v.status: expected "NULL"; got "PRESENT"'],
  [
    '[{"view": {"w": {"status": "NULL"}}}]',
    'row 0, view.w: expected {"status":"NULL"}; got nothing. Did you mean "v"?',
  ],
  ['[{"columns": {"label": 1}}]', 'row 0, columns: expected {"label":1}; got nothing'],
  ['[3]', 'row 0: expected an object of what to compare; got 3'],
  ['[]', 'expected has 0 rows; the spine has 1 row'],
  ['[{"row": 0}, {}]', 'expected has 2 rows; the spine has 1 row'],
  ['{"values": {}}', 'expected: expected an array with an object for each spine row; got {"values":{}}'],
  ['[{}]', '"expected" names no value, so nothing was checked'],
  ['[{"values": {}}]', '"expected" names no value, so nothing was checked'],
])('%s is not so', (expected, difference) => {
  expect(differences(parseJson(expected), answers)).toEqual([difference]);
});

test('without an expectation nothing was checked', () => {
  expect(differences(undefined, answers)).toEqual(['has no "expected", so nothing was checked']);
  expect(differences([], [])).toEqual([]);
});
