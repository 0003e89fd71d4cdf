import type { OnDemandInput } from '../definitions/compiled.ts';
import type { Problems } from '../definitions/problems.ts';
import type { Field, ValueType } from '../values/types.ts';
import { printExpression } from './print.ts';
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

/** What a derived feature may read. */
export interface DerivedNames {
  /** Features of its own view. */
  readonly features: readonly Field[];
  /** Of the source of a row view; null in aggregate views. */
  readonly columns: readonly Field[] | null;
}

/** A derived feature's row: features, then columns. */
export function derivedScope({ features, columns }: DerivedNames, functions = noFunctions): ExpressionScope {
  const featureIndexes = new Map(features.map(({ name, type }, column) => [name, { column, type }]));
  const columnIndexes = new Map(
    (columns ?? []).map(({ name, type }, index) => [name, { column: features.length + index, type }]),
  );
  return {
    functions,
    resolve(leaf, path, problems) {
      if (leaf.op === 'col' && columns === null) {
        problems.add(path, 'a column cannot be read once events are aggregated', {
          expected: 'features of the view, as in feature("name")',
          got: `col(${JSON.stringify(leaf.name)})`,
          remedy: 'Aggregate the column in a feature, and read that.',
        });
        return null;
      }
      if (leaf.op === 'request' || (leaf.op === 'feature' && leaf.view !== undefined)) {
        problems.add(path, `${leaf.op === 'request' ? 'a request input' : 'another view'} cannot be read here`, {
          expected: `features of the view, as in feature("name")${columns === null ? '' : ', and columns'}`,
          remedy: 'Compute it in an on-demand view.',
        });
        return null;
      }
      const [what, name, indexes] =
        leaf.op === 'col' ? ['column', leaf.name, columnIndexes] : ['feature', leaf.feature, featureIndexes];
      const found = indexes.get(name);
      if (found === undefined) problems.addUnknown(path, what, name, indexes.keys());
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
      const read = onDemandLeaf(leaf);
      if (read === null) {
        problems.add(path, 'the view of a feature is missing', {
          expected: 'a feature of a view in `from`, as in view.feature("name")',
          got: printExpression(leaf),
        });
        return null;
      }
      const name = onDemandInputName(read);
      const found = byName.get(name);
      if (found === undefined) {
        problems.addUnknown(path, leaf.op === 'request' ? 'request input' : 'feature', name, byName.keys());
      }
      return found ?? null;
    },
  };
}

type OnDemandName =
  | { readonly kind: 'request'; readonly name: string }
  | { readonly kind: 'feature'; readonly view: string; readonly feature: string };

/** Null for a feature without its view. */
export function onDemandLeaf(leaf: Exclude<InputLeaf, { readonly op: 'col' }>): OnDemandName | null {
  if (leaf.op === 'request') return { kind: 'request', name: leaf.name };
  return leaf.view === undefined ? null : { kind: 'feature', view: leaf.view, feature: leaf.feature };
}

/** How messages and scopes name an input; the prefix keeps a request input and a view apart. */
export function onDemandInputName(input: OnDemandName): string {
  return input.kind === 'request' ? `request.${input.name}` : `${input.view}.${input.feature}`;
}
