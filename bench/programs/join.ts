import { createDuckDbOfflineStore } from '../../adapters/duckdb/offline-store.ts';
import type { JoinMode } from '../../core/ports/offline-store.ts';
import { memberOf } from '../definitions.ts';
import { readRequest, startWatch } from './measured.ts';

/** One point-in-time join as `createTrainingDataset` runs it: a spine file in, a Parquet file out. */
export interface JoinProgramRequest {
  /** The offline store's folder. */
  readonly store: string;
  readonly memoryLimit: string;
  readonly threads: number;
  readonly spine: string;
  readonly views: readonly string[];
  readonly mode: JoinMode;
  readonly output: string;
}

const { store: folder, memoryLimit, threads, spine, views, mode, output } = readRequest<JoinProgramRequest>();
const store = await createDuckDbOfflineStore({ folder, memoryLimit, threads });
const watch = startWatch();
const { rows } = await store.joinToParquet(
  {
    spine: { kind: 'file', path: spine, format: 'parquet', timeColumn: 'asked' },
    members: views.map(memberOf),
    mode,
    sources: [],
    withStatus: false,
  },
  output,
);
watch.print({ rows });
await store[Symbol.asyncDispose]();
