/** The little of a PostgreSQL connection that the registry needs; PostgreSQL and PGlite each implement it. */
export interface SqlClient extends AsyncDisposable {
  readonly name: string;
  /** One statement. Rows as objects by column name; `json` columns come parsed, `int4` as numbers. */
  query<Row extends object>(text: string, parameters?: readonly unknown[]): Promise<readonly Row[]>;
  /** Several statements without parameters; for migrations. */
  execute(script: string): Promise<void>;
  /** Commits when `work` resolves, else rolls back. `work` uses the connection it is given and no other. */
  transaction<T>(work: (connection: SqlConnection) => Promise<T>): Promise<T>;
  /** Takes a lock of the database for as long as a connection of its own lives; null = somebody else has it. */
  lock(number: number): Promise<SqlLock | null>;
  /** Calls back with the payload of each notification, until stopped. `onLost`: no more will come, ask again. */
  listen(channel: string, onPayload: (payload: string) => void, onLost: () => void): Promise<() => Promise<void>>;
}

export interface SqlLock {
  /** Rejects when the lock is, or may be, lost. */
  check(): Promise<void>;
  release(): Promise<void>;
}

/** A transaction's connection. */
export type SqlConnection = Pick<SqlClient, 'query' | 'execute'>;
