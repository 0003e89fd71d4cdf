import type { ServiceMember } from '../../../core/definitions/compiled.ts';
import type { JoinMode } from '../../../core/ports/offline-store.ts';
import type { Session } from '../engine.ts';
import type { ExpressionCompiler } from '../expression-function.ts';
import type { EventSlots } from './events.ts';
import type { LoadedSpine } from './spine.ts';

export interface AggregateJoin {
  readonly session: Session;
  readonly spine: LoadedSpine;
  readonly member: ServiceMember;
  readonly mode: JoinMode;
  /** A query for the source's history. */
  readonly history: string;
  readonly expressions: ExpressionCompiler;
}

/** Everything the steps of one aggregate join share. */
export interface AggregatePlan extends AggregateJoin {
  /** Milliseconds, null = lifetime, the longest last. */
  readonly windows: readonly (number | null)[];
  readonly slots: EventSlots;
  readonly hasInFlight: boolean;
}
