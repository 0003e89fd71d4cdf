import type { OnDemandInput } from '../definitions/compiled.ts';
import type { Expression } from '../definitions/model.ts';

/** Indexes of the inputs that an expression reads, ascending. */
export function inputsUsed(tree: Expression, inputs: readonly OnDemandInput[]): readonly number[] {
  const used = new Set<number>();
  const walk = (node: Expression): void => {
    if ('args' in node) node.args.forEach(walk);
    const index = inputs.findIndex((input) => isReadBy(node, input));
    if (index >= 0) used.add(index);
  };
  walk(tree);
  return [...used].sort((a, b) => a - b);
}

function isReadBy(node: Expression, input: OnDemandInput): boolean {
  if (input.kind === 'request') return node.op === 'request' && node.name === input.name;
  return node.op === 'feature' && node.view === input.view && node.feature === input.feature;
}
