import type { CellPlan } from '../../../core/cells/cell-plan.ts';
import type { CompiledView } from '../../../core/definitions/compiled.ts';
import type { ExpressionCompiler } from '../expression-function.ts';
import { valueLiteral } from '../literals.ts';
import { columnOf } from './member.ts';

/** The status of a cell as a number, see `statusCodes` in result.ts; its value after defaulting. */
export interface CellSql {
  readonly status: string;
  readonly served: string;
}

/**
 * A query that has the member's columns (v0, v1, … along `plan.reads`, see `joinedSql`), with a column d<cell> for each derived
 * cell beside them: its value before its own default. One level of subqueries for each step of a chain.
 */
export function withDerived(rows: string, member: string, plan: CellPlan, expressions: ExpressionCompiler): string {
  const depths = new Map<number, number>();
  const levels: string[][] = [];
  // Of an absent key: its cells have a value exactly where there is a default to begin with.
  const withDefault = new Set(plan.cells.flatMap(({ defaultValue }, cell) => (defaultValue === null ? [] : [cell])));
  for (const { cell, expression, inputs } of plan.derived) {
    const depth = 1 + Math.max(-1, ...inputs.map((input) => depths.get(input) ?? -1));
    depths.set(cell, depth);
    const args = inputs.map((input) => ({ type: plan.cells[input]!.type, sql: cellSql(plan, input, member).served }));
    const call = expressions.call(expression, args);
    const isComputed = inputs.some((input) => withDefault.has(input));
    if (isComputed) withDefault.add(cell);
    const value = isComputed ? call : `CASE WHEN ${columnOf(member, 'cs')} = 0 THEN ${call} END`;
    levels[depth] ??= [];
    levels[depth].push(`${value} AS ${columnOf(member, `d${cell}`)}`);
  }
  return levels.reduce((inner, columns) => `SELECT *, ${columns.join(', ')} FROM (${inner})`, rows);
}

/** A cell of a member in SQL over its columns. */
export function cellSql(plan: CellPlan, cell: number, member: string): CellSql {
  const { read, type, defaultValue } = plan.cells[cell]!;
  const column = (name: string) => columnOf(member, name);
  const value = column(read < 0 ? `d${cell}` : `v${read}`);
  const status = `CASE WHEN ${column('cs')} <> 0 THEN ${column('cs')} WHEN ${value} IS NULL THEN 1 ELSE 0 END`;
  if (defaultValue === null) return { status, served: value };
  const fallback = valueLiteral(type, defaultValue);
  // What is read of an absent key is NULL already; what is derived of one may have a value.
  const own = read < 0 ? `CASE WHEN ${column('cs')} = 0 THEN ${value} END` : value;
  return { status, served: `coalesce(${own}, ${fallback})` };
}

/** The functions that the derived features of a view are computed with, for whoever must register them beforehand. */
export function registerDerived(view: CompiledView, expressions: ExpressionCompiler): void {
  for (const feature of view.features) {
    if (feature.kind !== 'derived') continue;
    const inputs = feature.inputs.map(({ type }) => ({ type, sql: 'NULL' }));
    expressions.call(feature.expression, inputs);
  }
}
