import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { tryExecutorNames } from './question.ts';
import { runTry, type TryOptions } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'asof-try-warnings-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

const definitions = write(
  'features.ts',
  `import { avg, col, countRows, entity, eventSource, feature, featureView, max, onDemandView, request, rowSource, sum, t } from 'asof';
const user = entity('user', { key: { user: t.string } });
const pay = eventSource('pay', { fields: { user: t.string, n: t.int64, x: t.float64 }, eventTime: 'at', lateness: '1h' });
const tier = rowSource('tier', { fields: { user: t.string, name: t.string }, eventTime: 'at' });
export const v = featureView('v', { entity: user, source: pay, key: { user: 'user' }, features: {
  total: sum('n').over('1h'),
  mean: avg('x').over('1h'),
  twice: sum(col('n').mul(2)).over('1h'),
  few: countRows().where(col('n').add(1).lt(5)).over('1h'),
  small: sum(col('n').mul(3)).where(col('n').lt(5)).over('1h'),
  largest: max('n').over('1h'),
  more: feature('largest').add(1),
  parts: sum('n').by('user', { cap: 3 }).over('1h'),
} });
export const tiers = featureView('tiers', { entity: user, source: tier, key: { user: 'user' }, features: { name: col('name') } });
export const asked = onDemandView('asked', { request: { r: t.int64 }, from: [v], features: { more: request('r').add(1) } });
`,
);
const largest = '9223372036854775807';
const spine = write('spine.csv', `user,r,__time\na,1,2024-01-01T10:10:00Z\na,${largest},2024-01-01T12:00:00Z\n`);
const pay = (...rows: readonly string[]) => write('pay.csv', `user,n,x,at\n${rows.join('\n')}\n`);

async function told(options: Partial<TryOptions>): Promise<string[]> {
  const warnings: string[] = [];
  await runTry({
    definitions,
    rows: [],
    spine,
    executor: 'oracle',
    mode: 'AS_SERVED',
    warn: (text) => warnings.push(text.replaceAll(`${folder}/`, '')),
    ...options,
  });
  return warnings;
}

describe.each(tryExecutorNames)('%s', (executor) => {
  test('values that became NULL in expressions and sums are told', async () => {
    const file = pay(
      `a,${largest},1.7e308,2024-01-01T10:00:00Z`,
      'a,1,1.7e308,2024-01-01T10:00:01Z',
      'a,,,2024-01-01T11:30:00Z',
    );
    expect(await told({ executor, rows: [`pay=${file}`] })).toEqual([
      'pay.csv:2, input of v.twice: a value is NULL: beyond what its type holds',
      'pay.csv:2, where of v.few: a value is NULL: beyond what its type holds',
      'v.more: a value is NULL: beyond what its type holds',
      'spine.csv:2, v.total: a sum is NULL: beyond what its type holds',
      'spine.csv:2, v.mean: a sum is NULL: beyond what its type holds',
      'spine.csv:2, v.parts: a sum is NULL: beyond what its type holds',
      'spine.csv:3, asked.more: a value is NULL: beyond what its type holds',
    ]);
  });

  test('large values that fit, and a NULL over nothing, are not', async () => {
    const file = pay(
      `a,${largest},1.7e308,2024-01-01T10:00:00Z`,
      'a,-5,-1.7e308,2024-01-01T10:00:01Z',
      'b,9,1,2024-01-01T10:00:00Z',
    );
    const warnings = await told({ executor, rows: [`pay=${file}`] });
    expect(warnings.filter((text) => text.includes('a sum is NULL'))).toEqual([]);
  });
});

test('what a missing column means is told, and what separates columns', async () => {
  const file = write('keyless.csv', 'usr,n,x,att\na,1,1,2024-01-01T10:00:00Z\n');
  expect((await told({ rows: [`pay=${file}`] })).slice(0, 2)).toEqual([
    'keyless.csv has no column "user", so it is NULL, and a key that is NULL matches nothing. Did you mean "usr"?',
    'keyless.csv has no column "at", so its rows have no event time. Did you mean "att"?',
  ]);
  const separated = write('semicolons.csv', 'user;n;x;at\na;1;1;2024-01-01T10:00:00Z\n');
  expect(await told({ rows: [`pay=${separated}`] })).toContain(
    'semicolons.csv: Its one column "user;n;x;at" looks like several, with semicolons between them: write commas.',
  );
  const tabs = write('tabs.csv', 'user\tr\t__time\na\t1\t2024-01-01T10:10:00Z\n');
  await expect(told({ spine: tabs })).rejects.toThrow('looks like several, with tabs between them');
});

test('a tombstone of an event and an arrival of a row mean nothing', async () => {
  const events = write('gone.ndjson', '{"user":"a","n":1,"x":1,"at":0,"__deleted":true,"__created":null}\n');
  const rows = write('tier.ndjson', '{"user":"a","name":"x","at":0,"__deleted":true,"__arrival":5}\n');
  expect(await told({ rows: [`pay=${events}`, `tier=${rows}`] })).toEqual([
    'gone.ndjson has a column "__deleted", which means nothing: events have no tombstones, only rows (state) do.',
    'tier.ndjson has a column "__arrival", which means nothing: rows (state) are known from their created time.',
    'spine.csv:3, asked.more: a value is NULL: beyond what its type holds',
  ]);
});

test('one file given twice is refused as that', async () => {
  const file = pay('a,1,1,2024-01-01T10:00:00Z');
  await expect(told({ rows: [`pay=${file}`, `pay=${file}`] })).rejects.toThrow(
    `--rows pay=${file}: the same file was given twice`,
  );
});
