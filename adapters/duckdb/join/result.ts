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
import { columnOf, type JoinedMember } from './member.ts';
import { type OnDemandPlan, onDemandColumns, onDemandOf } from './on-demand.ts';
import { addingTo, type Slice, type SlicedSpine, showSlice, slicesOf } from './slices.ts';

/** What `JoinedMember.status` and `cellStatus` are numbers into. */
const statusCodes: readonly CellStatus[] = ['PRESENT', 'NULL', 'NOT_FOUND', 'EXPIRED'];

/** What `runJoin` made, to be read within its session. */
export interface JoinResult {
  readonly spine: SlicedSpine;
  /** The members asked for, which are the first of `joined`. */
  readonly members: readonly ServiceMember[];
  readonly joined: readonly JoinedMember[];
  readonly onDemand: OnDemandPlan | null;
}

/** A query for the spine's columns and, for each member, its `columnOf` vs, et, cs, v0, v1, …: see `JoinedMember`. */
function joinedSql(joined: readonly JoinedMember[]): string {
  const columns = joined.flatMap(({ name, status, eventTime, cellStatus, values }) => [
    `${status} AS ${columnOf(name, 'vs')}`,
    `${eventTime} AS ${columnOf(name, 'et')}`,
    `${cellStatus} AS ${columnOf(name, 'cs')}`,
    ...values.map((value, place) => `${value} AS ${columnOf(name, `v${place}`)}`),
  ]);
  return `SELECT ${['s.*', ...columns].join(', ')} FROM spine s ${joined.map(({ join }) => join).join(' ')}`;
}

function slicesOfResult({ spine, joined }: JoinResult): readonly Slice[] {
  return slicesOf(spine, Math.max(0, ...joined.map(({ historyRows }) => historyRows)));
}

/** The joined rows in order, in chunks. INTERNAL if a row were missing or doubled: the join must never do that. */
export async function* streamRows(
  session: Session,
  result: JoinResult,
  signal?: AbortSignal,
): AsyncGenerator<readonly JoinedRow[]> {
  const { spine, joined, onDemand } = result;
  const columns = [
    'r',
    't',
    ...spine.columns.map((_, index) => `c${index}`),
    ...joined.flatMap((member) =>
      ['vs', 'et', 'cs', ...member.values.map((_, place) => `v${place}`)].map((name) => columnOf(member.name, name)),
    ),
    ...(onDemand?.requestSql ?? []),
  ];
  const sql = `SELECT ${columns.join(', ')} FROM (${joinedSql(joined)}) ORDER BY r`;
  let row = 0;
  try {
    for (const slice of slicesOfResult(result)) {
      await showSlice(session, slice);
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
  const read = joined.map(({ member }) => {
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

/** Writes the joined rows in order as one Parquet file. INTERNAL as for `streamRows`. */
export async function writeRows(session: Session, result: JoinResult, query: string, file: string): Promise<void> {
  const { spine } = result;
  const slices = slicesOfResult(result);
  if (slices.length > 1) {
    for (const slice of slices) {
      await showSlice(session, slice);
      await session.run(`${addingTo('result', slice)} ${query}`);
    }
  }
  const rows = Number(
    await session.one(
      `COPY (${slices.length > 1 ? 'FROM result' : query}) TO ${text(file)} (FORMAT parquet, COMPRESSION zstd)`,
    ),
  );
  if (rows !== spine.rows) throw rowsChanged(spine.rows, `${rows} rows`);
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
  const columns = spine.columns.map(({ name }, index) => `c${index} AS ${identifier(name)}`);
  if (spine.timeColumn === null && !spine.columns.some(({ name }) => name === '__time')) {
    columns.push('make_timestamp(t * 1000) AS "__time"');
  }
  const cellOf = (index: number, place: number) => {
    const { member, name } = joined[index]!;
    return cellSql(planOf(member), place, name);
  };
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
  const rows = joined.reduce(
    (query, { member, name }) => withDerived(query, name, planOf(member), expressions),
    joinedSql(joined),
  );
  return `SELECT ${columns.join(', ')} FROM (${rows}) ORDER BY r`;
}

function statusSql(code: string): string {
  const codes = statusCodes.map((status, index) => `WHEN ${index} THEN ${text(status)}`).join(' ');
  return `CASE (${code}) ${codes} END`;
}
