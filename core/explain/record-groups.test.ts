import { expect, test } from 'vitest';
import { groupByOutcome } from './record-groups.ts';

const records = Array.from({ length: 10 }, (_, index) => ({
  outcome: index === 9 ? ('late' as const) : ('counted' as const),
  isDecisive: index === 4,
  describe: () => ({ place: `log/0/${index}`, eventTime: '', knownTime: null, columns: {} }),
}));

function shown(limit: number): [string, number, string][] {
  return groupByOutcome(['counted', 'late', 'early'], records, limit).map(({ outcome, total, records: listed }) => [
    outcome,
    total,
    listed.map(({ place }) => place.slice(-1)).join(''),
  ]);
}

test('a group shows its first, its last and its decisive records, and counts them all', () => {
  expect(shown(3)).toEqual([
    ['counted', 9, '0148'],
    ['late', 1, '9'],
  ]);
  expect(shown(0)).toEqual([
    ['counted', 9, '4'],
    ['late', 1, ''],
  ]);
});

test('a group within the limit is shown whole', () => {
  expect(shown(9)[0]).toEqual(['counted', 9, '012345678']);
  expect(shown(Infinity)[0]).toEqual(['counted', 9, '012345678']);
});
