import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSystemClock } from '../../adapters/clock/system-clock.ts';
import { createLocalEventLog } from '../../adapters/local-log/event-log.ts';
import { type AsofProcess, startServe, waitFor } from './asof-process.ts';
import { runAsof } from './run-command.ts';

const features = `
import {
  col, countRows, entity, eventSource, featureService, featureView, kafka, onDemandView, request, sum, t,
} from 'asof';
export const account = entity('account', { key: { id: t.int64 } });
export const payments = eventSource('payments', {
  fields: { paymentId: t.string, accountId: t.int64, cents: t.int64 },
  eventTime: 'paidAt', eventId: 'paymentId', stream: kafka('payments'),
});
export const accountPayments = featureView('account_payments', {
  entity: account, source: payments, key: { id: 'accountId' },
  features: { payments_ever: countRows().over('lifetime'), cents_1h: sum('cents').over('1h') },
});
export const risk = featureService('risk', { version: 1, features: [accountPayments] });
export const offer = onDemandView('offer', {
  request: { cents: t.int64 }, from: [accountPayments],
  features: { is_more: request('cents').gt(accountPayments.feature('cents_1h')) },
});
export const offers = featureService('offers', { version: 1, features: [offer] });
`;

/** What a producer may put into the topic, and what the reason says of it. */
const malformed: readonly [payload: string | Uint8Array, reason: RegExp][] = [
  ['this is not JSON', /expected JSON; got "this is not JSON"/],
  ['', /expected JSON; got ""/],
  [Uint8Array.of(0xff, 0xfe, 0x00), /expected UTF-8 JSON; got bytes that are not UTF-8/],
  ['[{"paymentId":"p"}]', /expected one JSON object; got an array/],
  ['null', /expected one JSON object; got null/],
  [`"${'x'.repeat(1_000_000)}"`, /expected one JSON object; got string/],
  ['['.repeat(200_000) + ']'.repeat(200_000), /nested too deeply/],
  [
    `{"cents":${'[1234567890.1234567890,'.repeat(20_000)}0${']'.repeat(20_000)}}`,
    /nested too deeply; expected at most 1000 levels/,
  ],
  [
    '{"paymentId":"p1","accountId":1.5,"cents":1,"paidAt":"2001-06-01T00:00:00Z"}',
    /accountId.*expected.*int64.*got 1\.5/,
  ],
  ['{"paymentId":"p1","accountId":1,"cents":1}', /paidAt/],
  ['{"paymentId":"p1","accountId":1,"cents":1,"paidAt":"1900-01-01"}', /paidAt.*1970.*got "1900-01-01"/],
  ['{"accountId":1,"cents":1,"paidAt":"2001-06-01"}', /paymentId/],
];

let folder: string;
let asof: AsofProcess;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'asof-bad-input-'));
  const dataDir = join(folder, 'data');
  await mkdir(dataDir);
  await writeFile(join(folder, 'features.ts'), features);
  const log = createLocalEventLog({
    folder: join(dataDir, 'log'),
    clock: { stampArrival: () => Math.floor(createSystemClock().nowMillis()) },
  });
  const good = JSON.stringify({ paymentId: 'good', accountId: 7, cents: 5, paidAt: new Date().toISOString() });
  const payloads = [...malformed.map(([payload]) => payload), good];
  await log.append(
    'payments',
    payloads.map((payload) => ({ key: null, payload: Buffer.from(payload) })),
  );
  await log[Symbol.asyncDispose]();
  asof = await startServe(join(folder, 'features.ts'), dataDir);
  await asof.ready(30_000);
}, 60_000);
afterAll(async () => {
  await asof?.stop('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

describe('events that cannot be applied', () => {
  it('are kept with their place and reason and counted, and the good one after them is applied', async () => {
    const { deadLetters, deadLetterCounts } = await waitFor(async () => {
      const found = await asof.query<{
        account: { accountPayments: { paymentsEver: number } };
        deadLetters: { origin: string; offset: number; code: string; reason: string; payload: string }[];
        deadLetterCounts: object[];
      }>(`{
        account(id: 7) { accountPayments { paymentsEver } }
        deadLetters(source: "payments", first: 100) { origin partition offset at code reason payload }
        deadLetterCounts { source records }
      }`);
      return found.account.accountPayments.paymentsEver === 1 ? found : undefined;
    }, 15_000);
    expect(deadLetterCounts).toEqual([{ source: 'payments', records: malformed.length }]);
    for (const [index, letter] of [...deadLetters].reverse().entries()) {
      const [payload, reason] = malformed[index]!;
      expect(letter).toMatchObject({ origin: 'payments', offset: index, reason: expect.stringMatching(reason) });
      expect(letter.code).toMatch(/^BAD_RECORD$/);
      if (typeof payload === 'string') expect(payload.startsWith(letter.payload)).toBe(true);
      expect(letter.payload.length).toBeLessThanOrEqual(64 * 1024);
    }
    const refused = malformed.length;
    expect(await counted('rejected')).toBe(refused);
    const pushed = 'mutation { push(input: {source: "payments", events: ["no object", {accountId: 1}]}) { accepted } }';
    expect(await asof.query(pushed)).toEqual({ push: { accepted: 0 } });
    expect(await counted('rejected')).toBe(refused + 2);
  });

  async function counted(outcome: string): Promise<number> {
    const metrics = await (await fetch(`${asof.url}/metrics`)).text();
    const line = metrics
      .split('\n')
      .find((text) => text.startsWith('asof_ingest_records_total') && text.includes(outcome));
    return Number(line?.split(' ').at(-1));
  }
});

describe('a request that cannot be answered says what, which, expected, got and the remedy', () => {
  const cases: readonly [what: string, operation: string, code: string, says: RegExp][] = [
    ['an unknown entity', '{ acount(id: 1) { id } }', 'GRAPHQL_VALIDATION_FAILED', /"acount".*Did you mean "account"/],
    [
      'an unknown view',
      '{ account(id: 1) { accountPayment { cents1h } } }',
      'GRAPHQL_VALIDATION_FAILED',
      /"accountPayment".*"Account".*Did you mean "accountPayments"/,
    ],
    [
      'an unknown feature',
      '{ account(id: 1) { accountPayments { cents1H } } }',
      'GRAPHQL_VALIDATION_FAILED',
      /"cents1H".*Did you mean "cents1h"/,
    ],
    [
      'a key of another type',
      '{ account(id: 1.5) { id } }',
      'BAD_INPUT',
      /Int64: expected an integer of 64 bits; got "1\.5"/,
    ],
    ['a key that is missing', '{ account { id } }', 'GRAPHQL_VALIDATION_FAILED', /"id".*"Int64!".*required/],
    [
      'an unknown service',
      '{ featureVectors(service: "rsk", keys: {id: [1]}) { rows } }',
      'UNKNOWN_NAME',
      /services\.rsk: there is no service 'rsk'; expected one of offers, risk; got 'rsk'\. Did you mean 'risk'\?/,
    ],
    [
      'an unknown version',
      '{ featureVectors(service: "risk", version: 2, keys: {id: [1]}) { rows } }',
      'UNKNOWN_NAME',
      /services\.risk: .*no version 2; expected one of 1; got 2/,
    ],
    [
      'an unknown column',
      '{ featureVectors(service: "risk", keys: {di: [1]}) { rows } }',
      'UNKNOWN_NAME',
      /keys\.di: .*no column.*'di'; expected one of id; got 'di'\. Did you mean 'id'\?/,
    ],
    [
      'a key as text that is no integer',
      '{ featureVectors(service: "risk", keys: {id: ["seven"]}) { rows } }',
      'BAD_INPUT',
      /keys\.id\[0\].*expected.*int64.*got "seven"/,
    ],
    [
      'an integer key as a float',
      '{ featureVectors(service: "risk", keys: [{id: 7.5}]) { rows } }',
      'BAD_INPUT',
      /keys\[0\]\.id.*expected.*int64.*got 7\.5/,
    ],
    ['no keys', '{ featureVectors(service: "risk") { rows } }', 'BAD_INPUT', /keys/],
    [
      'a time that is none',
      '{ account(id: 1) { asOf(time: "yesterday") { id } } }',
      'BAD_INPUT',
      /RFC 3339.*from 1970 to 2099; got "yesterday"/,
    ],
    [
      'a time beyond what there is',
      '{ account(id: 1) { asOf(time: "2200-01-01T00:00:00Z") { id } } }',
      'BAD_INPUT',
      /from 1970 to 2099; got "2200/,
    ],
    [
      'a time in the future',
      '{ account(id: 1) { asOf(time: "2090-01-01T00:00:00Z") { accountPayments { cents1h } } } }',
      'BAD_INPUT',
      /time: this instant has not come yet; expected at most .*Z; got 2090-01-01T00:00:00\.000Z\. Ask for a time that has passed/,
    ],
    [
      'vectors of the future',
      '{ featureVectors(service: "risk", keys: {id: [1]}, at: "2090-01-01T00:00:00Z") { rows } }',
      'BAD_INPUT',
      /at: .*expected at most .*got 2090-01-01T00:00:00/,
    ],
    [
      'a push to an unknown source',
      'mutation { push(input: {source: "payment", events: []}) { accepted } }',
      'UNKNOWN_NAME',
      /sources\.payment: there is no source 'payment'.*Did you mean 'payments'\?/,
    ],
    [
      'dead letters of an unknown source',
      '{ deadLetters(source: "payment") { code } }',
      'UNKNOWN_NAME',
      /Did you mean 'payments'/,
    ],
  ];

  it.each(cases)('%s', async (_what, operation, code, says) => {
    const { errors } = await asof.execute(operation);
    expect(errors).toHaveLength(1);
    expect(errors![0]!.message).toMatch(says);
    expect(errors![0]!.extensions).toMatchObject({ code });
  });
});

describe('a request input that `asof get` lacks, or that is none', () => {
  it.each<[what: string, args: readonly string[], says: RegExp]>([
    [
      'a missing one',
      [],
      /request\.cents: the request input "cents" of offer of offers version 1 is missing; expected int64; got nothing\. Give/,
    ],
    [
      'one of another type',
      ['--request', 'cents=much'],
      /request\.cents: the request input "cents" of offer of offers version 1 is not of its type; expected int64 .*; got "much"/,
    ],
    [
      'an unknown one',
      ['--request', 'cent=1'],
      /request\.cent: .*'cent'; expected one of cents; .*Did you mean 'cents'\?/,
    ],
  ])('%s', async (_what, args, says) => {
    const { exitCode, err, out } = await runAsof(['get', 'offers', '--key', 'id=7', ...args, '--url', asof.url]);
    expect(err).toMatch(says);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
  });
});

describe('definitions that are refused, by file and place', () => {
  const cases: readonly [what: string, file: string, text: string, says: RegExp][] = [
    [
      'TypeScript that does not parse',
      'unparsable.ts',
      "import { entity } from 'asof';\n\nexport const = 1;\n",
      /unparsable\.ts:3:14: the definitions do not load: Expected identifier/s,
    ],
    [
      'a column that the source lacks',
      'column.ts',
      features.replace("sum('cents')", "sum('cent')"),
      /account_payments\.features\.cents_1h.*"cent".*Did you mean "cents"/s,
    ],
    [
      'two features of one GraphQL name',
      'collision.ts',
      features.replace('cents_1h: sum', "paymentsEver: countRows().over('lifetime'), cents_1h: sum"),
      /paymentsEver/,
    ],
  ];

  it.each(cases)('%s', async (_what, name, text, says) => {
    const file = join(folder, name);
    await writeFile(file, text);
    const { exitCode, err, out } = await runAsof(['plan', file, '--url', asof.url]);
    expect(err).toMatch(says);
    expect(err).not.toMatch(/^\s+at /m);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
  });
});
