import { AsofError } from '../../core/errors/asof-error.ts';
import { compareUtf8 } from '../../core/values/compare.ts';

/** A page of a list, as Relay has it. */
export interface Connection<T> {
  readonly edges: readonly { readonly cursor: string; readonly node: T }[];
  readonly nodes: readonly T[];
  readonly totalCount: number;
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

/** Orders a list, and names a place in it that stays right when other items come and go. */
export type SortKey = readonly string[];

export interface PageArguments {
  readonly first?: number | null;
  readonly after?: string | null;
}

const defaultPage = 20;
const largestPage = 100;

/** The items behind the cursor, by their keys as UTF-8. BAD_INPUT for a page size or a cursor that is not one. */
export function connectionOf<T>(
  items: readonly T[],
  keyOf: (item: T) => SortKey,
  { first, after }: PageArguments,
): Connection<T> {
  const size = pageSize(first ?? defaultPage);
  const start = after === null || after === undefined ? null : decodeCursor(after);
  const sorted = items.map((node) => ({ node, key: keyOf(node) })).sort((a, b) => compareKeys(a.key, b.key));
  const behind = start === null ? sorted : sorted.filter(({ key }) => compareKeys(key, start) > 0);
  const edges = behind.slice(0, size).map(({ node, key }) => ({ cursor: encodeCursor(key), node }));
  return {
    edges,
    nodes: edges.map(({ node }) => node),
    totalCount: items.length,
    pageInfo: {
      hasNextPage: behind.length > size,
      hasPreviousPage: behind.length < sorted.length,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

function pageSize(first: number): number {
  if (first >= 0 && first <= largestPage) return first;
  throw new AsofError('BAD_INPUT', 'not a page size', {
    path: 'first',
    expected: `0 to ${largestPage}`,
    got: String(first),
    remedy: 'Ask for several pages with `after`.',
  });
}

function compareKeys(a: SortKey, b: SortKey): number {
  for (const [index, part] of a.entries()) {
    const order = compareUtf8(part, b[index] ?? '');
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function encodeCursor(key: SortKey): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

function decodeCursor(cursor: string): SortKey {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(key) && key.every((part) => typeof part === 'string')) return key;
  } catch {
    // Falls through to the refusal: whatever is wrong with the text, it is no cursor.
  }
  throw new AsofError('BAD_INPUT', 'not a cursor', {
    path: 'after',
    expected: 'the cursor of an edge of this list',
    got: cursor.slice(0, 100),
    remedy: 'List from the beginning, without `after`.',
  });
}
