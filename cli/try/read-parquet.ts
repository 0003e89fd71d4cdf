import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createDuckDbOfflineStore } from '../../adapters/duckdb/offline-store.ts';
import type { CompiledSource } from '../../core/definitions/compiled.ts';
import { AsofError } from '../../core/errors/asof-error.ts';

/**
 * The rows of a Parquet file in file order, as the offline store reads them from a batch location.
 *
 * @throws AsofError BAD_INPUT naming the file, when it is no Parquet file
 */
export async function readParquet(file: string): Promise<Readonly<Record<string, unknown>>[]> {
  const folder = await mkdtemp(join(tmpdir(), 'asof-try-'));
  try {
    await using store = await createDuckDbOfflineStore({ folder });
    const rows: Readonly<Record<string, unknown>>[] = [];
    for await (const batch of store.readBatch(sourceOf(resolve(file)), folder))
      rows.push(...batch.map(({ row }) => row));
    return rows;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new AsofError(
      'BAD_INPUT',
      'cannot be read',
      { path: file, expected: 'a Parquet file', got: `${reason}` },
      { cause },
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Batch locations belong to sources; this one has no columns of its own and reads them all. */
function sourceOf(path: string): CompiledSource {
  return {
    name: 'file',
    kind: 'rows',
    definition: { kind: 'rows', name: 'file', fields: [], batch: { kind: 'parquet', path } },
    fields: [],
    latenessMillis: 0,
    futureToleranceMillis: 0,
  };
}
