import type { OnDemandInput } from '../definitions/compiled.ts';
import type { Problems } from '../definitions/problems.ts';
import type { Field, ValueType } from '../values/types.ts';
import type { InputLeaf } from './typed.ts';
import { noFunctions, type UserFunctionScope } from './user-functions.ts';

/** What the names in an expression mean where it stands. */
export interface ExpressionScope {
  /** The row's column that a name reads; null = unknown, and the problem was added. */
  resolve(leaf: InputLeaf, path: string, problems: Problems): { column: number; type: ValueType } | null;
  readonly functions: UserFunctionScope;
}

/** A source's columns. */
export function columnScope(columns: readonly Field[], functions = noFunctions): ExpressionScope {
  const byName = new Map(columns.map((field, column) => [field.name, { column, type: field.type }]));
  return {
    functions,
    resolve(leaf, path, problems) {
      if (leaf.op !== 'col') {
        problems.add(path, `"${leaf.op}" cannot be read here`, {
          expected: 'columns of the source, as in col("name")',
          remedy: 'Compute it in an on-demand view.',
        });
        return null;
      }
      const found = byName.get(leaf.name);
      if (found === undefined) problems.addUnknown(path, 'column', leaf.name, byName.keys());
      return found ?? null;
    },
  };
}

/** The request inputs and features of an on-demand view. */
export function onDemandScope(inputs: readonly OnDemandInput[], functions = noFunctions): ExpressionScope {
  const byName = new Map(inputs.map((input, column) => [onDemandInputName(input), { column, type: input.type }]));
  return {
    functions,
    resolve(leaf, path, problems) {
      if (leaf.op === 'col') {
        problems.add(path, 'a column cannot be read in an on-demand view', {
          expected: 'request("name") or a feature of a view in `from`',
          got: `col(${JSON.stringify(leaf.name)})`,
        });
        return null;
      }
      const name =
        leaf.op === 'request'
          ? onDemandInputName({ kind: 'request', name: leaf.name })
          : onDemandInputName({ kind: 'feature', view: leaf.view, feature: leaf.feature });
      const found = byName.get(name);
      if (found === undefined) {
        problems.addUnknown(path, leaf.op === 'request' ? 'request input' : 'feature', name, byName.keys());
      }
      return found ?? null;
    },
  };
}

/** How messages and scopes name an input; the prefix keeps a request input and a view apart. */
export function onDemandInputName(
  input: { readonly kind: 'request'; readonly name: string } | { kind: 'feature'; view: string; feature: string },
): string {
  return input.kind === 'request' ? `request.${input.name}` : `${input.view}.${input.feature}`;
}
