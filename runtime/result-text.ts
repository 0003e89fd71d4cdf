import type { GraphResult } from './graph.ts';

/** A response as Apollo Server writes it. */
export function resultText({ errors, data, extensions }: GraphResult): string {
  return `${JSON.stringify({ errors, data, extensions })}\n`;
}

const texts = new WeakMap<GraphResult, string>();

/** A result of a subscription, as JSON: written once for all subscribers that get it. */
export function sharedResultText(result: GraphResult): string {
  let text = texts.get(result);
  if (text === undefined) {
    text = JSON.stringify(result);
    texts.set(result, text);
  }
  return text;
}
