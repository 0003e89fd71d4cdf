import type { GraphResult } from './graph.ts';

/** A response as Apollo Server writes it. */
export function resultText({ errors, data, extensions }: GraphResult): string {
  return `${JSON.stringify({ errors, data, extensions })}\n`;
}

/** Of a result: as JSON, and with the brace that ends a message around it. */
interface SharedText {
  readonly text: string;
  readonly message: string;
}

const shared = new WeakMap<GraphResult, SharedText>();

/** A result of a subscription, written once for all subscribers that get it. */
export function sharedText(result: GraphResult): SharedText {
  let one = shared.get(result);
  if (one === undefined) {
    const text = JSON.stringify(result);
    one = { text, message: `${text}}` };
    shared.set(result, one);
  }
  return one;
}
