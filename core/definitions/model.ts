import type { Field, Value, ValueType } from '../values/types.ts';
import type { ExpressionOperator } from './operators.ts';

/**
 * Canonical JSON of everything a project defines; the published schema is `schema/definitions.json`.
 * Durations are text ("1h", "30s", "7d"; ms s m h d), written with the largest unit that divides them.
 */
export interface Definitions {
  readonly asof: 1;
  readonly entities: readonly EntityDefinition[];
  readonly sources: readonly SourceDefinition[];
  readonly views: readonly FeatureViewDefinition[];
  readonly onDemandViews: readonly OnDemandViewDefinition[];
  readonly services: readonly FeatureServiceDefinition[];
  readonly functions: readonly UserFunctionDefinition[];
}

/** What people search and read; never part of a version. */
export interface Described {
  readonly description?: string;
  readonly owner?: string;
  readonly tags?: readonly string[];
}

export type Duration = string;

/** What features are about. `plural` names its GraphQL list query where English guesses wrong. */
export interface EntityDefinition extends Described {
  readonly name: string;
  readonly key: readonly Field[];
  readonly plural?: string;
}

/** How a topic's payloads are written where they are not JSON; their schemas are in a schema registry. */
export type PayloadFormat = 'avro' | 'protobuf';

export type StreamLocation =
  /** Without a format its payloads are JSON. */
  { readonly kind: 'kafka'; readonly topic: string; readonly format?: PayloadFormat } | { readonly kind: 'push' };

export type BatchLocation =
  /** A glob, relative to the definitions' folder unless absolute. */
  | { readonly kind: 'parquet' | 'csv' | 'ndjson'; readonly path: string }
  /** A query whose rows are stamped with the snapshot's time unless the source declares an event time. */
  | { readonly kind: 'sql'; readonly query: string };

interface SourceCommon extends Described {
  readonly name: string;
  /** The columns that features may read, in declared order. Time columns need not be repeated here. */
  readonly fields: readonly Field[];
  readonly stream?: StreamLocation;
  readonly batch?: BatchLocation;
}

/** Things that happened; windowed aggregates read these. */
export interface EventSourceDefinition extends SourceCommon {
  readonly kind: 'events';
  readonly eventTime: string;
  /** The column that names an event; absent means dedupe by place. */
  readonly eventId?: string;
  /** The column with the arrival instant of imported events; absent means arrival = event time. */
  readonly arrival?: string;
  readonly lateness: Duration;
  readonly futureTolerance: Duration;
}

/** State that is valid from its event time; row views read these. */
export interface RowSourceDefinition extends SourceCommon {
  readonly kind: 'rows';
  /** Absent: the source is static, valid from 1970-01-01. */
  readonly eventTime?: string;
  /** When the row became known; absent means createdTime = eventTime. */
  readonly createdTime?: string;
  /** A bool column that marks tombstones. */
  readonly deleted?: string;
}

export type SourceDefinition = EventSourceDefinition | RowSourceDefinition;

/** A typed expression tree (stored form). Names resolve by where the tree stands: source columns, or inputs. */
export type Expression =
  | { readonly op: 'col'; readonly name: string }
  /** A feature of a view in `from` (on-demand views); without a view one beside this feature (derived features). */
  | { readonly op: 'feature'; readonly view?: string; readonly feature: string }
  /** A request-time input; only in on-demand views. */
  | { readonly op: 'request'; readonly name: string }
  | { readonly op: 'lit'; readonly type: ValueType; readonly value: JsonValue }
  /** A call of a user's function; its arguments stand in the order in which it declares them. */
  | { readonly op: 'call'; readonly function: string; readonly version: number; readonly args: readonly Expression[] }
  | { readonly op: ExpressionOperator; readonly args: readonly Expression[] };

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

export const aggregateFunctions = [
  'countRows',
  'count',
  'sum',
  'avg',
  'varSamp',
  'varPop',
  'stddevSamp',
  'stddevPop',
  'min',
  'max',
  'first',
  'last',
  'firstN',
  'lastN',
  'topK',
  'bottomK',
  'countDistinct',
  'approxCountDistinct',
  'approxQuantile',
  'histogram',
] as const;
export type AggregateFunction = (typeof aggregateFunctions)[number];

export interface AggregateDefinition {
  readonly function: AggregateFunction;
  /** Absent only for countRows. */
  readonly input?: Expression;
  /** Counts only events for which this is TRUE. */
  readonly where?: Expression;
  /** Makes the value a map by this expression's values. */
  readonly by?: { readonly expression: Expression; readonly cap: number };
  /** firstN, lastN, topK, bottomK: how many. */
  readonly k?: number;
  /** countDistinct: exact up to this many. */
  readonly cap?: number;
  /** approxQuantile: an exact decimal as text, "0.95". */
  readonly q?: string;
  /** histogram: ascending edges as exact decimal text, or declared categories. */
  readonly edges?: readonly string[];
  readonly categories?: readonly string[];
}

/** A duration, or everything up to now. */
export type WindowDefinition = Duration | 'lifetime';

export type FeatureDefinition = Described & { readonly name: string; readonly default?: JsonValue } & (
    | { readonly kind: 'column'; readonly column: string }
    | { readonly kind: 'aggregate'; readonly aggregate: AggregateDefinition; readonly window: WindowDefinition }
    /** double(numerator) / double(denominator); x/0 is NULL. */
    | {
        readonly kind: 'ratio';
        readonly numerator: AggregateDefinition;
        readonly denominator: AggregateDefinition;
        readonly window: WindowDefinition;
      }
    /** Computed at each read from other features of the view and, in row views, from columns of the winner. */
    | { readonly kind: 'derived'; readonly expression: Expression }
  );

/** Features of one entity from one source. Its kind (aggregate or rows) follows from its source's. */
export interface FeatureViewDefinition extends Described {
  readonly name: string;
  /** Absent: the view has no key, one value for all. */
  readonly entity?: string;
  readonly source: string;
  /** Join key → source column; every part of the entity's key. */
  readonly key: { readonly [joinKey: string]: string };
  readonly features: readonly FeatureDefinition[];
  /** Aggregates: the smallest tile, default 1s; and how far values run behind now, default 0s. */
  readonly grain?: Duration;
  readonly delay?: Duration;
  /** Row views: a winner older than this is EXPIRED. */
  readonly maxAge?: Duration;
  /** A winner older than this is NOT_FOUND. For aggregates it must cover the longest window. */
  readonly retention?: Duration;
  /** Row views: false opts out of the known-at rule; default true. */
  readonly knownAt?: boolean;
  /** Freshness SLA by arrival. */
  readonly freshness?: Duration;
  readonly expectedUpdateEvery?: Duration;
  readonly online?: boolean;
  readonly offline?: boolean;
  readonly pii?: boolean;
}

/** Features computed at request time from request inputs and other views' features. */
export interface OnDemandViewDefinition extends Described {
  readonly name: string;
  readonly request: readonly Field[];
  readonly from: readonly ViewReference[];
  readonly features: readonly (Described & {
    readonly name: string;
    readonly expression: Expression;
    readonly default?: JsonValue;
  })[];
}

/** A view as a service or an on-demand view uses it. */
export interface ViewReference {
  readonly view: string;
  /** The name its features carry; default: the view's. */
  readonly alias?: string;
  /** Entity join key → spine column; default: the same name. */
  readonly joinOn?: { readonly [joinKey: string]: string };
  /** Chosen features; absent: all. */
  readonly features?: readonly string[];
  /** Absent: the current version. */
  readonly version?: number;
  readonly maxAge?: Duration;
}

export interface FeatureServiceDefinition extends Described {
  readonly name: string;
  readonly version: number;
  readonly features: readonly ViewReference[];
}

/**
 * A function of the user's own, which expressions call. It lives by its text: the same text runs wherever a value is
 * computed, apart from the process, without I/O, clock or chance.
 */
export interface UserFunctionDefinition extends Described {
  readonly name: string;
  /** A registered version never changes: another source needs another version. */
  readonly version: number;
  readonly args: readonly Field[];
  readonly returns: ValueType;
  /** One JavaScript function of an object with the arguments by name; it names nothing outside of itself. */
  readonly source: string;
  /** sha256 (hex) of the source. */
  readonly sourceHash: string;
  /** Call it with NULL arguments too; absent: an argument that is NULL makes the result NULL. */
  readonly onNull?: 'call';
  /** A call that takes more steps than this gives NULL; absent: 100,000. */
  readonly maxSteps?: number;
}

/** The default of a cell, parsed. */
export type DefaultValue = Exclude<Value, null>;
