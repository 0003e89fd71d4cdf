import { describe, expect, it } from 'vitest';
import { call, refusal } from '../../test/doubles/called-functions.ts';

describe('a source text', () => {
  it.each([
    ['({ a }) => factor * a.length', 'names what is outside of it: factor'],
    ['({ a }) => { if (a) { const x = 1; } return x + y; }', 'names what is outside of it: x, y'],
    ['({ a }) => process.env.HOME', 'process'],
    ['({ a }) => fetch(a)', 'fetch'],
    ['({ a }) => eval(a)', 'eval'],
    ['async ({ a }) => 1', 'is async'],
    ['function* ({ a }) { yield 1; }', 'is a generator'],
    ['class A {}', 'is no function'],
    ['1); (2', 'is no function'],
    ['({ a }) => 1, 2', 'is no function'],
    ['({ a }) => {', 'does not parse'],
    ['() => Math.random()', 'Math.random()'],
    ['() => Date.now()', 'Date.now()'],
    ['() => new Date().getTime()', 'new Date()'],
    ['() => import("node:fs")', 'import()'],
    ['() => { label: for (;;) { break label; } return unknown; }', 'names what is outside of it: unknown'],
  ])('is refused: %s', (source, message) => {
    expect(refusal(source)).toContain(message);
  });

  it.each([
    ['function f({ a }) { return a.length > 3 ? 1 : f({ a: a + "x" }); }', 1],
    ['({ a: { length } }) => length', 2],
    ['({ a, b = a.length }) => b', 2],
    ['({ a }) => { const { length, ...rest } = a; return [length, ...Object.keys(rest)].length; }', 3],
    ['({ a }) => { var n = 0; for (const c of a) { n += c.codePointAt(0) > 0 ? 1 : 0; } return n; }', 2],
    ['({ a }) => { for (var i = 0; i < 3; i++); return i; }', 3],
    ['({ a }) => { class Counter { static #n = 4; static get() { return Counter.#n; } } return Counter.get(); }', 4],
    ['({ a }) => { try { throw new Error(a); } catch ({ message }) { return message.length; } }', 2],
    [['({ a }) => `$', '{a}}`.length /* a } comment */ // and another'].join(''), 3],
    ['({ a }) => a.replace(/[/}`"]|(?<last>b)/gu, "").length', 1],
    ['({ a }) => { outer: for (const x of a) { for (;;) continue outer; } return 5; }', 5],
    ['({ a }) => { switch (a) { case "ab": { let n = 6; return n; } default: return 0; } }', 6],
    ['({ a }) => { const inner = __name((x) => x.length, "inner"); return inner(a); }', 2],
    ['function ({ a }) { return arguments.length + a.length; }', 3],
  ])('runs: %s', (source, value) => {
    expect(refusal(source)).toBe('not refused');
    expect(call(source, ['ab'])).toBe(value);
  });
});
