import { afterAll, expect, test } from 'vitest';
import { createMemoryOnlineStore } from '../../adapters/memory/online-store.ts';
import { evaluateCase, type TryCase } from '../../cli/try/evaluate.ts';
import { createDuckDbExecutor } from '../../cli/try/executors/duckdb.ts';
import { createOnlineExecutor } from '../../cli/try/executors/online.ts';
import { parseDefinitions } from '../../core/definitions/parse.ts';

/** One key with 10^6 events, one every 100 ms; the values follow from the arithmetic of its inputs. */
const count = 1_000_000;
const stepMillis = 100;
const start = Date.UTC(2024, 0, 1);
/** 0, 1, … 999, and again. */
const period = 1_000;

const x = { op: 'col', name: 'x' } as const;
const feature = (name: string, aggregate: object, window: string) => ({ name, kind: 'aggregate', aggregate, window });
const definitions = parseDefinitions({
  asof: 1,
  entities: [{ name: 'user', key: [{ name: 'user', type: { kind: 'string' } }] }],
  sources: [
    {
      kind: 'events',
      name: 'clicks',
      fields: [
        { name: 'user', type: { kind: 'string' } },
        { name: 'x', type: { kind: 'int64' } },
      ],
      eventTime: 'at',
      lateness: '1h',
      futureTolerance: '5m',
    },
  ],
  views: [
    {
      name: 'v',
      entity: 'user',
      source: 'clicks',
      key: { user: 'user' },
      features: [
        feature('n_1h', { function: 'countRows' }, '1h'),
        feature('sum_1h', { function: 'sum', input: x }, '1h'),
        feature('max_1s', { function: 'max', input: x }, '1s'),
        feature('first_1h', { function: 'first', input: x }, '1h'),
        feature('last_1h', { function: 'last', input: x }, '1h'),
        feature('top_1h', { function: 'topK', input: x, k: 2 }, '1h'),
        feature('median_1d', { function: 'approxQuantile', input: x, q: '0.1' }, '1d'),
        feature('kinds_1h', { function: 'countDistinct', input: x, cap: 2_000 }, '1h'),
        feature('n_all', { function: 'countRows' }, 'lifetime'),
        feature('sum_all', { function: 'sum', input: x }, 'lifetime'),
      ],
    },
  ],
  onDemandViews: [],
  services: [],
});

/** The event with this number has this value; numbers from … to (exclusive) have this sum. */
const inputOf = (number: number) => number % period;
const sumTo = (end: number) => {
  const whole = Math.floor(end / period);
  const rest = end % period;
  return whole * ((period * (period - 1)) / 2) + (rest * (rest - 1)) / 2;
};

/** What the answer must be at this whole second, which is after the first minute. */
function expectedAt(second: number): Readonly<Record<string, unknown>> {
  const end = Math.min(count, (second * 1_000) / stepMillis);
  const lower = Math.max(0, Math.floor((second - 3_600) / 60) * 60);
  const from = Math.min(end, (lower * 1_000) / stepMillis);
  const isPast = (second - 1) * 10 >= count;
  const rank = (q: number, n: number) => Math.max(1, Math.ceil(q * n));
  const n = end - from;
  return {
    'v.n_1h': n,
    'v.sum_1h': n === 0 ? null : sumTo(end) - sumTo(from),
    'v.max_1s': isPast ? null : inputOf(end - 1),
    'v.first_1h': n === 0 ? null : inputOf(from),
    'v.last_1h': n === 0 ? null : inputOf(end - 1),
    'v.top_1h': n === 0 ? null : [period - 1, n < 2 * period ? period - 2 : period - 1],
    // The first 86,400 s: every value comes equally often, and below 256 each has its own bucket.
    'v.median_1d': Math.ceil(rank(0.1, end) / (end / period)) - 1,
    'v.kinds_1h': Math.min(n, period),
    'v.n_all': end,
    'v.sum_all': sumTo(end),
  };
}

/** After whole periods, on and around the bounds of windows, and an hour after the last event. */
const seconds = [100, 3_600, 3_700, 7_200, 50_000, 86_300, 100_000, 103_600];

const input: TryCase = {
  definitions,
  rows: new Map([
    [
      'clicks',
      [
        {
          origin: 'clicks',
          rows: Array.from({ length: count }, (_, number) => ({
            place: `event ${number}`,
            values: { user: 'a', x: inputOf(number), at: start + number * stepMillis },
          })),
        },
      ],
    ],
  ]),
  spine: seconds.map((second) => ({ place: `${second} s`, values: { user: 'a', __time: start + second * 1_000 } })),
  mode: 'AS_SERVED',
  strict: false,
  places: { definitions: 'the definitions', mode: 'the mode', rows: (source) => source },
};

const executors = {
  DuckDB: createDuckDbExecutor(),
  'the online store': createOnlineExecutor({ openStore: async () => createMemoryOnlineStore() }),
};
afterAll(async () => {
  for (const executor of Object.values(executors)) await executor[Symbol.asyncDispose]();
});

test.each(Object.entries(executors))(
  '%s answers for one key with 10^6 events',
  async (_, executor) => {
    const { answers } = await evaluateCase(input, executor);
    for (const [row, second] of seconds.entries()) {
      const expected = expectedAt(second);
      const names =
        second > 86_400 ? Object.keys(expected).filter((name) => name !== 'v.median_1d') : Object.keys(expected);
      const pick = (values: Readonly<Record<string, unknown>>) => names.map((name) => [name, values[name]]);
      expect(pick(answers[row]!.values), `${second} s`).toEqual(pick(expected));
    }
  },
  3_600_000,
);
