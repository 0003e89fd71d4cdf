import { expect, it } from 'vitest';
import { int64, rowSourceOf, rowViewOf, text } from '../../test/doubles/views.ts';
import { decodeRowState, encodeRowState } from './row-codec.ts';
import type { RowState } from './row-state.ts';

const source = rowSourceOf([
  { name: 'key', type: text },
  { name: 'x', type: int64 },
]);

it('reads what it wrote: tombstones, and created times that are 1970 or missing', () => {
  const view = rowViewOf({ source, features: ['x'] });
  const row = { eventTime: 10, origin: 'a.csv', partition: 0, offset: 1, deleted: false, values: [5] };
  const state: RowState = {
    rows: [
      { ...row, createdTime: 20 },
      { ...row, createdTime: 0, offset: 2, deleted: true, values: [] },
      { ...row, createdTime: Number.NEGATIVE_INFINITY, offset: 3 },
      { ...row, createdTime: Number.NEGATIVE_INFINITY, offset: 4, deleted: true, values: [] },
    ],
    exactFrom: 7,
  };
  expect(decodeRowState(view, encodeRowState(view, state))).toEqual(state);
});
