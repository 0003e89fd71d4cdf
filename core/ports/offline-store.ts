import type {
  CellStatus,
  CompiledService,
  CompiledSource,
  CompiledView,
  ServiceMember,
  SourceRecord,
} from '../definitions/compiled.ts';
import type { Field, Instant, Value } from '../values/types.ts';

/** Inclusive upper offset per place: `positions.get("origin/partition")`; absent = nothing read. */
export type Positions = ReadonlyMap<string, number>;

export type JoinMode = 'AS_SERVED' | 'EVENT_TIME';

/** Complete history: normalized records in Parquet by date, plus an unflushed tail that queries see too. */
export interface OfflineStore extends AsyncDisposable {
  readonly name: string;
  /** Adds records to the tail; those at or below the positions already held are skipped. In place order. */
  append(source: CompiledSource, records: readonly SourceRecord[]): Promise<void>;
  /**
   * Writes what was appended before the call as Parquet, atomically per file; returns what is durable. What is appended
   * meanwhile does not wait, and is left to the next call.
   */
  flush(source: CompiledSource): Promise<Positions>;
  /** What is durable (Parquet, without the tail). */
  durablePositions(source: CompiledSource): Promise<Positions>;
  /** Raw rows of a batch location, in file and row order, as JSON-like objects with their place. */
  readBatch(source: CompiledSource, baseFolder: string, signal?: AbortSignal): AsyncIterable<readonly RawRow[]>;
  /**
   * The records of a source, grouped by the view's key, in place order within a key. A key with more records than fit
   * into one group comes as several groups in a row; records whose key has a NULL part come in none.
   */
  scanByKey(view: CompiledView, options?: ScanOptions): AsyncIterable<ScannedRecords>;
  /**
   * The records of one key whose event time is in a range, whenever they became known, in place order; none for a key
   * with a NULL part. LIMIT_EXCEEDED when there are more than `mostRecords`.
   */
  recordsOfKey(view: CompiledView, request: KeyRequest): Promise<readonly SourceRecord[]>;
  /** Point-in-time join; rows out = rows in, in order. See `JoinRequest`. */
  join(request: JoinRequest): AsyncIterable<readonly JoinedRow[]>;
  /** The same join written as one Parquet file; resolves with rows and bytes. */
  joinToParquet(request: JoinRequest, file: string): Promise<{ readonly rows: number; readonly fileBytes: number }>;
  /** The first rows of a file that `joinToParquet` wrote; values along `columns`. */
  readParquet(
    file: string,
    limit: number,
  ): Promise<{ readonly columns: readonly Field[]; readonly rows: readonly (readonly Value[])[] }>;
  /** The columns and rows of a read-only SQL spine over the log: tables are the sources by name. */
  describeSpine(spine: Spine, sources: readonly CompiledSource[]): Promise<readonly Field[]>;
}

/** A batch row before normalization. Times and decimals are text or numbers as the file has them. */
export interface RawRow {
  readonly origin: string;
  readonly partition: number;
  readonly offset: number;
  readonly row: Readonly<Record<string, unknown>>;
}

export interface KeyedRecords {
  readonly key: readonly Value[];
  readonly records: readonly SourceRecord[];
}

export interface ScanOptions {
  /** Records above it are left out, and those of places that it does not name. Absent: all. */
  readonly through?: Positions;
  /**
   * Records are left out whose event time is not after their key's newest known time less this; but of each key and
   * partition the last record stays, and so does the one known last. null or absent: none.
   */
  readonly reachMillis?: number | null;
  readonly signal?: AbortSignal;
}

export interface KeyRequest {
  /** Along the view's key; compared by its types. */
  readonly key: readonly Value[];
  /** Half open; null = no bound on that side. */
  readonly between: { readonly start: Instant | null; readonly end: Instant | null };
  readonly mostRecords: number;
  readonly signal?: AbortSignal;
}

export interface ScannedRecords extends KeyedRecords {
  /** How many records it stands for: those of the group and, once for each key, those that were left out. */
  readonly recordCount: number;
}

export type Spine =
  /** A SELECT over the sources; the time column is `timeColumn`. */
  | { readonly kind: 'sql'; readonly query: string; readonly timeColumn: string }
  /** Rows as typed columns; `times` and `knownAt` run beside them. */
  | {
      readonly kind: 'rows';
      readonly columns: readonly Field[];
      readonly rows: readonly (readonly Value[])[];
      readonly times: readonly Instant[];
      /** null = the row's time. */
      readonly knownAt: readonly (Instant | null)[];
    }
  /** A file already on disk. */
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly format: 'parquet' | 'csv' | 'ndjson';
      readonly timeColumn: string;
    };

export interface JoinRequest {
  readonly spine: Spine;
  readonly members: readonly ServiceMember[];
  readonly mode: JoinMode;
  /** Sources that a SQL spine may name. */
  readonly sources: readonly CompiledSource[];
  /** Columns a Parquet result gets beside the values: each feature's status. */
  readonly withStatus: boolean;
  /**
   * Request-time features of a service, all of whose members are `members`: computed from each row's readings and the
   * spine's columns that are named as the request inputs; they come after the members.
   */
  readonly service?: CompiledService;
  /** Only spine rows with a time in [start, end); null = no bound on that side. Absent: all. */
  readonly between?: { readonly start: Instant | null; readonly end: Instant | null };
  /** Of each source by name: records beyond are left out, as in `ScanOptions`. Absent, or not named: all. */
  readonly through?: ReadonlyMap<string, Positions>;
  /** BAD_INPUT, naming the first row, when a spine row is dated (or its knownAt is) after this. Absent: no check. */
  readonly knownUntil?: Instant;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

export interface JoinedRow {
  readonly row: number;
  readonly time: Instant;
  /** The spine's columns, by name, in its order. */
  readonly columns: Readonly<Record<string, Value>>;
  /** One per member, in order. */
  readonly members: readonly {
    readonly status: CellStatus;
    readonly eventTime: Instant | null;
    /** Along `member.features`, after defaulting. */
    readonly values: readonly Value[];
    readonly statuses: readonly CellStatus[];
    readonly defaulted: readonly boolean[];
  }[];
  /** One per `service.onDemand`, in order; absent without a service. Along its `features`. */
  readonly onDemand?: readonly {
    readonly values: readonly Value[];
    readonly statuses: readonly CellStatus[];
    readonly defaulted: readonly boolean[];
  }[];
}
