import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { appendColumns } from '../../adapters/duckdb/append-columns.ts';
import { openSession, type Session } from '../../adapters/duckdb/engine.ts';
import { createExpressionCompiler, type ExpressionCompiler } from '../../adapters/duckdb/expression-function.ts';
import { identifier } from '../../adapters/duckdb/quoting.ts';
import { sqlTypeOf } from '../../adapters/duckdb/sql-type-names.ts';
import { duckTypeOf, toDuck } from '../../adapters/duckdb/sql-types.ts';
import type { Expression } from '../../core/definitions/model.ts';
import { typeText } from '../../core/definitions/value-types.ts';
import { compileExpression } from '../../core/expressions/compile.ts';
import type { Field } from '../../core/values/types.ts';
import { exactText } from './exact-text.ts';
import {
  columns,
  describeDifference,
  partsOf,
  type SampleRows,
  sampleRows,
  sampleTrees,
} from './expression-samples.ts';

const usualPairs = 108_000;

const asked = inject('property');
const seed = asked?.seed ?? Math.floor(Math.random() * 2 ** 31);
const pairs = asked?.cases ?? usualPairs;

let instance: DuckDBInstance;
let session: Session;
let compiler: ExpressionCompiler;
beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:');
  session = await openSession(instance);
  compiler = createExpressionCompiler(session.connection);
});
afterAll(() => {
  session.close();
  instance.closeSync();
});

it('DuckDB computes random expressions as the reference does, bit for bit', async () => {
  const started = performance.now();
  let compared = 0;
  for (let round = 0; compared < pairs; round++) {
    const rows = await createSamples(seed + round);
    const trees = sampleTrees(seed + round);
    const difference = await firstDifference(trees, rows);
    if (difference !== null) throw new Error(`seed ${seed + round}: ${difference}`);
    compared += trees.length * rows.length;
  }
  const perSecond = Math.round(compared / ((performance.now() - started) / 1_000));
  console.info(`${compared} random pairs of expression and row, seed ${seed}, ${perSecond} a second: no difference`);
}, 36_000_000);

/**
 * Creates `samples` with random rows and returns the rows as values. Where values allow only one notation the engine
 * holds others, too: -0, NaN, infinities, parts of milliseconds.
 */
async function createSamples(drawn: number): Promise<SampleRows> {
  const rows = sampleRows(drawn);
  const typed = columns.map(({ name, type }) => `${name} ${sqlTypeOf(type)}`);
  await session.run(`CREATE OR REPLACE TEMP TABLE drawn (r BIGINT, ${typed.join(', ')})`);
  await appendColumns(session.connection, 'drawn', rows.length, [
    { type: duckTypeOf({ kind: 'int64' }), value: BigInt },
    ...columns.map(({ type }, index) => ({
      type: duckTypeOf(type),
      value: (place: number) => toDuck(type, rows[place]![index]!),
    })),
  ]);
  await session.run(
    `CREATE OR REPLACE TEMP TABLE samples AS SELECT r, ${columns.map(otherNotation).join(', ')} FROM drawn`,
  );
  return rows;
}

function otherNotation({ name, type }: Field): string {
  if (type.kind === 'float64') {
    const strange = "CASE r % 4 WHEN 0 THEN 'nan'::DOUBLE WHEN 1 THEN 'inf' WHEN 2 THEN '-inf' END";
    return `CASE WHEN ${name} IS NULL THEN ${strange} WHEN ${name} = 0 AND r % 2 = 0 THEN -0.0 ELSE ${name} END AS ${name}`;
  }
  return type.kind === 'timestamp' ? `make_timestamp(epoch_us(${name}) + r % 1000) AS ${name}` : name;
}

/** As the dataset's query has them: all of them in one statement. */
async function answers(trees: readonly Expression[]): Promise<readonly (readonly unknown[])[]> {
  const inputs = columns.map(({ name, type }) => ({ type, sql: identifier(name) }));
  const sql = trees.map((tree) => compiler.call(compileExpression(tree, columns, 'drawn'), inputs));
  return session.all(`SELECT ${sql.join(', ')} FROM samples ORDER BY r`);
}

/** The smallest part of a tree that differs, with its arguments; null where nothing does. */
async function firstDifference(trees: readonly Expression[], rows: SampleRows): Promise<string | null> {
  const found = await answers(trees);
  for (const [index, tree] of trees.entries()) {
    const { type, evaluate } = compileExpression(tree, columns, 'drawn');
    for (const [place, row] of rows.entries()) {
      const [expected, got] = [exactText(type, evaluate(row)), exactText(type, found[place]![index])];
      if (expected === got) continue;
      const parts = partsOf(tree);
      const inside = parts.length === 0 ? null : await firstDifference(parts, rows);
      return inside ?? describeDifference(tree, row, `${typeText(type)} ${expected}, but in DuckDB it is ${got}`);
    }
  }
  return null;
}

it('sees a difference', () => {
  expect(exactText({ kind: 'float64' }, -0)).not.toBe(exactText({ kind: 'float64' }, 0));
});
