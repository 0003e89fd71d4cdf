import { describe, expect, it } from 'vitest';
import type { Value, ValueType } from '../../core/values/types.ts';
import { call, calls, clock, failures, int64, string } from '../../test/doubles/called-functions.ts';

describe('the limits of a call', () => {
  it.each([
    ['a loop', '() => { for (;;); }', 'steps'],
    ['a loop that catches', '() => { for (;;) { try { for (;;); } catch {} } }', 'steps'],
    ['a loop in a result', '() => new Proxy([], { get: () => { for (;;); } })', 'steps'],
    ['a regular expression', '() => (/(a+)+$/.test("a".repeat(40) + "b") ? 1 : 0)', 'steps'],
    ['calls without end', '() => { const f = (n) => (n < 2 ? n : f(n - 1) + f(n - 2)); return f(40); }', 'steps'],
    ['deep recursion', '() => { const f = () => f() + 1; return f(); }', 'thrown'],
    ['a huge text', '() => "x".repeat(1e9).length', 'memory'],
    ['a huge array', '() => new Uint8Array(1e9).length', 'memory'],
    ['a growing list', '() => { const all = []; for (;;) all.push([all, new Uint8Array(1e6)]); }', 'memory'],
    ['a deep result', '() => { let a = []; for (let i = 0; i < 9000; i++) a = [a]; return a; }', 'type'],
  ])('end %s', (_, source, failure) => {
    const list: ValueType = { kind: 'list', element: int64 };
    expect(call(source, ['x'], { returns: source.includes('Proxy') ? list : int64, maxSteps: 200_000 })).toBe(null);
    expect(failures).toMatchObject([{ failure }]);
    expect(call('({ a }) => a.length', ['still here'])).toBe(10);
  });

  it('cut the same call at the same step, alone or among others, whatever ran before', () => {
    const loop = '({ a }) => { let n = 0; for (let i = 0n; i < a; i++) n++; return n; }';
    const options = { args: [int64], maxSteps: 1_000 };
    const most = (rows: (turns: number) => readonly (readonly Value[])[]): number => {
      for (let turns = 470; turns <= 500; turns++) {
        const row = rows(turns);
        if (calls(loop, row, options)[row.length - 1] === null) return turns - 1;
      }
      return -1;
    };
    const alone = most((turns) => [[turns]]);
    expect(alone).toBeGreaterThan(450);
    expect(most((turns) => [[3], [turns]])).toBe(alone);
    expect(most((turns) => [[990], [17], [5_000], [turns]])).toBe(alone);
    expect(most((turns) => [[turns % 7], [turns % 13], [turns]])).toBe(alone);
  });

  it('hold for one row, not for its batch', () => {
    const rows = Array.from({ length: 500 }, (_, index) => [index % 100 === 99 ? 1_000_000 : index]);
    const loop = '({ a }) => { let n = 0; for (let i = 0n; i < a; i++) n++; return n; }';
    const values = calls(loop, rows, { args: [int64], maxSteps: 2_000 });
    expect(values).toEqual(rows.map(([turns]) => (turns === 1_000_000 ? null : turns)));
    expect(failures).toHaveLength(5);
  });

  it('let a batch use more memory than one row may', () => {
    const rows = Array.from({ length: 40 }, (_, index) => [String.fromCharCode(33 + index).repeat(300_000)]);
    expect(calls('({ a }) => a', rows, { returns: string })).toEqual(rows.map(([text]) => text));
    expect(failures).toEqual([]);
  });

  it('end a call whose few steps take too long, after a second look', () => {
    clock.step = 600;
    try {
      expect(call('({ a }) => { for (let i = 0; i < 1000; i++) a += "x"; return a.length; }', ['x'])).toBe(null);
      expect(failures).toMatchObject([{ failure: 'time' }]);
    } finally {
      clock.step = 0;
    }
  });
});
