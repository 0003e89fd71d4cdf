import type { DuckDBListValue, DuckDBValue } from '@duckdb/node-api';
import { BIGINT } from '@duckdb/node-api';
import { kernelFor } from '../../../core/aggregates/kernel-for.ts';
import type { Accumulator, SourceRecord } from '../../../core/definitions/compiled.ts';
import { eventIdType } from '../../../core/records/normalize.ts';
import type { Value } from '../../../core/values/types.ts';
import { appendColumns } from '../append-columns.ts';
import { sqlTypeOf } from '../sql-type-names.ts';
import { duckTypeOf, fromDuck, toDuck } from '../sql-types.ts';
import { beforeEvents } from './events.ts';
import { columnsRead, kernelColumn, needsKernel } from './kernel-inputs.ts';
import { noKey } from './keys.ts';
import type { AggregatePlan } from './plan.ts';
import { createStretches, type Stretches } from './stretches.ts';

/** Events and rows of so many are in Node's memory at once; a single key with more is not divided. */
const partSize = 100_000;

interface KernelValue {
  readonly accumulator: number;
  readonly window: number;
  readonly definition: Accumulator;
}

/** Creates `kernel_values`(r, kernel_a_w…) and returns its name; nothing where no feature needs it. */
export async function createKernelValues(plan: AggregatePlan): Promise<string[]> {
  const { session, member, hasInFlight } = plan;
  const wanted = wantedValues(plan);
  if (wanted.length === 0) return [];
  const columns = wanted.map(
    ({ accumulator, window, definition }) => `${kernelColumn(accumulator, window)} ${sqlTypeOf(definition.type)}`,
  );
  await session.run(`CREATE OR REPLACE TEMP TABLE kernel_values (${['r BIGINT', ...columns].join(', ')})`);
  await session.run(
    hasInFlight
      ? 'CREATE OR REPLACE TEMP TABLE missing AS SELECT r, list(n ORDER BY n) AS ns FROM flying GROUP BY r'
      : 'CREATE OR REPLACE TEMP TABLE missing (r BIGINT, ns BIGINT[])',
  );
  const parts = await session.all(
    `SELECT min(kid), max(kid) FROM (
       SELECT kid, sum(size) OVER (ORDER BY kid ROWS UNBOUNDED PRECEDING) // ${partSize} AS part FROM (
         SELECT kid, count(*) AS size FROM (
           SELECT kid FROM events SEMI JOIN sums USING (kid) UNION ALL SELECT kid FROM sums WHERE kid <> ${noKey}
         ) GROUP BY kid
       )
     ) GROUP BY part ORDER BY 1`,
  );
  const fields = columnsRead(member.view);
  for (const [first, last] of parts) {
    const keys = `BETWEEN ${first} AND ${last}`;
    const eventColumns = ['kid', 'n', 't', 'a', 'id', 'o', 'p', 'f', ...fields.map((column) => `g_${column}`)];
    const events = await session.all(
      `SELECT ${eventColumns.join(', ')} FROM events SEMI JOIN sums USING (kid) WHERE kid ${keys} AND t > ${beforeEvents} ORDER BY n`,
    );
    const lows = plan.windows.map((_, w) => `n_${w}`).join(', ');
    const rows = await session.all(
      `SELECT kid, r, ns, n, ${lows} FROM sums LEFT JOIN missing USING (r) WHERE kid ${keys} ORDER BY kid, r`,
    );
    await appendPart(plan, wanted, fields, events, rows);
  }
  await session.run('DROP TABLE missing');
  return ['kernel_values'];
}

function wantedValues({ member, windows }: AggregatePlan): KernelValue[] {
  const { features, accumulators } = member.view;
  const wanted = new Map<string, KernelValue>();
  for (const feature of features) {
    if (!('windowMillis' in feature)) continue;
    const window = windows.indexOf(feature.windowMillis);
    const used = feature.kind === 'aggregate' ? [feature.accumulator] : [feature.numerator, feature.denominator];
    for (const accumulator of used) {
      const definition = accumulators[accumulator]!;
      if (needsKernel(definition)) wanted.set(kernelColumn(accumulator, window), { accumulator, window, definition });
    }
  }
  return [...wanted.values()];
}

type DuckRows = readonly (readonly DuckDBValue[])[];

/** Computes and appends the values of the rows of some keys; events and rows are in the order of their keys. */
async function appendPart(
  { session, member }: AggregatePlan,
  wanted: readonly KernelValue[],
  fields: readonly number[],
  events: DuckRows,
  rows: DuckRows,
): Promise<void> {
  const { source } = member.view;
  const kernels = new Map(wanted.map(({ accumulator, definition }) => [accumulator, kernelFor(definition, source)]));
  const idType = eventIdType(source) ?? { kind: 'string' as const };
  const recordOf = ([, , t, a, id, o, p, f, ...read]: readonly DuckDBValue[]): SourceRecord => {
    const values: Value[] = source.fields.map(() => null);
    for (const [place, column] of fields.entries()) {
      values[column] = fromDuck(source.fields[column]!.type, read[place]);
    }
    return {
      origin: String(o),
      partition: Number(p),
      offset: Number(f),
      eventTime: Number(t),
      knownTime: Number(a),
      eventId: fromDuck(idType, id),
      deleted: false,
      values,
    };
  };
  let nextEvent = 0;
  let kid: DuckDBValue = null;
  let base = 0;
  let stretches = new Map<number, Stretches>();
  const results = rows.map(([rowKid, , ns, n, ...lows]) => {
    if (rowKid !== kid) {
      kid = rowKid ?? null;
      // Events of keys that have no row here are not read.
      const from = nextEvent;
      while (nextEvent < events.length && events[nextEvent]![0] === kid) nextEvent++;
      const records = events.slice(from, nextEvent).map(recordOf);
      base = from < nextEvent ? Number(events[from]![1]) - 1 : 0;
      stretches = new Map(
        [...kernels].map(([accumulator, kernel]) => [
          accumulator,
          createStretches(
            kernel,
            records.map((record) => kernel.prepare(record)),
          ),
        ]),
      );
    }
    const without =
      ns === null || ns === undefined ? [] : (ns as DuckDBListValue).items.map((m) => Number(m) - 1 - base);
    return wanted.map(({ accumulator, window }) => {
      const [from, to] = [Number(lows[window]), Number(n)];
      return stretches.get(accumulator)!.over(from < to ? from - base : 0, from < to ? to - base : 0, without);
    });
  });
  await appendColumns(session.connection, 'kernel_values', rows.length, [
    { type: BIGINT, value: (row) => rows[row]![1]! },
    ...wanted.map(({ definition }, index) => ({
      type: duckTypeOf(definition.type),
      value: (row: number) => toDuck(definition.type, results[row]![index]!),
    })),
  ]);
}
