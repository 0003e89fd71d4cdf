import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, expect, test } from 'vitest';
import type { AsofError } from '../../core/errors/asof-error.ts';
import type { TryAnswer } from './evaluate.ts';
import { runTry, type TryOptions } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'asof-try-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

const lines = (...rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

const canonical = {
  asof: 1,
  entities: [{ name: 'user', key: [{ name: 'user', type: { kind: 'string' } }] }],
  sources: [
    {
      kind: 'events',
      name: 'payments',
      fields: [
        { name: 'user', type: { kind: 'string' } },
        { name: 'amount', type: { kind: 'decimal', precision: 10, scale: 2 } },
      ],
      eventTime: 'at',
      lateness: '1h',
      futureTolerance: '5m',
    },
  ],
  views: [
    {
      name: 'pay',
      entity: 'user',
      source: 'payments',
      key: { user: 'user' },
      features: [
        { name: 'n', kind: 'aggregate', aggregate: { function: 'countRows' }, window: '1h' },
        {
          name: 'total',
          kind: 'aggregate',
          aggregate: { function: 'sum', input: { op: 'col', name: 'amount' } },
          window: '1h',
        },
      ],
    },
  ],
  onDemandViews: [],
  services: [],
};
const definitions = write('features.json', JSON.stringify(canonical));

const at = (time: string) => `2024-01-01T${time}Z`;
const payments = [
  { user: 'a', amount: '1.10', at: at('10:00:00.000') },
  { user: '', amount: '5', at: at('10:00:00.500') },
  { user: 'a', amount: null, at: at('10:00:01.000') },
  { user: 'a', amount: '0.20', at: at('10:10:00.000'), __arrival: at('10:40:00.000') },
];
const rowsFile = write('payments.ndjson', lines(...payments));
const spineFile = write(
  'spine.ndjson',
  lines(
    { user: 'a', __time: at('10:30:00'), label: 1 },
    { user: '', __time: at('10:30:00'), label: 2 },
    { user: null, __time: at('10:50:00'), label: 3 },
  ),
);

function run(options: Partial<TryOptions> = {}): Promise<readonly TryAnswer[]> {
  return runTry({
    definitions,
    rows: [`payments=${rowsFile}`],
    spine: spineFile,
    executor: 'oracle',
    mode: 'AS_SERVED',
    warn: () => {},
    ...options,
  });
}

async function failure(options: Partial<TryOptions>): Promise<AsofError> {
  return run(options).then(
    () => Promise.reject(new Error('it answered')),
    (error: AsofError) => error,
  );
}

const expected: readonly TryAnswer[] = [
  {
    row: 0,
    keys: { user: 'a' },
    time: '2024-01-01T10:30:00.000Z',
    values: { 'pay.n': 2, 'pay.total': '1.10' },
    status: { 'pay.n': 'PRESENT', 'pay.total': 'PRESENT' },
    view: { pay: { status: 'PRESENT', eventTime: '2024-01-01T10:00:01.000Z' } },
    columns: { label: 1 },
  },
  {
    row: 1,
    keys: { user: '' },
    time: '2024-01-01T10:30:00.000Z',
    values: { 'pay.n': 1, 'pay.total': '5.00' },
    status: { 'pay.n': 'PRESENT', 'pay.total': 'PRESENT' },
    view: { pay: { status: 'PRESENT', eventTime: '2024-01-01T10:00:00.500Z' } },
    columns: { label: 2 },
  },
  {
    row: 2,
    keys: { user: null },
    time: '2024-01-01T10:50:00.000Z',
    values: { 'pay.n': null, 'pay.total': null },
    status: { 'pay.n': 'NOT_FOUND', 'pay.total': 'NOT_FOUND' },
    view: { pay: { status: 'NOT_FOUND', eventTime: null } },
    columns: { label: 3 },
  },
];

test.each(['oracle', 'duckdb', 'online'] as const)('%s answers in the order of the spine', async (executor) => {
  expect(await run({ executor })).toEqual(expected);
});

test('CSV and Parquet say the same as NDJSON', async () => {
  const csv = write(
    'payments.csv',
    'user,amount,at,__arrival\na,1.10,2024-01-01 10:00:00,\n"",5,2024-01-01T10:00:00.5Z,\na,,2024-01-01T10:00:01Z,\n' +
      'a,0.20,2024-01-01T11:10:00+01:00,2024-01-01T10:40:00Z\n',
  );
  expect(await run({ rows: [`payments=${csv}`] })).toEqual(expected);

  const parquet = join(folder, 'payments.parquet');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`COPY (SELECT "user", "amount"::DECIMAL(10, 2) AS "amount", "at"::TIMESTAMP_NS AS "at",
    "__arrival"::TIMESTAMPTZ AS "__arrival" FROM read_json('${rowsFile}', columns = {"user": 'VARCHAR', "amount": 'VARCHAR',
    "at": 'TIMESTAMP', "__arrival": 'VARCHAR'})) TO '${parquet}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
  expect(await run({ rows: [`payments=${parquet}`] })).toEqual(expected);
});

test('by event time the late arrival counts at once', async () => {
  const [first] = await run({ mode: 'EVENT_TIME' });
  expect(first?.values).toEqual({ 'pay.n': 3, 'pay.total': '1.30' });
});

test('online has neither EVENT_TIME nor a known-at of its own', async () => {
  expect((await failure({ executor: 'online', mode: 'EVENT_TIME' })).message).toContain('EVENT_TIME');
  const spine = write('known.ndjson', lines({ user: 'a', __time: at('10:30:00'), __knownAt: at('10:40:00') }));
  const error = await failure({ executor: 'online', spine });
  expect(error.code).toBe('BAD_INPUT');
  expect(error.message).toContain('known.ndjson:1, column "__knownAt"');
});

test.each([
  ['bad.ndjson', '{"user": "a", "at": "2024-01-01"}\n{"user": }\n', 'bad.ndjson:2:10'],
  ['list.ndjson', '[1]\n', 'list.ndjson:1:1'],
  ['type.ndjson', `${lines(payments[0]!)}\n{"user": "a", "amount": "x", "at": 0}\n`, 'type.ndjson:3, column "amount"'],
  ['arrival.csv', 'user,at,__arrival\na,2024-01-01,soon\n', 'arrival.csv:2, column "__arrival"'],
  ['width.csv', 'user,at\na,2024-01-01,7\n', 'width.csv:2'],
  ['time.csv', 'user,at\na,2024-01-01\na,yesterday\n', 'time.csv:3, column "at"'],
  ['no.parquet', 'user,at\n', 'no.parquet'],
  ['place.ndjson', '{"user": "a", "at": 0, "__offset": 1}\n{"user": "a", "at": 0}\n', 'place.ndjson:2'],
])('errors in %s name file, line and column', async (name, text, place) => {
  const error = await failure({ rows: [`payments=${write(name, text)}`] });
  expect(error.code).toBe('BAD_INPUT');
  expect(error.message).toContain(place);
});

test('errors in the spine and in the call name what is wrong', async () => {
  const spine = write('no-time.csv', 'user\na\n');
  expect((await failure({ spine })).message).toContain('no-time.csv:2, column "__time"');
  expect((await failure({ rows: [`paymets=${rowsFile}`] })).message).toContain('Did you mean "payments"?');
  expect((await failure({ rows: ['payments'] })).message).toContain('SOURCE=FILE');
  expect((await failure({ spine: join(folder, 'absent.csv') })).message).toContain('absent.csv');
  expect((await failure({ spine: write('spine.txt', '') })).message).toContain('.parquet');
});

test('what may surprise is told: columns that are not there or mean nothing, values that became NULL, dead rows', async () => {
  const warnings: string[] = [];
  const warn = (text: string) => warnings.push(text.replaceAll(`${folder}/`, ''));
  const spine = write('misspelt.csv', 'usr,__time,__knownat\na,2024-01-01T10:30:00Z,\n');
  const [first] = await run({ spine, warn });
  expect(first?.status['pay.n']).toBe('NOT_FOUND');
  expect(warnings.splice(0)).toEqual([
    'misspelt.csv has no column "user", so it is NULL. Did you mean "usr"?',
    'misspelt.csv has a column "__knownat", which means nothing. Did you mean "__knownAt"?',
  ]);

  const misspelt = write(
    'columns.ndjson',
    lines({ user: 'a', amout: 1, at: at('10:00:00'), __arival: at('10:00:00') }),
  );
  await run({ rows: [`payments=${misspelt}`], warn });
  expect(warnings.splice(0)).toEqual([
    'columns.ndjson has no column "amount", so it is NULL. Did you mean "amout"?',
    'columns.ndjson has a column "__arival", which means nothing. Did you mean "__arrival"?',
  ]);

  const odd = write(
    'odd.ndjson',
    lines(
      ...payments,
      { user: 'a', amount: 1, at: '2101-01-01' },
      { user: 'z', amount: 'NaN', at: 0 },
      { user: 'z', amount: 1e9, at: 0 },
    ),
  );
  expect(await run({ rows: [`payments=${odd}`], warn })).toEqual(expected);
  expect(warnings).toEqual([
    'odd.ndjson:6, column "amount" is NULL: not a finite number',
    'odd.ndjson:7, column "amount" is NULL: more digits than the decimal has',
    expect.stringMatching(/^odd\.ndjson:5 goes to the dead letters: payments\.at: instant out of range/),
  ]);
});

test('other columns of the spine are kept, whatever they hold', async () => {
  const spine = write(
    'other.ndjson',
    '{"user":"a","__time":0,"id":9007199254740993,"deep":[{"id":9007199254740993}],"n":null}\n',
  );
  const [first] = await run({ spine });
  expect(first?.columns).toEqual({ id: '9007199254740993', deep: [{ id: '9007199254740993' }], n: null });
});

test('request inputs come from the spine: one that is missing or ill-typed is an error that names it', async () => {
  const amount = { op: 'request', name: 'amount' };
  const features = [{ name: 'is_known', expression: { op: 'isNotNull', args: [amount] } }];
  const request = [{ name: 'amount', type: { kind: 'decimal', precision: 4, scale: 2 } }];
  const withRequest = { ...canonical, onDemandViews: [{ name: 'check', request, from: [], features }] };
  const asked = { definitions: write('request.json', JSON.stringify(withRequest)) };
  const row = { user: 'a', __time: at('10:30:00') };
  const spine = (name: string, ...more: readonly object[]) =>
    write(name, lines(...more.map((one) => ({ ...row, ...one }))));

  const answers = await run({ ...asked, spine: spine('given.ndjson', { amount: '1.5' }, { amount: null }, {}) });
  expect(answers.map(({ values }) => values['check.is_known'])).toEqual([true, false, false]);
  expect((await failure({ ...asked, spine: spine('lacks.ndjson', {}) })).message).toBe(
    `${join(folder, 'lacks.ndjson')}:1, column "amount": the request input "amount" of check is missing; ` +
      'expected decimal(4,2); got the columns user, __time. Give it a value, or null where there is none.',
  );
  const illTyped = spine('typed.ndjson', { amount: 1 }, { amount: 'much' });
  expect((await failure({ ...asked, spine: illTyped })).message).toMatch(
    /typed\.ndjson:2, column "amount": the request input "amount" of check is not of its type; expected decimal\(4,2\); got "much"/,
  );
  const tooWide = spine('wide.ndjson', { amount: '123.45' });
  expect((await failure({ ...asked, spine: tooWide })).message).toMatch(/got "123\.45"\. It has too many digits/);
});
