import { tableFromIPC } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { t, typeText } from '../core/definitions/value-types.ts';
import type { ValueType } from '../core/values/types.ts';
import { arrowOf } from './arrow-features.ts';

const around = { service: 'all_types', version: 3, readAt: '2001-06-01T12:00:00.000Z' };

function tableOf(values: readonly unknown[], type: ValueType, more: object = {}) {
  const columns = { ...around, names: ['view.feature'], types: [typeText(type)], values: [values], ...more };
  return tableFromIPC(arrowOf(columns));
}

describe('features as Arrow', () => {
  it.each<[string, ValueType, readonly unknown[], readonly unknown[]]>([
    ['Int32', t.int32, [-7, null], [-7, null]],
    ['Int64', t.int64, [5, '9007199254740993', null], [5n, 9_007_199_254_740_993n, null]],
    ['Float64', t.float64, [0.1, null], [0.1, null]],
    ['Utf8', t.string, ['é', '', null], ['é', '', null]],
    ['Bool', t.bool, [true, false, null], [true, false, null]],
    [
      'Timestamp<MILLISECOND, UTC>',
      t.timestamp,
      ['2001-06-01T12:00:00.001Z', null],
      [Date.parse('2001-06-01T12:00:00.001Z'), null],
    ],
    ['List<Float64>', t.vector(2), [[0.5, -1], null], [[0.5, -1], null]],
    [
      'List<Int64>',
      t.list(t.int64),
      [['9007199254740993', 1, null], [], null],
      [[9_007_199_254_740_993n, 1n, null], [], null],
    ],
  ])('has %s with NULL', (name, type, values, expected) => {
    const column = tableOf(values, type).getChildAt(0)!;
    expect(String(column.type)).toBe(name);
    const told = [...column].map((value) => (value !== null && typeof value === 'object' ? [...value] : value));
    expect(told).toEqual(expected);
  });

  it('keeps every digit of decimals', () => {
    const texts = ['3.30', '-0.01', '99999999999999999999999999999999999.999', null];
    const column = tableOf(
      texts.map((text) => (text === null ? null : text.padEnd(text.indexOf('.') + 4, '0'))),
      t.decimal(38, 3),
    ).getChildAt(0)!;
    const digits = [...column].map((words: Uint32Array | null) => {
      if (words === null) return null;
      return BigInt.asIntN(
        128,
        [...words].reduceRight((sum, word) => (sum << 32n) | BigInt(word), 0n),
      );
    });
    expect(digits).toEqual([3_300n, -10n, 99_999_999_999_999_999_999_999_999_999_999_999_999n, null]);
  });

  it('has maps with their keys in order', () => {
    const column = tableOf([{ false: 1, true: null }, {}, null], t.map(t.int64)).getChildAt(0)!;
    expect([...column].map((map) => (map === null ? null : [...map]))).toEqual([
      [
        ['false', 1n],
        ['true', null],
      ],
      [],
      null,
    ]);
  });

  it('has status, default and time beside each column, where they were asked for', () => {
    const more = { statuses: [['PRESENT', 'NULL']], defaulted: [[false, true]], eventTimes: [[around.readAt, null]] };
    const table = tableOf([1, 2], t.int32, more);
    expect(table.schema.fields.map(({ name }) => name)).toEqual([
      'view.feature',
      'view.feature__status',
      'view.feature__defaulted',
      'view.feature__event_timestamp',
    ]);
    expect(table.toArray().map((row) => row.toJSON())).toEqual([
      {
        'view.feature': 1,
        'view.feature__status': 'PRESENT',
        'view.feature__defaulted': false,
        'view.feature__event_timestamp': Date.parse(around.readAt),
      },
      {
        'view.feature': 2,
        'view.feature__status': 'NULL',
        'view.feature__defaulted': true,
        'view.feature__event_timestamp': null,
      },
    ]);
    expect(Object.fromEntries(table.schema.metadata)).toEqual({
      service: 'all_types',
      version: '3',
      read_at: around.readAt,
    });
  });

  it('has no rows where none were asked for', () => {
    expect(tableOf([], t.int64)).toMatchObject({ numRows: 0, numCols: 1 });
  });
});
