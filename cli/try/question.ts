import type { CompiledSource, ServiceMember, ViewReading } from '../../core/definitions/compiled.ts';
import type { JoinMode } from '../../core/ports/offline-store.ts';
import type { Instant, Value } from '../../core/values/types.ts';
import type { SourceHistory } from './history.ts';

/** Everything an executor needs: what happened, and what is asked. */
export interface TryQuestion {
  readonly members: readonly ServiceMember[];
  /** Every member's source is there. */
  readonly histories: ReadonlyMap<CompiledSource, SourceHistory>;
  readonly rows: readonly QuestionRow[];
  readonly mode: JoinMode;
  /** Where the mode was said, for error messages. */
  readonly modePlace: string;
}

export interface QuestionRow {
  /** For error messages. */
  readonly place: string;
  readonly time: Instant;
  readonly knownAt: Instant;
  /** Per member, along its view's key. */
  readonly keys: readonly (readonly Value[])[];
}

/** One way to compute values. */
export interface TryExecutor extends AsyncDisposable {
  /**
   * Per row of the question, in its order, one reading per member, its values along the member's features.
   *
   * @throws AsofError BAD_INPUT for a question that this executor cannot answer
   */
  answer(question: TryQuestion): Promise<ViewReading[][]>;
}

export const tryExecutorNames = ['oracle', 'duckdb', 'online'] as const;
export type TryExecutorName = (typeof tryExecutorNames)[number];
