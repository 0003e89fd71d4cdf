import { mkdir } from 'node:fs/promises';
import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api';
import { AsofError } from '../../core/errors/asof-error.ts';
import { text } from './quoting.ts';

export interface EngineOptions {
  /** Where sorts and joins spill to. */
  readonly spillFolder: string;
  /** As DuckDB spells it: "512MB". */
  readonly memoryLimit: string;
  readonly threads: number;
}

/** Opens an in-memory DuckDB that never fetches an extension and reads times as UTC. */
export async function openEngine({ spillFolder, memoryLimit, threads }: EngineOptions): Promise<DuckDBInstance> {
  await mkdir(spillFolder, { recursive: true });
  return DuckDBInstance.create(':memory:', {
    memory_limit: memoryLimit,
    threads: String(threads),
    temp_directory: spillFolder,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    // Tables made in the same transaction are thought to be empty, and as-of joins over so few rows would be loops.
    asof_loop_join_threshold: '0',
    // It never forgets a file: a history's files are replaced by merges, so it would grow with every flush. The system
    // caches local files anyway.
    enable_external_file_cache: 'false',
  });
}

/** One connection and what is done on it; closing it drops its temporary tables. */
export interface Session {
  readonly connection: DuckDBConnection;
  /** Runs one statement to its end. */
  run(sql: string): Promise<void>;
  /** All rows of a small result. */
  all(sql: string): Promise<DuckDBValue[][]>;
  /** The first value of the first row, which must be there. */
  one(sql: string): Promise<DuckDBValue>;
  close(): void;
}

/** Opens a connection whose running statement is interrupted when the signal aborts; CANCELLED is thrown then. */
export async function openSession(instance: DuckDBInstance, signal?: AbortSignal): Promise<Session> {
  throwIfCancelled(signal);
  const connection = await instance.connect();
  const interrupt = () => connection.interrupt();
  signal?.addEventListener('abort', interrupt);
  const guarded = async <T>(sql: string, action: () => Promise<T>): Promise<T> => {
    throwIfCancelled(signal);
    try {
      return await action();
    } catch (cause) {
      throwIfCancelled(signal);
      throw engineError(cause, sql);
    }
  };
  const session: Session = {
    connection,
    run: (sql) =>
      guarded(sql, async () => {
        await connection.run(sql);
      }),
    all: (sql) => guarded(sql, async () => (await connection.runAndReadAll(sql)).getRows()),
    async one(sql) {
      const [row] = await session.all(sql);
      return row?.[0] ?? null;
    },
    close() {
      signal?.removeEventListener('abort', interrupt);
      connection.closeSync();
    },
  };
  await session.run(`SET TimeZone = ${text('UTC')}`);
  return session;
}

export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new AsofError('CANCELLED', 'the query was cancelled', {}, { cause: signal.reason });
}

/** What DuckDB said, as one of our errors; the statement goes into the cause, not to clients. */
export function engineError(cause: unknown, sql: string): Error {
  if (cause instanceof AsofError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  if (message.startsWith('Out of Memory')) {
    return new AsofError(
      'LIMIT_EXCEEDED',
      `the offline store ran out of memory: ${message.split('\n')[0]}`,
      { remedy: 'Ask for fewer rows at once, or give the offline store more memory' },
      { cause },
    );
  }
  return new AsofError('INTERNAL', `DuckDB: ${message}`, {}, { cause: new Error(sql, { cause }) });
}
