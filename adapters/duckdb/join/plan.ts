import type { ServiceMember } from '../../../core/definitions/compiled.ts';
import type { JoinMode } from '../../../core/ports/offline-store.ts';
import type { Session } from '../engine.ts';
import type { ExpressionCompiler } from '../expression-function.ts';
import type { EventSlots } from './events.ts';
import type { SlicedSpine } from './slices.ts';

export interface AggregateJoin {
  readonly session: Session;
  readonly spine: SlicedSpine;
  readonly member: ServiceMember;
  readonly mode: JoinMode;
  /** A query for the source's history. */
  readonly history: string;
  readonly expressions: ExpressionCompiler;
  /** Whether the view's status and event time are wanted beside the values. */
  readonly withViewStatus: boolean;
}

/** What the slices of one aggregate join share. */
export interface HistoryPlan extends AggregateJoin {
  /** Milliseconds, null = lifetime, the longest last. */
  readonly windows: readonly (number | null)[];
  readonly slots: EventSlots;
  /** The spine's key parts in SQL. */
  readonly keySql: readonly string[];
  /** See `greatestLead`; null where events count whenever they arrived. */
  readonly lead: number | null;
}

/** Everything the steps of one slice share. */
export interface AggregatePlan extends HistoryPlan {
  readonly hasInFlight: boolean;
}
