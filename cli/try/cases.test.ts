import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { collectDefinitions } from '../../core/definitions/collect.ts';
import { countRows, entity, eventSource, featureView, sum, t } from '../../core/index.ts';
import { runTryCases } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'asof-try-cases-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

const lines = (...rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

const pay = featureView('pay', {
  entity: entity('user', { key: { user: t.string } }),
  source: eventSource('payments', {
    fields: { user: t.string, amount: t.decimal(10, 2) },
    eventTime: 'at',
    lateness: '1h',
  }),
  key: { user: 'user' },
  features: { n: countRows().over('1h'), total: sum('amount').over('1h') },
});
const canonical = collectDefinitions({ pay });
write('features.json', JSON.stringify(canonical));

const at = (time: string) => `2024-01-01T${time}Z`;
const payments = [
  { user: 'a', amount: '1.10', at: at('10:00:00.000') },
  { user: 'a', amount: null, at: at('10:00:01.000') },
  { user: 'a', amount: '0.20', at: at('10:10:00.000'), __arrival: at('10:40:00.000') },
];

test('a case that fails leaves the others alone', async () => {
  const module = `
    import { countRows, entity, eventSource, featureView, sum, t } from 'asof';
    const user = entity('user', { key: { user: t.string } });
    const fields = { user: t.string, amount: t.decimal(10, 2) };
    const payments = eventSource('payments', { fields, eventTime: 'at', lateness: '1h' });
    const features = { n: countRows().over('1h'), total: sum('amount').over('1h') };
    export const pay = featureView('pay', { entity: user, source: payments, key: { user: 'user' }, features });`;
  const good = { definitions: canonical, rows: { payments }, spine: [{ user: 'a', __time: at('10:30:00') }] };
  const file = write(
    'cases.ndjson',
    lines(
      { name: 'good', ...good },
      { name: 'bad', ...good, definitions: { ...canonical, sources: [] } },
      { name: 'file', ...good, definitions: 'features.json', mode: 'EVENT_TIME' },
      { name: 'text', ...good, definitions: module },
      { name: 'no spine', definitions: canonical },
    ),
  );
  const results: (object | undefined)[] = [];
  for await (const result of runTryCases(file, { executor: 'oracle', mode: 'AS_SERVED', warn: () => {} })) {
    results.push('rows' in result ? { [result.name]: result.rows[0]?.values } : { [result.name]: result.error.code });
  }
  expect(results).toEqual([
    { good: { 'pay.n': 2, 'pay.total': '1.10' } },
    { bad: 'BAD_DEFINITION' },
    { file: { 'pay.n': 3, 'pay.total': '1.30' } },
    { text: { 'pay.n': 2, 'pay.total': '1.10' } },
    { 'no spine': 'BAD_INPUT' },
  ]);
});

test('cases tell what may surprise, each under its name, and take the mode that is asked for where they name none', async () => {
  const spine = [{ user: 'a', __time: at('10:30:00') }];
  const file = write(
    'told.ndjson',
    lines(
      { name: 'late', definitions: canonical, rows: { payments }, spine },
      { name: 'wrong', definitions: canonical, rows: { payments: [{ ...payments[0], amount: 'x' }] }, spine },
    ),
  );
  const told: string[] = [];
  const counts: unknown[] = [];
  const options = { executor: 'oracle', mode: 'EVENT_TIME', warn: (text: string) => told.push(text) } as const;
  for await (const result of runTryCases(file, options)) {
    if ('rows' in result) counts.push(result.rows[0]?.values['pay.n']);
  }
  expect(counts).toEqual([3, 0]);
  expect(told).toEqual([
    `case "wrong": ${file}:2, rows.payments[0] goes to the dead letters: ` +
      'payments.amount: wrong type or value; expected decimal(10,2); got "x"',
  ]);
});
