import type { Expression } from '../definitions/model.ts';
import type { InputLeaf } from './typed.ts';

/** The leaves of a tree that read an input, in the order they are written. */
export function leavesOf(tree: Expression): readonly InputLeaf[] {
  if ('args' in tree) return tree.args.flatMap(leavesOf);
  return tree.op === 'lit' ? [] : [tree];
}
