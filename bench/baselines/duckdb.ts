import { DuckDBInstance } from '@duckdb/node-api';

export interface SqlRequest {
  readonly memoryLimit: string;
  readonly threads: number;
  readonly spillFolder: string;
}

/**
 * Opens DuckDB with the limits that the other side has, runs one statement and prints what it took.
 *
 * @param around what runs before and after it, unmeasured
 */
export async function measureStatement(
  { memoryLimit, threads, spillFolder }: SqlRequest,
  sql: string,
  around: { readonly before?: string; readonly after?: string } = {},
): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: memoryLimit,
    threads: String(threads),
    temp_directory: spillFolder,
  });
  const connection = await instance.connect();
  if (around.before !== undefined) await connection.run(around.before);
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  await connection.run(sql);
  const seconds = (performance.now() - startedAt) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const peakRssBytes = process.resourceUsage().maxRSS * 1024;
  process.stdout.write(JSON.stringify({ seconds, cpuSeconds: (user + system) / 1e6, peakRssBytes }));
  if (around.after !== undefined) await connection.run(around.after);
  connection.closeSync();
  instance.closeSync();
}

export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
