/** One small fault in the code that decides values, which the tests must notice. */
export interface Flip {
  /** From the repository's root. */
  readonly file: string;
  /** Occurs in the file exactly once. */
  readonly original: string;
  readonly mutated: string;
  /** The rule that it breaks. */
  readonly rule: string;
}

export function flipsOf(file: string, flips: readonly (readonly [string, string, string])[]): readonly Flip[] {
  return flips.map(([original, mutated, rule]) => ({ file, original, mutated, rule }));
}
