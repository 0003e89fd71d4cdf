import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { t, typeText } from '../../../core/definitions/value-types.ts';
import type { Value, ValueType } from '../../../core/values/types.ts';
import { openSession, type Session } from '../engine.ts';
import { valueLiteral } from '../literals.ts';
import { sqlTypeOf } from '../sql-type-names.ts';
import { registerVectorized } from './register.ts';

const long = 'a text that is too long to stand in the vector itself';

/** The edges of each type, as the program holds them. */
const edges: readonly (readonly [ValueType, readonly Value[]])[] = [
  [t.int32, [0, 1, -1, 2 ** 31 - 1, -(2 ** 31)]],
  [t.int64, [0, -1, 2 ** 53 - 1, -(2 ** 53) + 1, 2n ** 53n, -(2n ** 53n), 2n ** 63n - 1n, -(2n ** 63n), 2 ** 32]],
  [t.float64, [0, 0.1, -1e300, 5e-324, 2 ** 53, Number.MAX_VALUE]],
  [t.bool, [true, false]],
  [t.timestamp, [0, 1, -1, 1_711_843_200_000, 4_102_444_799_999, -62_135_596_800_000, 253_402_300_799_999]],
  [t.decimal(4, 2), ['0.00', '-99.99', '99.99']],
  [t.decimal(9, 0), ['0', '-999999999']],
  [t.decimal(18, 6), ['0.000001', '-999999999999.999999']],
  [t.decimal(38, 3), ['0.000', '-0.001', '99999999999999999999999999999999999.999', '-18446744073709551.616']],
  [
    t.string,
    ['', 'a', 'twelve bytes', 'thirteen byte', 'é', 'e\u0301', '💡', '💡💡💡', '💡💡💡💡', '\ufeffbom', 'nul\0', long],
  ],
  [t.vector(2), [[0, 1.5], []]],
  [t.list(t.string), [[], ['a', null, long], [null]]],
  [t.list(t.list(t.int64)), [[[1, null], [], null], []]],
  [
    t.map(t.float64),
    [
      new Map(),
      new Map([
        ['a', 1],
        [long, null],
      ]),
    ],
  ],
];

let instance: DuckDBInstance;
let session: Session;
beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:');
  session = await openSession(instance);
});
afterAll(() => {
  session.close();
  instance.closeSync();
});

it.each(edges.map(([type, values]) => [typeText(type), type, values] as const))(
  'reads and writes %s',
  async (name, type, values) => {
    const seen: Value[] = [];
    registerVectorized(
      session.connection,
      `same_${identityOf(name)}`,
      { parameters: [type], result: type },
      ([inputs]) => {
        seen.push(...inputs!);
        return inputs!;
      },
    );
    // Several chunks, and a NULL now and then.
    const rows: readonly Value[] = Array.from({ length: 5_000 }, (_, row) =>
      row % 7 === 3 ? null : values[(row * 31) % values.length]!,
    );
    await session.run(`CREATE OR REPLACE TEMP TABLE edges (place BIGINT, x ${sqlTypeOf(type)})`);
    const items = [...values, null].map((value, place) => `(${place}, ${valueLiteral(type, value)})`);
    await session.run(`INSERT INTO edges VALUES ${items.join(', ')}`);
    await session.run(
      'CREATE OR REPLACE TEMP TABLE samples AS SELECT r, x FROM range(5000) t(r) ' +
        `JOIN edges ON place = CASE WHEN r % 7 = 3 THEN ${values.length} ELSE (r * 31) % ${values.length} END`,
    );
    const changed = await session.all(
      `SELECT r, x, y FROM (SELECT r, x, same_${identityOf(name)}(x) AS y FROM samples) WHERE x IS DISTINCT FROM y LIMIT 3`,
    );
    expect(changed).toEqual([]);
    expect([...seen].sort(byText)).toEqual([...rows].sort(byText));
    // A function that is the output of a filter and of list functions: rows that are not flat in memory.
    expect(await session.one(`SELECT count(same_${identityOf(name)}(x)) FROM samples WHERE r % 3 = 1`)).toBe(
      BigInt(rows.filter((value, row) => value !== null && row % 3 === 1).length),
    );
  },
);

it('reads lists that were sorted, filtered and cut', async () => {
  registerVectorized(session.connection, 'texts', { parameters: [t.list(t.string)], result: t.string }, ([lists]) =>
    lists!.map((list) => (list as readonly string[]).join('|')),
  );
  const rows = await session.all(
    `SELECT texts(list_sort(l)), texts(list_reverse(l)), texts(list_filter(l, x -> x <> 'b')), texts(l[2:3]) ` +
      `FROM (SELECT ['c', 'b', '${long}'] AS l FROM range(3))`,
  );
  expect(rows).toEqual(Array.from({ length: 3 }, () => [`${long}|b|c`, `${long}|b|c`, `c|${long}`, `b|${long}`]));
});

it('what the engine holds and values cannot be becomes NULL or whole milliseconds', async () => {
  registerVectorized(session.connection, 'double_seen', { parameters: [t.float64], result: t.bool }, ([xs]) =>
    xs!.map((x) => x === null || Object.is(x, 0)),
  );
  registerVectorized(session.connection, 'instant_seen', { parameters: [t.timestamp], result: t.int64 }, ([xs]) => xs!);
  expect(
    await session.all(`SELECT bool_and(double_seen(x)) FROM unnest(['nan'::DOUBLE, 'inf', '-inf', '-0']) t(x)`),
  ).toEqual([[true]]);
  expect(
    await session.all('SELECT instant_seen(x) FROM unnest([make_timestamp(1999), make_timestamp(-1)]) t(x)'),
  ).toEqual([[1n], [-1n]]);
});

it('says what went wrong inside of it', async () => {
  registerVectorized(session.connection, 'failing', { parameters: [t.int64], result: t.int64 }, () => {
    throw new Error('no such thing');
  });
  await expect(session.run('SELECT failing(1)')).rejects.toThrow('no such thing');
});

function identityOf(name: string): string {
  return name.replace(/\W/g, '_');
}

function byText(a: Value, b: Value): number {
  const [x, y] = [textOf(a), textOf(b)];
  return x < y ? -1 : x > y ? 1 : 0;
}

function textOf(value: Value): string {
  return JSON.stringify(value instanceof Map ? [...value] : value, (_, part) =>
    typeof part === 'bigint' ? `${part}n` : part,
  );
}
