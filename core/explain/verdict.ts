import type { CellStatus } from '../definitions/compiled.ts';
import type { Value } from '../values/types.ts';

/** What was found for a feature, before defaulting, and how. */
export interface Verdict<Part> {
  readonly value: Value;
  readonly status: CellStatus;
  readonly tolerance: number;
  /** In one sentence. */
  readonly reason: string;
  readonly part: Part;
}
