import type { CellStatus, ServiceMember } from '../../../core/definitions/compiled.ts';
import { AsofError } from '../../../core/errors/asof-error.ts';
import type { JoinedRow } from '../../../core/ports/offline-store.ts';
import type { Value } from '../../../core/values/types.ts';
import { engineError, type Session, throwIfCancelled } from '../engine.ts';
import { valueLiteral } from '../literals.ts';
import { identifier, text } from '../quoting.ts';
import { fromDuck } from '../sql-types.ts';
import { derivedTable } from './on-demand.ts';
import type { LoadedSpine } from './spine.ts';

/**
 * A member's values, one row per spine row, in the table m<i>(r, vs, et, cs, v0, v1, …): vs is the view's status, et its
 * event time in milliseconds, cs the status of its cells where that does not follow from NULL or not (else 0). Statuses
 * are numbers into this list.
 */
const statusCodes: readonly CellStatus[] = ['PRESENT', 'NULL', 'NOT_FOUND', 'EXPIRED'];

export function memberTable(index: number): string {
  return `m${index}`;
}

function fromMembers(members: readonly ServiceMember[]): string {
  return `FROM spine s ${members.map((_, index) => `JOIN ${memberTable(index)} USING (r)`).join(' ')}`;
}

/** The joined rows in order, in chunks. INTERNAL if a row were missing or doubled: the join must never do that. */
export async function* streamRows(
  session: Session,
  spine: LoadedSpine,
  members: readonly ServiceMember[],
  signal?: AbortSignal,
): AsyncGenerator<readonly JoinedRow[]> {
  const columns = [
    's.r',
    's.t',
    ...spine.columns.map((_, index) => `s.c${index}`),
    ...members.flatMap((member, index) =>
      ['vs', 'et', 'cs', ...member.features.map((_, place) => `v${place}`)].map(
        (name) => `${memberTable(index)}.${name}`,
      ),
    ),
  ];
  const sql = `SELECT ${columns.join(', ')} ${fromMembers(members)} ORDER BY s.r`;
  let row = 0;
  try {
    const result = await session.connection.stream(sql);
    for (
      let chunk = await result.fetchChunk();
      chunk !== null && chunk.rowCount > 0;
      chunk = await result.fetchChunk()
    ) {
      throwIfCancelled(signal);
      const rows = chunk.getRows().map((values) => joinedRow(values, spine, members));
      for (const joined of rows) {
        if (joined.row !== row) throw rowsChanged(spine.rows, `row ${joined.row} where ${row} was due`);
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

function joinedRow(
  values: readonly Parameters<typeof fromDuck>[1][],
  spine: LoadedSpine,
  members: readonly ServiceMember[],
): JoinedRow {
  let next = 2;
  const columns: Record<string, Value> = {};
  for (const column of spine.columns) columns[column.name] = fromDuck(column.type, values[next++]);
  const read = members.map((member) => {
    const [status, eventTime, cellStatus] = [values[next], values[next + 1], values[next + 2]];
    next += 3;
    const cells = member.features.map((index) => {
      const feature = member.view.features[index]!;
      const bare = fromDuck(feature.type, values[next++]);
      const code = cellStatus !== 0 ? Number(cellStatus) : bare === null ? 1 : 0;
      const isDefaulted = code !== 0 && feature.defaultValue !== null;
      return { value: isDefaulted ? feature.defaultValue : bare, status: statusCodes[code]!, isDefaulted };
    });
    return {
      status: statusCodes[Number(status)]!,
      eventTime: eventTime === null || eventTime === undefined ? null : Number(eventTime),
      values: cells.map((cell) => cell.value),
      statuses: cells.map((cell) => cell.status),
      defaulted: cells.map((cell) => cell.isDefaulted),
    };
  });
  return { row: Number(values[0]), time: Number(values[1]), columns, members: read };
}

/**
 * The join as a query with the dataset's columns: the spine's, then alias__feature, then its status if asked for, then
 * those of `derivedTable`.
 */
export function datasetSql(
  spine: LoadedSpine,
  members: readonly ServiceMember[],
  withStatus: boolean,
  derived: readonly string[] = [],
): string {
  const columns = spine.columns.map(({ name }, index) => `s.c${index} AS ${identifier(name)}`);
  if (spine.timeColumn === null && !spine.columns.some(({ name }) => name === '__time')) {
    columns.push('make_timestamp(s.t * 1000) AS "__time"');
  }
  for (const [index, member] of members.entries()) {
    const table = memberTable(index);
    for (const [place, featureIndex] of member.features.entries()) {
      const feature = member.view.features[featureIndex]!;
      const value = `${table}.v${place}`;
      const name = `${member.alias}__${feature.name}`;
      const fallback = feature.defaultValue;
      const served = fallback === null ? value : `coalesce(${value}, ${valueLiteral(feature.type, fallback)})`;
      columns.push(`${served} AS ${identifier(name)}`);
      if (withStatus) columns.push(`${statusSql(table, value)} AS ${identifier(`${name}__status`)}`);
    }
  }
  const from = derived.length === 0 ? '' : ` JOIN ${derivedTable} USING (r)`;
  return `SELECT ${[...columns, ...derived].join(', ')} ${fromMembers(members)}${from} ORDER BY s.r`;
}

export function statusSql(table: string, value: string): string {
  const codes = statusCodes.map((status, code) => `WHEN ${code} THEN ${text(status)}`).join(' ');
  return `CASE (CASE WHEN ${table}.cs <> 0 THEN ${table}.cs WHEN ${value} IS NULL THEN 1 ELSE 0 END) ${codes} END`;
}
