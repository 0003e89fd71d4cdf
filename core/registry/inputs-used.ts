import type { OnDemandInput } from '../definitions/compiled.ts';
import type { Expression } from '../definitions/model.ts';
import { leavesOf } from '../expressions/leaves.ts';
import type { InputLeaf } from '../expressions/typed.ts';

/** Indexes of the inputs that an expression reads, ascending. */
export function inputsUsed(tree: Expression, inputs: readonly OnDemandInput[]): readonly number[] {
  const leaves = leavesOf(tree);
  return inputs.flatMap((input, index) => (leaves.some((leaf) => isReadBy(leaf, input)) ? [index] : []));
}

function isReadBy(leaf: InputLeaf, input: OnDemandInput): boolean {
  if (input.kind === 'request') return leaf.op === 'request' && leaf.name === input.name;
  return leaf.op === 'feature' && leaf.view === input.view && leaf.feature === input.feature;
}
