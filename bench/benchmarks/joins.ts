import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { JoinMode } from '../../core/ports/offline-store.ts';
import { differingRows } from '../data/duckdb.ts';
import type { Inputs } from '../data/inputs.ts';
import type { Measured } from '../harness/benchmark.ts';
import { runProgram } from '../harness/program.ts';
import type { JoinProgramRequest } from '../programs/join.ts';

/** Both sides get these, unless a benchmark is about them. */
export const limits = { memoryLimit: '4GB', threads: 2 } as const;

/** A join by our offline store, in a process of its own. */
export function ourJoin(
  { store }: Inputs,
  request: Pick<JoinProgramRequest, 'spine' | 'views' | 'output'> & { mode?: JoinMode; memoryLimit?: string },
): Promise<Measured> {
  return runProgram('programs/join', { store, ...limits, mode: 'AS_SERVED', ...request } satisfies JoinProgramRequest);
}

/** Where a side writes its answer. */
export async function outputFile({ folder }: Inputs, side: string): Promise<string> {
  await mkdir(join(folder, 'answers'), { recursive: true });
  return join(folder, 'answers', `${side}.parquet`);
}

/** Throws unless both files hold the same rows in the same order. */
export async function expectSame(ours: string, baseline: string): Promise<void> {
  const rows = await differingRows(ours, baseline);
  if (rows > 0) throw new Error(`the answers differ in ${rows} rows: ${ours} and ${baseline}`);
}
