import type { DuckDBConnection } from '@duckdb/node-api';
import type { CompiledExpression } from '../../core/definitions/compiled.ts';
import type { Expression } from '../../core/definitions/model.ts';
import type { Field, Value, ValueType } from '../../core/values/types.ts';
import { expressionSql } from './expression-sql.ts';
import { identifier } from './quoting.ts';
import { sqlTypeOf } from './sql-types.ts';
import { registerVectorized } from './vectors/register.ts';

/** Turns expressions into SQL; what SQL cannot say runs as the reference function. */
export interface ExpressionCompiler {
  /** An expression over a source's columns, which are in scope by their names. */
  toSql(expression: CompiledExpression, columns: readonly Field[]): string;
  /** An expression whose row is these inputs, in order. */
  call(expression: CompiledExpression, inputs: readonly SqlInput[]): string;
}

export interface SqlInput {
  readonly type: ValueType;
  readonly sql: string;
}

/** Functions are registered once per engine and expression; they live as long as the engine. */
export function createExpressionCompiler(connection: DuckDBConnection): ExpressionCompiler {
  const registered = new Map<string, string>();
  /** @param places where each parameter stands in the expression's row of `width` values */
  const callOf = (
    expression: CompiledExpression,
    inputs: readonly SqlInput[],
    places: readonly number[],
    width: number,
  ) => {
    const types = inputs.map(({ type }) => type);
    const identity = JSON.stringify([expression.tree, expression.type, types, places, width]);
    let name = registered.get(identity);
    if (name === undefined) {
      name = `asof_expression_${registered.size}`;
      registerExpression(connection, name, expression, { types, places, width });
      registered.set(identity, name);
    }
    return `CAST(${name}(${inputs.map(({ sql }) => sql).join(', ')}) AS ${sqlTypeOf(expression.type)})`;
  };
  return {
    toSql(expression, columns) {
      const sql = expressionSql(expression, columns);
      if (sql !== null) return sql;
      const used = columns.filter((column) => readsColumn(expression.tree, column.name));
      // A function without a parameter would be folded into a constant; any column will do.
      const parameters = used.length === 0 ? columns.slice(0, 1) : used;
      const inputs = parameters.map(({ name, type }) => ({ type, sql: identifier(name) }));
      return callOf(
        expression,
        inputs,
        parameters.map((column) => columns.indexOf(column)),
        columns.length,
      );
    },
    call: (expression, inputs) =>
      callOf(
        expression,
        inputs,
        inputs.map((_, index) => index),
        inputs.length,
      ),
  };
}

/** True where the expression reads the column of this name. */
export function readsColumn(tree: Expression, name: string): boolean {
  if (tree.op === 'col') return tree.name === name;
  return 'args' in tree && tree.args.some((argument) => readsColumn(argument, name));
}

interface Parameters {
  readonly types: readonly ValueType[];
  readonly places: readonly number[];
  readonly width: number;
}

function registerExpression(
  connection: DuckDBConnection,
  name: string,
  expression: CompiledExpression,
  { types, places, width }: Parameters,
): void {
  const row: Value[] = Array.from({ length: width }, () => null);
  registerVectorized(connection, name, { parameters: types, result: expression.type }, (inputs, count) => {
    const values: Value[] = new Array(count);
    for (let index = 0; index < count; index++) {
      for (let parameter = 0; parameter < places.length; parameter++) {
        row[places[parameter]!] = inputs[parameter]![index]!;
      }
      values[index] = expression.evaluate(row);
    }
    return values;
  });
}
