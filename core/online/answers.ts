import { AsofError } from '../errors/asof-error.ts';
import type { OnlineAnswer } from '../ports/online-store.ts';

/** The values, for whoever cannot go on without all of them. Throws the first error among the answers. */
export function allAnswered(answers: readonly OnlineAnswer[]): readonly (Uint8Array | null)[] {
  for (const answer of answers) if (answer instanceof AsofError) throw answer;
  return answers as readonly (Uint8Array | null)[];
}
