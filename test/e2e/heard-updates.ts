import type { AsofProcess } from './asof-process.ts';

export interface HeardUpdate {
  readonly keys: readonly (readonly string[])[];
  readonly cursor: string;
  readonly lagged: boolean;
}

/** A subscriber of one view's updates. */
export interface HeardUpdates {
  /** Resolves with the next one. */
  next(): Promise<HeardUpdate>;
  close(): Promise<void>;
}

export function hearUpdates(process: Pick<AsofProcess, 'websocket'>, view: string, after: string | null): HeardUpdates {
  const client = process.websocket();
  const query = `subscription($views: [String!], $after: String) {
    featureUpdates(views: $views, after: $after) { keys cursor lagged }
  }`;
  const results = client.iterate<{ featureUpdates: HeardUpdate }>({ query, variables: { views: [view], after } });
  return {
    async next() {
      const { value } = await results.next();
      if (value?.data?.featureUpdates === undefined) throw new Error(`no update: ${JSON.stringify(value)}`);
      return value.data.featureUpdates;
    },
    async close() {
      await client.dispose();
    },
  };
}
