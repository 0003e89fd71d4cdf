import { describe, expect, it } from 'vitest';
import type { Value, ValueType } from '../../core/values/types.ts';
import { call, calls, failures, float64, int64, string } from '../../test/doubles/called-functions.ts';

describe('a user function', () => {
  it('takes its arguments by name and gives one value per row, in order', () => {
    expect(
      calls(
        '({ a, b }) => a + b',
        [
          ['x', 'y'],
          ['', 'z'],
        ],
        { args: [string, string], returns: string },
      ),
    ).toEqual(['xy', 'z']);
    expect(calls('({ a }) => a.length', [])).toEqual([]);
  });

  it('takes and gives values of every type exactly', () => {
    const same = '({ a }) => a';
    const cases: readonly (readonly [ValueType, Value])[] = [
      [{ kind: 'int32' }, -(2 ** 31)],
      [int64, 2 ** 53 - 1],
      [int64, 9223372036854775807n],
      [int64, -9223372036854775808n],
      [float64, 0.1],
      [float64, 5e-324],
      [float64, 1.7976931348623157e308],
      [string, '“é\u0000\\"\n𝒳'],
      [{ kind: 'bool' }, false],
      [{ kind: 'timestamp' }, 1_000_000_000_123],
      [{ kind: 'decimal', precision: 38, scale: 2 }, '123456789012345678901234567890123456.78'],
      [{ kind: 'vector', length: 3 }, [1.5, -2, 0]],
      [{ kind: 'list', element: { kind: 'list', element: int64 } }, [[1, null, 9007199254740993n], null, []]],
      [
        { kind: 'map', value: { kind: 'list', element: string } },
        new Map([
          ['__proto__', ['x']],
          ['constructor', null],
          ['é', []],
        ]),
      ],
    ];
    for (const [type, value] of cases) {
      expect(call(same, [value], { args: [type], returns: type }), JSON.stringify(type)).toEqual(value);
    }
    expect(failures).toEqual([]);
  });

  it('sees int64 as bigint, maps as objects without a prototype, and NULL as null', () => {
    expect(call('({ a }) => typeof a', [7], { args: [int64], returns: string })).toBe('bigint');
    const map = new Map([['x', 1]]);
    const inherits = '({ a }) => "toString" in a || Object.getPrototypeOf(a) !== null';
    expect(call(inherits, [map], { args: [{ kind: 'map', value: int64 }], returns: { kind: 'bool' } })).toBe(false);
    expect(call('({ a }) => a === null', [null], { returns: { kind: 'bool' } })).toBe(true);
    expect(call('() => null', ['x'])).toBe(null);
    expect(failures).toEqual([]);
  });

  it('rounds a decimal to the declared scale', () => {
    expect(call('() => "1.005"', ['x'], { returns: { kind: 'decimal', precision: 5, scale: 2 } })).toBe('1.01');
  });

  it('gives NULL for a throw, whatever is thrown, and tells of it', () => {
    expect(
      calls('({ a }) => { if (a === "bad") throw new Error("no such code"); return a.length; }', [
        ['ok'],
        ['bad'],
        ['fine'],
      ]),
    ).toEqual([2, null, 4]);
    expect(failures).toEqual([{ name: 'under_test', failure: 'thrown', message: 'no such code' }]);
    const thrown = [
      'null',
      'undefined',
      '"text"',
      '42',
      '{ message: { toString() { throw 1; } } }',
      'Symbol("s")',
      'Object.create({ get message() { throw 1; } })',
      'Object.defineProperty(new Error("x"), "message", { get() { throw 2; } })',
    ];
    for (const what of thrown) {
      expect(call(`() => { throw ${what}; }`, ['x']), what).toBe(null);
      expect(
        failures.map(({ failure }) => failure),
        what,
      ).toEqual(['thrown']);
    }
  });

  it.each([
    ['int64', '"5"', int64],
    ['int64', '1.5', int64],
    ['int64', '2 ** 60', int64],
    ['int64', '2n ** 63n', int64],
    ['int64', 'undefined', int64],
    ['int64', '{ valueOf: () => 1 }', int64],
    ['int32', '2 ** 31', { kind: 'int32' }],
    ['float64', 'NaN', float64],
    ['float64', '1 / 0', float64],
    ['float64', '1n', float64],
    ['string', 'new String("x")', string],
    ['string', '"\\ud800"', string],
    ['bool', '1', { kind: 'bool' }],
    ['timestamp', '-1', { kind: 'timestamp' }],
    ['timestamp', 'new Date(5)', { kind: 'timestamp' }],
    ['decimal', '1.5', { kind: 'decimal', precision: 5, scale: 2 }],
    ['decimal', '"12345.00"', { kind: 'decimal', precision: 5, scale: 2 }],
    ['vector', '[1, 2]', { kind: 'vector', length: 3 }],
    ['vector', '[1, 2, null]', { kind: 'vector', length: 3 }],
    ['list', '[1, , 2]', { kind: 'list', element: int64 }],
    ['list', '({ length: 1, 0: 1 })', { kind: 'list', element: int64 }],
    ['map', '[["a", 1]]', { kind: 'map', value: int64 }],
    ['map', '({ a: "x" })', { kind: 'map', value: int64 }],
    ['string', 'Promise', string],
  ] satisfies [string, string, ValueType][])('gives NULL for a result that is no %s: %s', (_, result, returns) => {
    expect(call(result === 'Promise' ? '() => (async () => "x")()' : `() => (${result})`, ['x'], { returns })).toBe(
      null,
    );
    expect(failures.map(({ failure }) => failure)).toEqual(['type']);
  });

  it('reads each part of a result once, through proxies and getters too', () => {
    const list: ValueType = { kind: 'list', element: int64 };
    const changing =
      '() => { let n = 0; return [0, 0].map(() => 0).map((_, i, all) => (Object.defineProperty(all, i, { get: () => (n++ === 0 ? 7 : "bad") }), 0)) && Object.defineProperty([], 0, { get: () => (n++ === 0 ? 7 : "bad") }); }';
    expect(call(changing, ['x'], { returns: list })).toEqual([7]);
    expect(call('() => new Proxy([1, 2], {})', ['x'], { returns: list })).toEqual([1, 2]);
    const trap = '() => new Proxy([], { get() { throw new Error("trapped"); } })';
    expect(call(trap, ['x'], { returns: list })).toBe(null);
    expect(failures).toMatchObject([{ failure: 'thrown' }]);
  });
});

describe('the world of a function', () => {
  it.each([
    ['Array.prototype.map', '() => { Array.prototype.map = () => []; return 1; }'],
    ['Object.prototype', '() => { Object.prototype.polluted = 1; return 1; }'],
    ['Object.prototype through __proto__', '() => { ({}).__proto__.polluted = 1; return 1; }'],
    ['a global', '() => { (0, [].constructor.constructor("return this")()).kept = 1; return 1; }'],
    ['itself', 'function f() { f.count = 1; return 1; }'],
    ['its prototype', 'function f() { f.prototype.count = 1; return 1; }'],
    ['an iterator', '() => { Object.getPrototypeOf([].values()).kept = 1; return 1; }'],
    ['a generator', '() => { Object.getPrototypeOf(function* () {}).kept = 1; return 1; }'],
    ['Math', '() => { Math.max = () => 7; return 1; }'],
    ['a template', '() => { const tag = (parts) => { parts.kept = 1; return 1; }; return tag`x`; }'],
  ])('keeps nothing on %s', (_, source) => {
    expect(call(source, ['x'])).toBe(null);
    expect(failures).toMatchObject([{ failure: 'thrown' }]);
  });

  it('lets objects have properties of any name', () => {
    const count =
      '({ a }) => { const n = {}; for (const w of a.split(" ")) n[w] = (Object.hasOwn(n, w) ? n[w] : 0) + 1; return n; }';
    const map = call(count, ['constructor toString x x'], { returns: { kind: 'map', value: int64 } });
    expect(map).toEqual(
      new Map([
        ['constructor', 1],
        ['toString', 1],
        ['x', 2],
      ]),
    );
  });

  it('has no clock, chance, local time, timers or I/O', () => {
    const names = '() => Reflect.ownKeys([].constructor.constructor("return this")()).map(String).sort()';
    const found = call(names, ['x'], { returns: { kind: 'list', element: string } }) as readonly string[];
    for (const name of [
      'setTimeout',
      'console',
      'process',
      'require',
      'fetch',
      'std',
      'os',
      'performance',
      'WeakRef',
      'eval',
      'Atomics',
    ]) {
      expect(found).not.toContain(name);
    }
    const text = { returns: string } as const;
    expect(call('({ a }) => new Date(a).toISOString()', [0], { args: [{ kind: 'timestamp' }], ...text })).toBe(
      '1970-01-01T00:00:00.000Z',
    );
    expect(
      call('() => typeof new Date(0).getHours + typeof new Date(0).getTimezoneOffset + typeof Date.parse', ['x'], text),
    ).toBe('undefinedundefinedundefined');
    expect(call('() => { const D = Date; return String(new D()); }', ['x'], text)).toBe(null);
    expect(call('() => { const { random } = Math; return String(random()); }', ['x'], text)).toBe(null);
    expect(failures[0]!.message).toMatch(/Math.random\(\) differs from call to call/);
  });
});
