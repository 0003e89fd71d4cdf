import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseCase } from '../../cli/try/cases.ts';
import { evaluateCase } from '../../cli/try/evaluate.ts';
import { createTryExecutor } from '../../cli/try/run.ts';
import { parseJson } from '../../core/values/parse-json.ts';

/** Cases on which an executor once differed from the oracle, as property tests print them. */
const folder = new URL('./cases/', import.meta.url);

async function answers(file: string, executorName: 'oracle' | 'duckdb' | 'online') {
  const values = parseJson(readFileSync(new URL(file, folder), 'utf8')) as Readonly<Record<string, unknown>>;
  await using executor = createTryExecutor(executorName);
  return (await evaluateCase(await parseCase({ place: file, values }, folder.pathname), executor)).answers;
}

for (const file of readdirSync(folder).sort()) {
  const text = readFileSync(new URL(file, folder), 'utf8');
  const { name, mode } = JSON.parse(text) as { readonly name: string; readonly mode: string };
  const isOnline = mode === 'AS_SERVED' && !text.includes('"__knownAt"');
  const executors = isOnline ? (['duckdb', 'online'] as const) : (['duckdb'] as const);

  test.each(executors)(`%s equals the oracle: ${name} (${file})`, async (executor) => {
    expect(await answers(file, executor)).toEqual(await answers(file, 'oracle'));
  });
}
