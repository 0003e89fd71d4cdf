import type { AccumulatorKernel } from '../../../core/aggregates/kernel.ts';
import type { Value } from '../../../core/values/types.ts';

/** Items per leaf of the tree. */
const leafLength = 16;

/** An aggregate over any stretch of one key's events, which are at positions 0, 1, … in their order. */
export interface Stretches {
  /** The value over [from, to) without the events at these positions (ascending). */
  over(from: number, to: number, without: readonly number[]): Value;
}

/**
 * A tree of merged states: node (level, i) holds the 2^level leaves from i·2^level on. A stretch is a few items at its ends and at
 * most two nodes per level, so its cost grows with the logarithm of its length. Nodes are made when first needed.
 */
export function createStretches(kernel: AccumulatorKernel, items: readonly unknown[]): Stretches {
  const levels: unknown[][] = [];

  const addItems = (state: unknown, from: number, to: number): unknown => {
    let result = state;
    for (let position = from; position < to; position++) {
      const item = items[position];
      if (item !== undefined) result = kernel.add(result, item);
    }
    return result;
  };

  const node = (level: number, index: number): unknown => {
    levels[level] ??= [];
    const nodes = levels[level];
    nodes[index] ??=
      level === 0
        ? addItems(kernel.empty(), index * leafLength, (index + 1) * leafLength)
        : kernel.merge(kernel.merge(kernel.empty(), node(level - 1, 2 * index)), node(level - 1, 2 * index + 1));
    return nodes[index];
  };

  const addStretch = (state: unknown, from: number, to: number): unknown => {
    const firstLeaf = Math.ceil(from / leafLength);
    const endLeaf = Math.floor(to / leafLength);
    if (firstLeaf >= endLeaf) return addItems(state, from, to);
    let result = addItems(state, from, firstLeaf * leafLength);
    for (let leaf = firstLeaf; leaf < endLeaf; ) {
      let level = 0;
      while (leaf % 2 ** (level + 1) === 0 && leaf + 2 ** (level + 1) <= endLeaf) level++;
      result = kernel.merge(result, node(level, leaf / 2 ** level));
      leaf += 2 ** level;
    }
    return addItems(result, endLeaf * leafLength, to);
  };

  return {
    over(from, to, without) {
      let state = kernel.empty();
      let start = from;
      for (const position of without) {
        if (position < start || position >= to) continue;
        state = addStretch(state, start, position);
        start = position + 1;
      }
      return kernel.finish(addStretch(state, start, to));
    },
  };
}
