import { BIGINT, DuckDBDataChunk, VARCHAR } from '@duckdb/node-api';
import type { CompiledService, ServiceMember } from '../../../core/definitions/compiled.ts';
import { evaluateOnDemand, membersToRead } from '../../../core/on-demand/evaluate.ts';
import type { JoinedRow, JoinRequest } from '../../../core/ports/offline-store.ts';
import { parseValue } from '../../../core/values/parse.ts';
import type { Value, ValueType } from '../../../core/values/types.ts';
import type { Session } from '../engine.ts';
import { identifier } from '../quoting.ts';
import { duckTypeOf, sqlTypeOf, toDuck } from '../sql-types.ts';

/** The table derived(r, d0, s0, d1, s1, …): values and statuses of request-time features, in `derivedFeatures` order. */
export const derivedTable = 'derived';

const chunkRows = 2048;

/** What the join has to read: the members, or with a service also what only its request-time features read. */
export function joinedMembers({ service, members }: JoinRequest): readonly ServiceMember[] {
  return service === undefined ? members : membersToRead(service);
}

/** The rows as they are asked for: request-time features computed by the reference function, extra members left out. */
export async function* withOnDemand(
  { service, members }: JoinRequest,
  batches: AsyncIterable<readonly JoinedRow[]>,
): AsyncGenerator<readonly JoinedRow[]> {
  for await (const rows of batches) {
    if (service === undefined) yield rows;
    else yield rows.map((row) => evaluateRow(service, members.length, row));
  }
}

function evaluateRow(service: CompiledService, outputMembers: number, row: JoinedRow): JoinedRow {
  // A spine's integers may be narrower than what the input was declared as.
  const inputs = service.requestInputs.map(({ name, type }): [string, Value] => {
    const value = row.columns[name] ?? null;
    return [name, value === null ? null : parseValue(type, value, `spine.rows[${row.row}].${name}`)];
  });
  const onDemand = evaluateOnDemand(service, row.members, new Map(inputs));
  return { ...row, members: row.members.slice(0, outputMembers), onDemand };
}

/** Fills `derivedTable` and returns the columns that a dataset gets from it. Empty without request-time features. */
export async function deriveColumns(
  session: Session,
  request: JoinRequest,
  batches: AsyncIterable<readonly JoinedRow[]>,
): Promise<readonly string[]> {
  const features = request.service === undefined ? [] : derivedFeatures(request.service);
  if (features.length === 0) return [];
  // A connection runs one query at a time: what is read is computed before it is written.
  const derived: DerivedRow[] = [];
  for await (const rows of withOnDemand(request, batches)) for (const row of rows) derived.push(derivedRow(row));
  const columns = features.map(({ type }, index) => `d${index} ${sqlTypeOf(type)}, s${index} VARCHAR`);
  await session.run(`CREATE TEMP TABLE ${derivedTable} (r BIGINT, ${columns.join(', ')})`);
  await appendRows(session, features, derived);
  return features.flatMap(({ name }, index) => {
    const value = `${derivedTable}.d${index} AS ${identifier(name)}`;
    return request.withStatus ? [value, `${derivedTable}.s${index} AS ${identifier(`${name}__status`)}`] : [value];
  });
}

interface DerivedRow {
  readonly row: number;
  readonly values: readonly Value[];
  readonly statuses: readonly string[];
}

function derivedRow({ row, onDemand = [] }: JoinedRow): DerivedRow {
  return {
    row,
    values: onDemand.flatMap((reading) => [...reading.values]),
    statuses: onDemand.flatMap((reading) => [...reading.statuses]),
  };
}

function derivedFeatures(service: CompiledService): readonly { readonly name: string; readonly type: ValueType }[] {
  return service.onDemand.flatMap(({ view, features }) =>
    features.map((index) => {
      const { name, type } = view.features[index]!;
      return { name: `${view.name}__${name}`, type };
    }),
  );
}

async function appendRows(
  session: Session,
  features: readonly { readonly type: ValueType }[],
  rows: readonly DerivedRow[],
): Promise<void> {
  const appender = await session.connection.createAppender(derivedTable, 'main', 'temp');
  const types = [BIGINT, ...features.flatMap(({ type }) => [duckTypeOf(type), VARCHAR])];
  for (let start = 0; start < rows.length; start += chunkRows) {
    const part = rows.slice(start, start + chunkRows);
    const chunk = DuckDBDataChunk.create(types, part.length);
    chunk.setColumnValues(
      0,
      part.map(({ row }) => BigInt(row)),
    );
    for (const [index, { type }] of features.entries()) {
      chunk.setColumnValues(
        1 + 2 * index,
        part.map(({ values }) => toDuck(type, values[index] ?? null)),
      );
      chunk.setColumnValues(
        2 + 2 * index,
        part.map(({ statuses }) => statuses[index]!),
      );
    }
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}
