import type { CellStatus, ViewReading } from '../definitions/compiled.ts';
import type { Value } from '../values/types.ts';
import type { CellPlan, DerivedCell } from './cell-plan.ts';

/** Along the features of the plan. */
export type Cells = Pick<ViewReading, 'values' | 'statuses' | 'defaulted'>;

interface OpenCells {
  readonly values: Value[];
  readonly statuses: CellStatus[];
  readonly defaulted: boolean[];
}

/**
 * Finishes what was found about a key: statuses, defaults, then what is derived from the defaulted values
 * (SEMANTICS.md, section 6).
 *
 * @param found along `plan.reads`; not looked at where the cells are absent
 * @param absent the status of all cells where the key has none of its own: NOT_FOUND, EXPIRED, NOT_READY; else null
 */
export function finishCells(plan: CellPlan, found: readonly Value[], absent: CellStatus | null): Cells {
  const { cells, asked, derived } = plan;
  const values: Value[] = new Array(cells.length);
  const statuses: CellStatus[] = new Array(cells.length);
  const defaulted: boolean[] = new Array(cells.length);
  const open = { values, statuses, defaulted };
  for (let i = 0; i < cells.length; i++) {
    const { read, defaultValue } = cells[i]!;
    const value = absent === null && read >= 0 ? found[read]! : null;
    values[i] = value ?? defaultValue;
    statuses[i] = absent ?? (value === null ? 'NULL' : 'PRESENT');
    defaulted[i] = value === null && defaultValue !== null;
  }
  for (let i = 0; i < derived.length; i++) derive(plan, derived[i]!, open, absent);
  if (cells.length > asked) values.length = statuses.length = defaulted.length = asked;
  return open;
}

/** The same values without what is told of them. */
export function finishValues(plan: CellPlan, found: readonly Value[], absent: CellStatus | null): readonly Value[] {
  if (plan.derived.length > 0) return finishCells(plan, found, absent).values;
  if (absent === null && plan.isAsFound) return found;
  return plan.cells.map(({ read, defaultValue }) => (absent === null ? found[read]! : null) ?? defaultValue);
}

/** A derived cell is absent with its view, and then has a value only by virtue of a default. */
function derive(
  { cells }: CellPlan,
  { cell, expression, inputs, row }: DerivedCell,
  open: OpenCells,
  absent: CellStatus | null,
): void {
  const { values, statuses, defaulted } = open;
  let fromDefault = false;
  for (let i = 0; i < inputs.length; i++) {
    const input = inputs[i]!;
    row[i] = values[input]!;
    fromDefault ||= defaulted[input]!;
  }
  const value = absent === null || fromDefault ? expression.evaluate(row) : null;
  const status = absent ?? (value === null ? 'NULL' : 'PRESENT');
  const { defaultValue } = cells[cell]!;
  const isReplaced = status !== 'PRESENT' && defaultValue !== null;
  values[cell] = isReplaced ? defaultValue : value;
  statuses[cell] = status;
  defaulted[cell] = isReplaced || fromDefault;
}
