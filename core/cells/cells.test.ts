import { describe, expect, it } from 'vitest';
import { flights, rowView } from '../../test/definitions/flights.ts';
import type { CompiledView } from '../definitions/compiled.ts';
import { compileDefinitions } from '../registry/compile.ts';
import { allFeatures, cellPlanOf } from './cell-plan.ts';
import { finishCells } from './finish-cells.ts';

const leaf = (feature: string) => ({ op: 'feature', feature });
const col = (name: string) => ({ op: 'col', name });
const call = (op: string, ...args: readonly object[]) => ({ op, args });

function viewOf(features: readonly object[]): CompiledView {
  const definitions = flights((json) => rowView(json, { features }));
  return compileDefinitions(definitions).views.get('profile')![0]!;
}

const city = { name: 'city', kind: 'column', column: 'city', default: 'nowhere' };
const same = { name: 'same', kind: 'derived', expression: call('eq', leaf('city'), col('city')) };
const other = { name: 'other', kind: 'derived', expression: call('not', leaf('same')), default: false };
const iata = { name: 'iata', kind: 'derived', expression: col('iata') };

describe('cells', () => {
  const view = viewOf([other, same, iata, city]);

  it('keeps of a row the columns of its features, then those that only expressions read', () => {
    expect(view.columns.map((column) => view.source.fields[column]!.name)).toEqual(['city', 'iata']);
  });

  it('reads what the chosen features need, and computes inputs first', () => {
    const plan = cellPlanOf(view, [0]);
    expect(plan).toMatchObject({ reads: [0], asked: 1 });
    expect(plan.cells.map(({ read }) => read)).toEqual([-1, -1, 0, 0]);
    expect(plan.derived.map(({ cell, inputs }) => [cell, inputs])).toEqual([
      [1, [2, 3]],
      [0, [1]],
    ]);
    expect(cellPlanOf(view, [2]).reads).toEqual([1]);
  });

  it('works a plan out once for each choice', () => {
    expect(cellPlanOf(view, allFeatures(view))).toBe(cellPlanOf(view, allFeatures(view)));
  });

  it('answers for what was asked alone, twice where it was asked twice', () => {
    expect(finishCells(cellPlanOf(view, [1, 0, 1]), ['Rome'], null)).toEqual({
      values: [true, false, true],
      statuses: ['PRESENT', 'PRESENT', 'PRESENT'],
      defaulted: [false, false, false],
    });
  });

  it('derives from defaulted values, and from columns as they are', () => {
    expect(finishCells(cellPlanOf(view, allFeatures(view)), [null, 'ATL'], null)).toEqual({
      values: [false, null, 'ATL', 'nowhere'],
      statuses: ['NULL', 'NULL', 'PRESENT', 'NULL'],
      defaulted: [true, true, false, true],
    });
  });

  it.each(['NOT_FOUND', 'EXPIRED', 'NOT_READY'] as const)('are all %s together', (status) => {
    const is = { name: 'is_nowhere', kind: 'derived', expression: call('isNotNull', leaf('city')) };
    const unknown = { name: 'unknown', kind: 'derived', expression: call('isNull', col('iata')) };
    const absent = viewOf([is, unknown, city, { ...is, name: 'own', default: false }]);
    expect(finishCells(cellPlanOf(absent, allFeatures(absent)), [], status)).toEqual({
      values: [true, null, 'nowhere', false],
      statuses: [status, status, status, status],
      defaulted: [true, false, true, true],
    });
  });
});
