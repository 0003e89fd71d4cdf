import type { AnomalyCounts } from '../expressions/anomalies.ts';
import type { TypedExpression } from '../expressions/typed.ts';
import type { Field, Instant, Value, ValueType } from '../values/types.ts';
import type {
  AggregateDefinition,
  Expression,
  FeatureServiceDefinition,
  SourceDefinition,
  ViewReference,
} from './model.ts';

/** An expression ready to run on one row: the row's values in the order of the columns it was compiled against. */
export interface CompiledExpression {
  readonly tree: Expression;
  /** The tree with its names resolved and its types known; each node has the place of its twin in `tree`. */
  readonly typed: TypedExpression;
  readonly type: ValueType;
  /** Counts what became NULL by overflow and the like in `evaluate`, and in functions made from parts of the tree. */
  readonly anomalies: AnomalyCounts;
  evaluate(row: readonly Value[]): Value;
}

export interface CompiledSource {
  readonly name: string;
  readonly kind: 'events' | 'rows';
  readonly definition: SourceDefinition;
  /** The order of `SourceRecord.values`. */
  readonly fields: readonly Field[];
  readonly latenessMillis: number;
  readonly futureToleranceMillis: number;
  /**
   * True for a view that opted out of the known-at rule: rows without their declared created time are kept for it, with
   * a known time of −∞. Else they are dead letters.
   */
  readonly keepsUncreated?: boolean;
}

/** One distinct aggregation of a view; features that differ only in their window share it. */
export interface Accumulator {
  readonly definition: AggregateDefinition;
  readonly input: CompiledExpression | null;
  readonly where: CompiledExpression | null;
  readonly by: CompiledExpression | null;
  /** The type of the finished value. */
  readonly type: ValueType;
}

export type CompiledFeature = {
  readonly name: string;
  readonly type: ValueType;
  /** Replaces a value whose cell is not PRESENT; null = none declared. */
  readonly defaultValue: Value;
} & (
  | { readonly kind: 'column'; readonly column: number }
  /** `windowMillis` null = lifetime. `accumulator`, `numerator`, `denominator` index the view's accumulators. */
  | { readonly kind: 'aggregate'; readonly accumulator: number; readonly windowMillis: number | null }
  | {
      readonly kind: 'ratio';
      readonly numerator: number;
      readonly denominator: number;
      readonly windowMillis: number | null;
    }
  /** `expression`'s row: its inputs, in order. None of them leads back to the feature itself. */
  | { readonly kind: 'derived'; readonly expression: CompiledExpression; readonly inputs: readonly DerivedInput[] }
);

export type WindowedFeature = Extract<CompiledFeature, { readonly windowMillis: number | null }>;

/** `feature` indexes the view's features, `column` the columns that the view keeps. */
export type DerivedInput = { readonly type: ValueType } & (
  | { readonly kind: 'feature'; readonly feature: number }
  | { readonly kind: 'column'; readonly column: number }
);

export interface CompiledKeyPart extends Field {
  /** Index into the source's fields. */
  readonly column: number;
}

/** One version of a feature view, ready to be executed anywhere. */
export interface CompiledView {
  readonly name: string;
  /** 1, 2, … as the registry numbered them. */
  readonly version: number;
  /** sha256 (hex) of what changes values. */
  readonly hash: string;
  readonly kind: 'aggregate' | 'rows';
  /** null = the view has no key. */
  readonly entity: string | null;
  /** In the entity's declared order; empty for a view without a key. */
  readonly key: readonly CompiledKeyPart[];
  readonly source: CompiledSource;
  readonly features: readonly CompiledFeature[];
  /**
   * Row views: indexes into the source's fields of what is kept of a row: the columns of its column features in their
   * order, then those that only derived features read. Empty for aggregates.
   */
  readonly columns: readonly number[];
  readonly accumulators: readonly Accumulator[];
  readonly grainMillis: number;
  readonly delayMillis: number;
  readonly maxAgeMillis: number | null;
  readonly retentionMillis: number | null;
  readonly freshnessMillis: number | null;
  /** False only for row views that opted out of the known-at rule. */
  readonly knownAt: boolean;
  readonly online: boolean;
  readonly offline: boolean;
}

export interface CompiledOnDemandFeature {
  readonly name: string;
  readonly type: ValueType;
  readonly defaultValue: Value;
  /** Its row: `inputs` of the view, in order. */
  readonly expression: CompiledExpression;
  /** Indexes of the inputs that the expression reads. */
  readonly uses: readonly number[];
}

export type OnDemandInput =
  | { readonly kind: 'request'; readonly name: string; readonly type: ValueType }
  | { readonly kind: 'feature'; readonly view: string; readonly feature: string; readonly type: ValueType };

export interface CompiledOnDemandView {
  readonly name: string;
  readonly version: number;
  readonly hash: string;
  readonly request: readonly Field[];
  /** The views it reads, by the aliases that `inputs` name. */
  readonly from: readonly ViewReference[];
  readonly inputs: readonly OnDemandInput[];
  readonly features: readonly CompiledOnDemandFeature[];
}

/** A view as one member of a service or of a join, under its alias. */
export interface ServiceMember {
  readonly alias: string;
  readonly view: CompiledView;
  /** Spine or request column for each key part, in the order of `view.key`. */
  readonly joinColumns: readonly string[];
  /** Indexes into `view.features`, in declared order. */
  readonly features: readonly number[];
  /** Tightens the view's own; never loosens it. */
  readonly maxAgeMillis: number | null;
}

export interface CompiledService {
  readonly name: string;
  readonly version: number;
  readonly definition: FeatureServiceDefinition;
  readonly members: readonly ServiceMember[];
  readonly onDemand: readonly {
    readonly view: CompiledOnDemandView;
    readonly features: readonly number[];
    /**
     * For each `view.inputs`: where a feature input is read, or null for a request input. `feature` is the position
     * in `member.features`. The member is one of `members`, or one that is read for this alone (`membersToRead`).
     */
    readonly reads: readonly ({ readonly member: ServiceMember; readonly feature: number } | null)[];
  }[];
  /** The join columns a request or a spine must bring, with their types, without repetition. */
  readonly joinColumns: readonly Field[];
  readonly requestInputs: readonly Field[];
}

/** A record after normalization: the one shape that online and offline stores are built from. */
export interface SourceRecord {
  /** Topic, or file: the second part of its place. Places compare by (origin as UTF-8, partition, offset). */
  readonly origin: string;
  readonly partition: number;
  readonly offset: number;
  readonly eventTime: Instant;
  /** Arrival (events) or created time (rows); −∞ where it is missing and the source keeps such rows. */
  readonly knownTime: Instant;
  /** The declared event id; null where dedupe is by place, and for rows. */
  readonly eventId: Value;
  /** Rows only: a tombstone. */
  readonly deleted: boolean;
  /** In the order of the source's fields. */
  readonly values: readonly Value[];
}

export const cellStatuses = ['PRESENT', 'NULL', 'NOT_FOUND', 'EXPIRED', 'NOT_READY', 'UNAVAILABLE'] as const;
export type CellStatus = (typeof cellStatuses)[number];

/** What one read of one view for one key returns; the arrays run along the features asked for. */
export interface ViewReading {
  /** PRESENT, NOT_FOUND, EXPIRED, NOT_READY or UNAVAILABLE. */
  readonly status: CellStatus;
  readonly eventTime: Instant | null;
  readonly readAt: Instant;
  readonly version: number;
  readonly values: readonly Value[];
  readonly statuses: readonly CellStatus[];
  readonly defaulted: readonly boolean[];
}
