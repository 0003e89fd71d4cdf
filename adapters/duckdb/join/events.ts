import type { CompiledView, ServiceMember } from '../../../core/definitions/compiled.ts';
import { powerOfTen } from '../../../core/values/decimal.ts';
import type { ValueType } from '../../../core/values/types.ts';
import type { Session } from '../engine.ts';
import { isVariance } from '../exact-functions.ts';
import type { ExpressionCompiler } from '../expression-function.ts';
import { identifier, integer } from '../quoting.ts';
import { hasEventId } from '../record-table.ts';
import { createEndColumns, type Extreme } from './extremes.ts';
import { kernelEventColumns, needsKernel } from './kernel-inputs.ts';
import { ofSpineKeys } from './keys.ts';

/** What aggregates read of an event: an input that counts only where a condition holds. Accumulators share them. */
export interface InputSlot {
  /** SQL over the source's columns; null = no condition. */
  readonly where: string | null;
  /** SQL over the source's columns; null = the event itself (countRows). */
  readonly input: string | null;
  readonly type: ValueType | null;
  /** Exact numbers are summed as HUGEINT units of 10^-scale. */
  readonly scale: number | null;
  needsSum: boolean;
  needsSquares: boolean;
  needsOrder: boolean;
  needsValues: boolean;
  /** min, max or both. */
  readonly extremes: Set<Extreme['call']>;
}

/** For each accumulator of the view the slot that it reads; −1 where a kernel reads the event itself. */
export interface EventSlots {
  readonly slots: readonly InputSlot[];
  readonly slotOf: readonly number[];
}

/** |x·10^s| from which inputs of variance are NULL. */
export const varianceLimit = 2n ** 48n;

const summing: readonly string[] = ['sum', 'avg', 'varSamp', 'varPop', 'stddevSamp', 'stddevPop'];
const counting: readonly string[] = ['countRows', 'count'];

export function eventSlots(view: CompiledView, expressions: ExpressionCompiler): EventSlots {
  const slots: InputSlot[] = [];
  const slotOf = view.accumulators.map((accumulator) => {
    const { definition, input, where } = accumulator;
    if (needsKernel(accumulator)) return -1;
    const { fields } = view.source;
    const isVar = isVariance(definition.function);
    const type = input?.type ?? null;
    const scale = type === null ? null : scaleOf(type);
    let inputSql = input === null ? null : expressions.toSql(input, fields);
    if (isVar && inputSql !== null) {
      const units = unitsSql(inputSql, type!);
      inputSql = `CASE WHEN abs(${units}) < ${varianceLimit} THEN ${inputSql} END`;
    }
    const whereSql = where === null ? null : expressions.toSql(where, fields);
    let index = slots.findIndex((slot) => slot.where === whereSql && slot.input === inputSql);
    if (index < 0) {
      index = slots.length;
      const unused = { needsSum: false, needsSquares: false, needsOrder: false, needsValues: false };
      slots.push({ where: whereSql, input: inputSql, type, scale, ...unused, extremes: new Set() });
    }
    const slot = slots[index]!;
    if (summing.includes(definition.function) && scale !== null) slot.needsSum = true;
    else if (!counting.includes(definition.function)) slot.needsValues = true;
    if (isVar) slot.needsSquares = true;
    if (definition.function === 'min' || definition.function === 'max') slot.extremes.add(definition.function);
    if (['first', 'last'].includes(definition.function)) slot.needsOrder = true;
    return index;
  });
  return { slots, slotOf };
}

/** Digits behind the point of an exact number; null for what is not one. */
export function scaleOf(type: ValueType): number | null {
  if (type.kind === 'decimal') return type.scale;
  return type.kind === 'int32' || type.kind === 'int64' ? 0 : null;
}

/** An exact number in units of 10^-scale, as HUGEINT. */
export function unitsSql(sql: string, type: ValueType): string {
  if (type.kind !== 'decimal' || type.scale === 0) return `CAST(${sql} AS HUGEINT)`;
  if (type.precision + type.scale + 1 > 38) return `CAST(replace(CAST(${sql} AS VARCHAR), '.', '') AS HUGEINT)`;
  return `CAST(${sql} * CAST(${powerOfTen(type.scale)} AS DECIMAL(${type.scale + 1}, 0)) AS HUGEINT)`;
}

export interface EventRange {
  /** Event times that can matter to any row: [from, to). */
  readonly from: number;
  readonly to: number;
}

/** The time of each key's first row in `events`, which is no event: before all of them, and below every window. */
export const beforeEvents = -(2n ** 62n);

/**
 * Creates `events`: the counting events of the spine's keys in the order of (kid, t, id), with running totals:
 *
 *   events(kid, t, a, n, is_last, and per slot s: e_s (counts), x_s (value), cn_s (running count), cs_s, cq_s (running
 *          sums), and its extremes' ends, see createEndColumns)
 *
 * n numbers all rows from 1, and the totals run on from key to key: what lies between two places of one key is still
 * the difference of their totals, and a running total over everything needs neither partitions nor frames. Each key
 * begins with a row that is no event, so that there is a row before every bound. is_last marks the last row of its
 * key and time.
 */
export async function createEvents(
  session: Session,
  { view }: ServiceMember,
  history: string,
  { slots }: EventSlots,
  range: EventRange,
): Promise<void> {
  const { latenessMillis: lateness, futureToleranceMillis: tolerance } = view.source;
  const columns = [
    ...view.key.map((part, index) => `${identifier(view.source.fields[part.column]!.name)} AS k${index}`),
    '__event_time AS t',
    '__known_time AS a',
    '__event_id AS id',
    '__origin AS o',
    '__partition AS p',
    '__offset AS f',
  ];
  const kernelColumns = kernelEventColumns(view);
  columns.push(...kernelColumns.source);
  for (const [index, { where, input }] of slots.entries()) {
    const counts = `(coalesce(${where ?? 'true'}, false) AND ${input === null ? 'true' : `(${input}) IS NOT NULL`})`;
    columns.push(`${counts} AS e_${index}`);
    if (input !== null) columns.push(`CASE WHEN ${counts} THEN ${input} END AS x_${index}`);
  }
  const conditions = [
    `__known_time - __event_time <= ${integer(lateness)}`,
    `__event_time - __known_time <= ${integer(tolerance)}`,
    `__event_time >= ${integer(range.from)}`,
    `__event_time < ${integer(range.to)}`,
  ];
  const keyParts = view.key.map((_, index) => `k${index}`);
  const excluded = keyParts.length === 0 ? '' : ` EXCLUDE (${keyParts.join(', ')})`;
  await session.run(
    `CREATE OR REPLACE TEMP TABLE counting AS SELECT *${excluded} FROM ` +
      `(SELECT ${columns.join(', ')} FROM (${history}) WHERE ${conditions.join(' AND ')}) ${ofSpineKeys(keyParts)}`,
  );
  const isRepeated =
    hasEventId(view.source) &&
    (await session.all('SELECT 1 FROM counting GROUP BY id, t HAVING count(*) > 1 LIMIT 1')).length > 0;
  const firstOnly = isRepeated ? 'QUALIFY row_number() OVER (PARTITION BY kid, id, t ORDER BY o, p, f) = 1' : '';
  const running = 'OVER (ROWS UNBOUNDED PRECEDING)';
  const values = slots.flatMap((slot, index) => [
    `e_${index}`,
    ...(slot.needsValues || slot.needsSum ? [`x_${index}`] : []),
  ]);
  const totals = slots.flatMap((slot, index) => [
    `count(*) FILTER (e_${index}) ${running} AS cn_${index}`,
    ...(slot.needsSum ? [`sum(${slotUnits(slot, index)}) ${running} AS cs_${index}`] : []),
    ...(slot.needsSquares
      ? [`sum(${slotUnits(slot, index)} * ${slotUnits(slot, index)}) ${running} AS cq_${index}`]
      : []),
  ]);
  const order = orderOf(view, slots);
  const ordering = order.slice(2);
  const read = ['kid', 't', 'a', ...values, ...kernelColumns.events];
  const sorted = [...new Set([...read, ...ordering])].join(', ');
  await session.run(
    `CREATE OR REPLACE TEMP TABLE sorted AS SELECT ${read.join(', ')} FROM (
       SELECT ${sorted} FROM counting ${firstOnly}
       UNION ALL BY NAME SELECT kid, ${beforeEvents} AS t, ${beforeEvents} AS a FROM spine_keys
     ) ORDER BY ${order.join(', ')}`,
  );
  await session.run('DROP TABLE counting');
  const isLast = '(lead(t) OVER () IS DISTINCT FROM t OR lead(kid) OVER () <> kid) AS is_last';
  const numbered = `SELECT *, row_number() OVER () AS n, ${[isLast, ...totals].join(', ')} FROM sorted`;
  await session.run(`CREATE OR REPLACE TEMP TABLE events AS ${createEndColumns(numbered, extremesOf(slots))}`);
  await session.run('DROP TABLE sorted');
}

/** The extremes that some accumulator wants. */
export function extremesOf(slots: readonly InputSlot[]): Extreme[] {
  return slots.flatMap(({ extremes }, slot) => [...extremes].map((call) => ({ slot, call })));
}

/** A slot's value as HUGEINT units, from `counting` or `events`. */
export function slotUnits(slot: InputSlot, index: number, table = ''): string {
  return unitsSql(`${table}x_${index}`, slot.type!);
}

function orderOf(view: CompiledView, slots: readonly InputSlot[]): string[] {
  // Any order of ties does where no value depends on it.
  if (!slots.some((slot) => slot.needsOrder)) return ['kid', 't'];
  return hasEventId(view.source) ? ['kid', 't', 'id'] : ['kid', 't', 'o', 'p', 'f'];
}
