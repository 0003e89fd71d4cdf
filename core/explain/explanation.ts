import type { CellStatus } from '../definitions/compiled.ts';
import type { AggregateFunction } from '../definitions/model.ts';
import type { JoinMode } from '../ports/offline-store.ts';

/**
 * Why a feature had its value: plain JSON, from which the value can be computed again. Instants are RFC 3339 in UTC,
 * durations text ("1h"), types text ("decimal(10,2)"), and values as JSON clients get them: int64 beyond ±(2^53−1) and
 * decimals as text, vectors and lists as arrays, maps as objects.
 */
export type Explanation = ExplanationOf & (ColumnPart | AggregatePart | ComputedPart);

export interface ExplanationOf {
  /** `view.feature`, the view by the name or alias it was asked by. */
  readonly feature: string;
  readonly type: string;
  /** What a read returns: the default where one took the value's place. */
  readonly value: unknown;
  readonly status: CellStatus;
  /** True where the value is a default, or was computed from one. */
  readonly defaulted: boolean;
  /** null = none is declared. */
  readonly declaredDefault: unknown;
  /** Why, in one sentence. */
  readonly reason: string;
  readonly definition: ExplainedDefinition;
  readonly question: ExplainedQuestion;
  /** How far another executor's value may lie away by rounding alone; 0 = every bit is determined. */
  readonly tolerance: number;
  /** What stores answer to the same question; empty where none was asked. */
  readonly served: readonly ServedValue[];
}

export interface ExplainedDefinition {
  readonly view: string;
  readonly version: number;
  /** sha256 (hex) of what changes values. */
  readonly hash: string;
  /** null for request-time features. */
  readonly source: string | null;
}

export interface ExplainedQuestion {
  /** Join key → value. */
  readonly key: Readonly<Record<string, unknown>>;
  readonly at: string;
  readonly knownAt: string;
  readonly mode: JoinMode;
  /** The request inputs that were given. */
  readonly request: Readonly<Record<string, unknown>>;
}

/** The answer of one store, and whether it is what the explanation says. */
export interface ServedValue {
  readonly store: string;
  readonly value: unknown;
  readonly status: CellStatus;
  readonly defaulted: boolean;
  /** False is a finding: the store's value is not the one that its records account for. */
  readonly agrees: boolean;
}

/** A column of the row that wins (SEMANTICS.md, section 3). */
export interface ColumnPart {
  readonly kind: 'column';
  readonly column: string;
  readonly choice: {
    /** False where the view opted out: created times then only break ties. */
    readonly knownAtRule: boolean;
    /** The winner's age; null without one. */
    readonly ageMillis: number | null;
    /** The tightest that applies, in milliseconds; null = none. */
    readonly maxAgeMillis: number | null;
    readonly retentionMillis: number | null;
  };
  /** The winner first, then what it was chosen from, by outcome. */
  readonly rows: readonly RecordGroup<RowOutcome>[];
}

/** An aggregate, or the quotient of two, over a window (SEMANTICS.md, section 4). */
export interface AggregatePart {
  readonly kind: 'aggregate' | 'ratio';
  /** null for a key with a NULL part, which is asked of no window. */
  readonly window: WindowBounds | null;
  /** One; of a ratio the numerator and the denominator. Empty without a window. */
  readonly terms: readonly AggregateTerm[];
}

export interface WindowBounds {
  /** `lifetime` for all of time. */
  readonly length: string;
  /** Included; null = the beginning of time. */
  readonly start: string | null;
  /** τ, not included. */
  readonly end: string;
  /** By how much `start` moves at a time; null for lifetime. */
  readonly hop: string | null;
  readonly grain: string;
  readonly delay: string;
  readonly lateness: string;
  readonly futureTolerance: string;
  /** The column that tells events apart, and its type; null = their places. */
  readonly eventId: { readonly column: string; readonly type: string } | null;
  /** The event times that were looked at: the window and what lies beside it. null = no bound. */
  readonly looked: { readonly start: string | null; readonly end: string };
}

export interface AggregateTerm {
  readonly role: 'value' | 'numerator' | 'denominator';
  readonly function: AggregateFunction;
  /** As in the definition, where the function has them. */
  readonly parameters: {
    readonly k?: number;
    readonly cap?: number;
    readonly q?: string;
    readonly edges?: readonly string[];
    readonly categories?: readonly string[];
  };
  readonly input: ExplainedExpression | null;
  readonly where: ExplainedExpression | null;
  readonly by: (ExplainedExpression & { readonly cap: number }) | null;
  readonly type: string;
  /** Before a ratio and before defaulting. */
  readonly value: unknown;
  /** The tiles that an online read merges for this, oldest first. Empty for a view that is not kept online. */
  readonly tiles: readonly TileRun[];
  /** What counted first, then what was left out, by rule. */
  readonly events: readonly RecordGroup<EventOutcome>[];
}

export interface ExplainedExpression {
  readonly text: string;
  readonly type: string;
}

/**
 * Tiles of one length, the last of which may end with the run; `base` is what lifetime values keep of what is in no tile
 * any more.
 */
export interface TileRun {
  readonly level: string;
  readonly from: string | null;
  readonly to: string;
  readonly tiles: number;
}

export const rowOutcomes = ['winner', 'superseded', 'notYetKnown', 'afterT'] as const;
export type RowOutcome = (typeof rowOutcomes)[number];

/** What counted, then the rules from the last to the first that is applied, then what lies beside the window. */
export const eventOutcomes = [
  'counted',
  'nullInput',
  'tooLargeInput',
  'noCategory',
  'filtered',
  'duplicate',
  'tooFarAhead',
  'tooLate',
  'notYetKnown',
  'beforeWindow',
  'afterWindow',
] as const;
export type EventOutcome = (typeof eventOutcomes)[number];

/** The records that met the same fate, oldest first. */
export interface RecordGroup<Outcome extends string = string> {
  readonly outcome: Outcome;
  readonly total: number;
  /** The first, the last and the decisive ones where there are more than the limit. */
  readonly records: readonly ExplainedRecord[];
}

export interface ExplainedRecord {
  readonly place: RecordPlaceText;
  readonly eventTime: string;
  /** Arrival of an event, created time of a row; null = unknown. */
  readonly knownTime: string | null;
  /** Events with a declared id. */
  readonly id?: unknown;
  /** Rows: a tombstone. */
  readonly deleted?: boolean;
  /** Duplicates: the place of the event that counts instead. */
  readonly duplicateOf?: RecordPlaceText;
  /** The columns that the feature reads. */
  readonly columns: Readonly<Record<string, unknown>>;
  /** What the expressions gave for it, as far as the rules asked them. */
  readonly where?: boolean | null;
  /** Its canonical text, as in the value's keys. */
  readonly category?: string | null;
  readonly input?: unknown;
  /** The value is (or holds) this record's input, or this row's column. */
  readonly decisive?: true;
  /** Of expressions that are more than a column, with every intermediate value. */
  readonly steps?: {
    readonly where?: ExplainedStep;
    readonly by?: ExplainedStep;
    readonly input?: ExplainedStep;
  };
}

/** `origin/partition/offset`. */
export type RecordPlaceText = string;

export interface ExplainedStep {
  /** The operator; `input` for a name that is read, `literal` for a constant. */
  readonly op: string;
  readonly text: string;
  readonly type: string;
  readonly value: unknown;
  readonly args?: readonly ExplainedStep[];
}

/** A feature that is an expression: over other features of its view and columns, or over request inputs and views. */
export interface ComputedPart {
  readonly kind: 'computed';
  readonly expression: ExplainedStep;
  /** What it reads, in the order of the names in the expression. */
  readonly inputs: readonly ExplainedInput[];
}

/** An input by the name that the expression's steps have for it. */
export type ExplainedInput =
  | { readonly name: string; readonly from: 'request'; readonly value: unknown }
  | { readonly name: string; readonly from: 'feature' | 'column'; readonly explanation: Explanation };
