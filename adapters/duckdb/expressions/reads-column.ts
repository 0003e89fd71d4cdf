import type { Expression } from '../../../core/definitions/model.ts';

/** True where the expression reads the column of this name. */
export function readsColumn(tree: Expression, name: string): boolean {
  if (tree.op === 'col') return tree.name === name;
  return 'args' in tree && tree.args.some((argument) => readsColumn(argument, name));
}
