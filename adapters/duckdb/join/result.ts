import { type CellPlan, cellPlanOf } from '../../../core/cells/cell-plan.ts';
import { finishCells } from '../../../core/cells/finish-cells.ts';
import type { CellStatus, ServiceMember } from '../../../core/definitions/compiled.ts';
import { AsofError } from '../../../core/errors/asof-error.ts';
import type { JoinedRow } from '../../../core/ports/offline-store.ts';
import type { Value } from '../../../core/values/types.ts';
import { engineError, type Session, throwIfCancelled } from '../engine.ts';
import type { ExpressionCompiler } from '../expression-function.ts';
import { identifier, text } from '../quoting.ts';
import { fromDuck } from '../sql-types.ts';
import { cellSql, withDerived } from './derived.ts';
import { type OnDemandPlan, onDemandColumns, onDemandOf } from './on-demand.ts';
import type { LoadedSpine } from './spine.ts';

/**
 * What was read for a member, one row per spine row, in the table m<i>(r, vs, et, cs, v0, v1, …): vs is the view's status, et its
 * event time in milliseconds, cs the status of its cells where that does not follow from NULL or not (else 0). Statuses
 * are numbers into this list.
 */
const statusCodes: readonly CellStatus[] = ['PRESENT', 'NULL', 'NOT_FOUND', 'EXPIRED'];

export function memberTable(index: number): string {
  return `m${index}`;
}

function fromMembers(tables: readonly string[]): string {
  return `FROM spine s ${tables.map((table) => `JOIN ${table} USING (r)`).join(' ')}`;
}

/** What `runJoin` made: the tables `spine`, m0, m1, … of its session. */
export interface JoinResult {
  readonly spine: LoadedSpine;
  /** The members asked for, which are the first of `joined`. */
  readonly members: readonly ServiceMember[];
  readonly joined: readonly ServiceMember[];
  readonly onDemand: OnDemandPlan | null;
}

/** The joined rows in order, in chunks. INTERNAL if a row were missing or doubled: the join must never do that. */
export async function* streamRows(
  session: Session,
  result: JoinResult,
  signal?: AbortSignal,
): AsyncGenerator<readonly JoinedRow[]> {
  const { spine, joined, onDemand } = result;
  const columns = [
    's.r',
    's.t',
    ...spine.columns.map((_, index) => `s.c${index}`),
    ...joined.flatMap((member, index) =>
      ['vs', 'et', 'cs', ...planOf(member).reads.map((_, place) => `v${place}`)].map(
        (name) => `${memberTable(index)}.${name}`,
      ),
    ),
    ...(onDemand?.requestSql ?? []),
  ];
  const sql = `SELECT ${columns.join(', ')} ${fromMembers(joined.map((_, index) => memberTable(index)))} ORDER BY s.r`;
  let row = 0;
  try {
    const stream = await session.connection.stream(sql);
    for (
      let chunk = await stream.fetchChunk();
      chunk !== null && chunk.rowCount > 0;
      chunk = await stream.fetchChunk()
    ) {
      throwIfCancelled(signal);
      const rows = chunk.getRows().map((values) => joinedRow(values, result));
      for (const next of rows) {
        if (next.row !== row) throw rowsChanged(spine.rows, `row ${next.row} where ${row} was due`);
        row += 1;
      }
      yield rows;
    }
  } catch (cause) {
    throwIfCancelled(signal);
    throw engineError(cause, sql);
  }
  if (row !== spine.rows) throw rowsChanged(spine.rows, `${row} rows`);
}

function rowsChanged(expected: number, got: string): AsofError {
  return new AsofError('INTERNAL', 'the join changed the rows of the spine', { expected: `${expected} rows`, got });
}

type DuckRow = readonly Parameters<typeof fromDuck>[1][];

function joinedRow(values: DuckRow, { spine, members, joined, onDemand }: JoinResult): JoinedRow {
  let next = 2;
  const columns: Record<string, Value> = {};
  for (const column of spine.columns) columns[column.name] = fromDuck(column.type, values[next++]);
  const read = joined.map((member) => {
    const reading = memberReading(member, values, next);
    next += 3 + planOf(member).reads.length;
    return reading;
  });
  const row = { row: Number(values[0]), time: Number(values[1]), columns, members: read.slice(0, members.length) };
  if (onDemand === null) return row;
  const inputs = onDemand.service.requestInputs.map(({ type }) => fromDuck(type, values[next++]));
  return { ...row, onDemand: onDemandOf(onDemand, read, inputs) };
}

function memberReading(member: ServiceMember, values: DuckRow, start: number): JoinedRow['members'][number] {
  const plan = planOf(member);
  const [status, eventTime, cellStatus] = values.slice(start, start + 3);
  const found = plan.readTypes.map((type, place) => fromDuck(type, values[start + 3 + place]));
  return {
    status: statusCodes[Number(status)]!,
    eventTime: eventTime === null || eventTime === undefined ? null : Number(eventTime),
    ...finishCells(plan, found, cellStatus === 0 ? null : statusCodes[Number(cellStatus)]!),
  };
}

function planOf({ view, features }: ServiceMember): CellPlan {
  return cellPlanOf(view, features);
}

/**
 * The join as a query with the dataset's columns: the spine's, then alias__feature, then view__feature of request-time
 * views, each followed by its status if asked for. A spine of inline rows gets its times as `__time`.
 */
export function datasetSql(
  { spine, members, joined, onDemand }: JoinResult,
  expressions: ExpressionCompiler,
  withStatus: boolean,
): string {
  const columns = spine.columns.map(({ name }, index) => `s.c${index} AS ${identifier(name)}`);
  if (spine.timeColumn === null && !spine.columns.some(({ name }) => name === '__time')) {
    columns.push('make_timestamp(s.t * 1000) AS "__time"');
  }
  const cellOf = (member: number, place: number) => cellSql(planOf(joined[member]!), place, memberTable(member));
  for (const [index, { alias, view, features }] of members.entries()) {
    for (const [place, feature] of features.entries()) {
      const name = `${alias}__${view.features[feature]!.name}`;
      const cell = cellOf(index, place);
      columns.push(`${cell.served} AS ${identifier(name)}`);
      if (withStatus) columns.push(`${statusSql(cell.status)} AS ${identifier(`${name}__status`)}`);
    }
  }
  if (onDemand !== null)
    columns.push(
      ...onDemandColumns(onDemand, expressions, (member, place) => cellOf(member, place).served, withStatus),
    );
  const tables = joined.map((member, index) => withDerived(memberTable(index), planOf(member), expressions));
  return `SELECT ${columns.join(', ')} ${fromMembers(tables)} ORDER BY s.r`;
}

function statusSql(code: string): string {
  const codes = statusCodes.map((status, index) => `WHEN ${index} THEN ${text(status)}`).join(' ');
  return `CASE (${code}) ${codes} END`;
}
