import { type DuckDBConnection, DuckDBScalarFunction } from '@duckdb/node-api';
import type { CompiledExpression } from '../../core/definitions/compiled.ts';
import type { Expression } from '../../core/definitions/model.ts';
import type { Field, Value } from '../../core/values/types.ts';
import { expressionSql } from './expression-sql.ts';
import { identifier } from './quoting.ts';
import { duckTypeOf, fromDuck, sqlTypeOf, toDuck } from './sql-types.ts';

/** Turns expressions over a source's columns into SQL; what SQL cannot say runs as the reference function. */
export interface ExpressionCompiler {
  toSql(expression: CompiledExpression, columns: readonly Field[]): string;
}

/** Functions are registered once per engine and expression; they live as long as the engine. */
export function createExpressionCompiler(connection: DuckDBConnection): ExpressionCompiler {
  const registered = new Map<string, string>();
  return {
    toSql(expression, columns) {
      const sql = expressionSql(expression, columns);
      if (sql !== null) return sql;
      const used = columns.filter((column) => readsColumn(expression.tree, column.name));
      // A function without a parameter would be folded into a constant; any column will do.
      const parameters = used.length === 0 ? columns.slice(0, 1) : used;
      const identity = JSON.stringify([expression.tree, expression.type, columns]);
      let name = registered.get(identity);
      if (name === undefined) {
        name = `asof_expression_${registered.size}`;
        registerExpression(connection, name, expression, columns, parameters);
        registered.set(identity, name);
      }
      const call = `${name}(${parameters.map((column) => identifier(column.name)).join(', ')})`;
      return `CAST(${call} AS ${sqlTypeOf(expression.type)})`;
    },
  };
}

function readsColumn(tree: Expression, name: string): boolean {
  if (tree.op === 'col') return tree.name === name;
  return 'args' in tree && tree.args.some((argument) => readsColumn(argument, name));
}

function registerExpression(
  connection: DuckDBConnection,
  name: string,
  expression: CompiledExpression,
  columns: readonly Field[],
  parameters: readonly Field[],
): void {
  const places = parameters.map((parameter) => columns.indexOf(parameter));
  connection.registerScalarFunction(
    DuckDBScalarFunction.create({
      name,
      parameterTypes: parameters.map(({ type }) => duckTypeOf(type)),
      returnType: duckTypeOf(expression.type),
      // NULL arguments reach the function: it decides what NULL means.
      specialHandling: true,
      mainFunction(_info, chunk, output) {
        const inputs = parameters.map(({ type }, index) =>
          chunk.getColumnValues(index).map((value) => fromDuck(type, value)),
        );
        const row: Value[] = columns.map(() => null);
        for (let index = 0; index < chunk.rowCount; index++) {
          for (const [parameter, place] of places.entries()) row[place] = inputs[parameter]![index]!;
          output.setItem(index, toDuck(expression.type, expression.evaluate(row)));
        }
        output.flush();
      },
    }),
  );
}
