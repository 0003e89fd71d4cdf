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

const spine = [{ user: 'a', __time: at('10:30:00') }];
const sound = { definitions: canonical, rows: { payments }, spine };

async function told(
  file: string,
  executor: 'oracle' | 'online' = 'oracle',
  mode: 'AS_SERVED' | 'EVENT_TIME' = 'AS_SERVED',
) {
  const [notes, errors]: [string[], string[]] = [[], []];
  const warn = (text: string) => notes.push(text.replaceAll(`${folder}/`, ''));
  for await (const result of runTryCases(file, { executor, mode, warn })) {
    if ('error' in result) errors.push(result.error.message.replaceAll(`${folder}/`, ''));
  }
  return { notes, errors };
}

test('what a case says in vain is told: unknown fields, no rows, a name that was taken', async () => {
  const { notes, errors } = await told(
    write(
      'vain.ndjson',
      lines(
        { name: 'a', why: 'for people', ...sound, moed: 'EVENT_TIME' },
        { name: 'a', definitions: canonical, row: { payments }, spine },
      ),
    ),
  );
  expect(errors).toEqual([]);
  expect(notes).toEqual([
    'case "a": vain.ndjson:1 has a field "moed", which means nothing. Did you mean "mode"?',
    'case "a": vain.ndjson:2 has a field "row", which means nothing. Did you mean "rows"?',
    'case "a": vain.ndjson:2 has no field "rows", so no source has a row.',
    'case "a": vain.ndjson:2 has the name of the case of vain.ndjson:1.',
  ]);
});

test('errors begin with the line of the case and its field', async () => {
  const unsound = "import { entity } from 'asof';\nexport const user = entity('user', { key: { user: 7 } });";
  const { errors } = await told(
    write(
      'wrong.ndjson',
      lines(
        { ...sound, definitions: undefined },
        { ...sound, definitions: { asof: 1, entitys: [] } },
        { ...sound, definitions: 'nowhere.ts' },
        { ...sound, definitions: "import { nope } from 'asof'; nope();" },
        { ...sound, definitions: "import { nope } from './nope.ts';\nnope();" },
        { ...sound, definitions: unsound },
        { ...sound, rows: { payment: [] } },
        { ...sound, mode: 'event_time' },
        { ...sound, mode: 'EVENT_TIME' },
        sound,
      ),
    ),
    'online',
  );
  expect(errors).toEqual([
    expect.stringMatching(/^wrong\.ndjson:1, definitions: a case has no definitions; expected .*; got nothing$/),
    expect.stringMatching(/^wrong\.ndjson:2, definitions, entitys: .* Did you mean "entities"\?$/),
    expect.stringMatching(/^wrong\.ndjson:3, definitions, nowhere\.ts: there is no such definitions file/),
    expect.stringMatching(/^wrong\.ndjson:4, definitions, text:1:10: the definitions do not load: .*'nope'$/),
    expect.stringMatching(/^wrong\.ndjson:5, definitions, text:1:25: the definitions do not load: .*'nope\.ts'/),
    expect.stringMatching(/^wrong\.ndjson:6, definitions, text: 2 problems in the definitions:\n- entities\.user\.key/),
    expect.stringMatching(/^wrong\.ndjson:7, rows\.payment: .* Did you mean "payments"\?$/),
    'wrong.ndjson:8, mode: an unknown mode; expected AS_SERVED or EVENT_TIME; got "event_time"',
    expect.stringMatching(/^wrong\.ndjson:9, mode: the online store has no EVENT_TIME mode/),
  ]);
  const byFlag = await told(write('flag.ndjson', lines(sound)), 'online', 'EVENT_TIME');
  expect(byFlag.errors).toEqual([expect.stringMatching(/^flag\.ndjson:1, --mode: the online store/)]);
});

const names = async (file: string) => {
  const found: string[] = [];
  for await (const { name } of runTryCases(file, { executor: 'oracle', mode: 'AS_SERVED', warn: () => {} })) {
    found.push(name);
  }
  return found;
};

test('a file may be one indented object or array', async () => {
  const [a, b] = [
    { name: 'a', ...sound },
    { name: 'b "[', ...sound, spine: [{ user: 'a', __time: 'noon' }] },
  ];
  expect(await names(write('one.json', `\n${JSON.stringify(a, null, 2)}\n`))).toEqual(['a']);
  expect(await names(write('line.json', JSON.stringify([a, b])))).toEqual(['a', 'b "[']);
  const file = write('many.json', JSON.stringify([b, a, b], null, 1));
  expect(await names(file)).toEqual(['b "[', 'a', 'b "[']);
  const lineOf = (nth: number) => JSON.stringify([b, a, b].slice(0, nth), null, 1).split('\n').length;
  expect((await told(file)).errors).toEqual([
    expect.stringMatching(/^many\.json:2, spine\[0\], column "__time"/),
    expect.stringContaining(`many.json:${lineOf(2)}, spine[0], column "__time"`),
  ]);
  expect(await names(write('none.json', '[\n]'))).toEqual([]);
});

test.each([
  ['cut.json', '[\n {"name": "a"},\n {"name" "b"}\n]', 'cut.json:3:10: neither NDJSON nor JSON'],
  ['other.json', '[\n {"name": "a"},\n  7\n]', 'other.json:3:3: not a case; expected a JSON object; got 7'],
  ['cut.ndjson', '{"name": "a"}\n{"name": "b"', 'cut.ndjson:2:13'],
  ['text.csv', 'a,b\n', 'text.csv:1:1: neither NDJSON nor JSON'],
])('%s is refused with its place', async (name, text, message) => {
  await expect(names(write(name, text))).rejects.toThrow(message);
});
