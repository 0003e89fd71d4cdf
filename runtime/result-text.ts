import type { GraphResult } from './graph.ts';

/** A response as Apollo Server writes it. */
export function resultText({ errors, data, extensions }: GraphResult): string {
  return `${JSON.stringify({ errors, data, extensions })}\n`;
}
