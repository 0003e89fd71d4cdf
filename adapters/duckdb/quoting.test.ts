import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSession, type Session } from './engine.ts';
import { identifier, integer, text, textList } from './quoting.ts';

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

describe('quoting', () => {
  it('brings any text through SQL unchanged', async () => {
    const attacks = ["'; DROP TABLE x; --", "a'b", '\\', '\0', "a\0'b", '', '💡', '"', '-- c', '/* c'];
    for (const attack of attacks) expect(await session.one(`SELECT ${text(attack)}`)).toBe(attack);
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), async (value) => {
        expect(await session.one(`SELECT ${text(value)}`)).toBe(value);
      }),
      { numRuns: 200 },
    );
  });

  it('makes any name a column name and nothing else', async () => {
    for (const name of ['a"b', 'select', 'x" FROM secrets --', 'ü', "a'b", 'a.b', '*']) {
      const result = await session.connection.run(`SELECT 1 AS ${identifier(name)}`);
      expect(result.columnNames()).toEqual([name]);
    }
  });

  it('refuses names that SQL cannot hold', () => {
    expect(() => identifier('')).toThrow(/empty or holds a NUL/);
    expect(() => identifier('a\0b')).toThrow(/empty or holds a NUL/);
  });

  it('writes integers of any size and refuses what is not whole', async () => {
    for (const value of [0, -1, 2n ** 62n, -(2n ** 63n), Number.MAX_SAFE_INTEGER]) {
      expect(String(await session.one(`SELECT 0 + ${integer(value)}`))).toBe(String(value));
    }
    for (const value of [0.5, Number.NaN, Number.POSITIVE_INFINITY]) expect(() => integer(value)).toThrow(/not whole/);
  });

  it('writes lists of texts', async () => {
    expect(await session.one(`SELECT len(${textList(["a'", 'b', '\0'])})`)).toBe(3n);
  });
});
