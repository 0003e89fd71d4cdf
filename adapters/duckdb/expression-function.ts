import type { DuckDBConnection } from '@duckdb/node-api';
import type { CompiledExpression } from '../../core/definitions/compiled.ts';
import type { AnomalyCounts } from '../../core/expressions/anomalies.ts';
import { batchOf } from '../../core/expressions/batch.ts';
import { functionOf } from '../../core/expressions/compile.ts';
import type { TypedExpression } from '../../core/expressions/typed.ts';
import type { Field, Value } from '../../core/values/types.ts';
import { finiteSql } from './expressions/rule.ts';
import { type ReferenceCall, type SqlInput, translateExpression, withInputs } from './expressions/translate.ts';
import { identifier } from './quoting.ts';
import { sqlTypeOf } from './sql-type-names.ts';
import { registerVectorized } from './vectors/register.ts';

export type { SqlInput } from './expressions/translate.ts';

/**
 * Turns expressions into SQL; what SQL cannot say to the bit runs as the reference function. Which functions that takes
 * does not depend on the columns or inputs.
 */
export interface ExpressionCompiler {
  /** An expression over a source's columns, which are in scope by their names. */
  toSql(expression: CompiledExpression, columns: readonly Field[]): string;
  /** An expression whose row is these inputs, in order. What they hold need not be values yet. */
  call(expression: CompiledExpression, inputs: readonly SqlInput[]): string;
}

/** Functions are registered once per engine and expression; they live as long as the engine. */
export function createExpressionCompiler(connection: DuckDBConnection): ExpressionCompiler {
  const registered = new Map<string, string>();
  const callOf = ({ tree, inputs }: ReferenceCall, anomalies: AnomalyCounts) => {
    const identity = identityOf(tree);
    let name = registered.get(identity);
    if (name === undefined) {
      name = `asof_expression_${registered.size}`;
      registerReference(connection, name, { tree, inputs }, anomalies);
      registered.set(identity, name);
    }
    return `CAST(${name}(${inputs.map(({ sql }) => sql).join(', ')}) AS ${sqlTypeOf(tree.type)})`;
  };
  const translated = ({ typed, anomalies }: CompiledExpression, input: (column: number) => string) =>
    withInputs(translateExpression(typed, (reference) => callOf(reference, anomalies)).sql, input);
  return {
    toSql: (expression, columns) => translated(expression, (column) => identifier(columns[column]!.name)),
    call: (expression, inputs) => translated(expression, (column) => valueSql(inputs[column]!)),
  };
}

/** The value that `fromDuck` reads: finite doubles without -0, whole milliseconds. */
function valueSql({ type, sql }: SqlInput): string {
  if (type.kind === 'float64') return finiteSql(sql);
  return type.kind === 'timestamp' ? `date_trunc('millisecond', ${sql})` : sql;
}

/** Equal for equal trees only. */
function identityOf(tree: TypedExpression): string {
  return JSON.stringify(tree, (_, part) => {
    if (typeof part === 'bigint') return `${part}n`;
    return part instanceof Map ? [...part] : part;
  });
}

function registerReference(
  connection: DuckDBConnection,
  name: string,
  { tree, inputs }: ReferenceCall,
  anomalies: AnomalyCounts,
): void {
  const evaluate = functionOf(tree, anomalies);
  const batch = batchOf(tree, anomalies);
  const row: Value[] = inputs.map(() => null);
  const signature = { parameters: inputs.map(({ type }) => type), result: tree.type };
  registerVectorized(connection, name, signature, (columns, count) => {
    if (batch !== null) return batch(rowsOf(columns, count));
    const values: Value[] = new Array(count);
    for (let index = 0; index < count; index++) {
      for (let column = 0; column < row.length; column++) row[column] = columns[column]![index]!;
      values[index] = evaluate(row);
    }
    return values;
  });
}

function rowsOf(columns: readonly (readonly Value[])[], count: number): Value[][] {
  return Array.from({ length: count }, (_, index) => columns.map((column) => column[index]!));
}
