import { AsofError } from '../../core/errors/asof-error.ts';

/** A page of a list, as Relay has it. */
export interface Connection<T> {
  readonly edges: readonly { readonly cursor: string; readonly node: T }[];
  readonly nodes: readonly T[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

const largestPage = 100;

/** @throws AsofError BAD_INPUT unless 0 ≤ first ≤ 100 */
export function pageSize(first: number, path: string): number {
  if (first >= 0 && first <= largestPage) return first;
  throw new AsofError('BAD_INPUT', 'that many cannot be listed at once', {
    path,
    expected: `0 to ${largestPage}`,
    got: String(first),
  });
}

/** The page of `all` behind the item that the cursor `after` names; cursors are ids. */
export function connectionOf<T extends { readonly id: string }>(
  all: readonly T[],
  first: number,
  after: string | null,
): Connection<T> {
  const start = after === null ? 0 : all.findIndex(({ id }) => id === after) + 1;
  if (after !== null && start === 0) {
    throw new AsofError('BAD_INPUT', 'the cursor is unknown', {
      path: 'after',
      expected: 'the cursor of an edge',
      got: after,
      remedy: 'List from the beginning.',
    });
  }
  const nodes = all.slice(start, start + first);
  return {
    edges: nodes.map((node) => ({ cursor: node.id, node })),
    nodes,
    pageInfo: {
      hasNextPage: start + first < all.length,
      hasPreviousPage: start > 0,
      startCursor: nodes[0]?.id ?? null,
      endCursor: nodes.at(-1)?.id ?? null,
    },
  };
}
