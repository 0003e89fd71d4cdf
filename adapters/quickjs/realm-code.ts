import type { Field, ValueType } from '../../core/values/types.ts';

/**
 * What runs inside the engine. These functions cross over as source text, so, like a user's, they may name nothing but
 * their parameters and the globals of JavaScript.
 */

type Key = string | symbol;
type Bag = Record<Key, unknown>;

/**
 * Leaves of the global object only what is pure, and freezes it with everything reachable from it: no call can leave
 * anything behind for the next one. Dates know UTC alone; the clock and chance refuse by name.
 */
export function purify(globals: readonly string[]): void {
  const world = globalThis as unknown as Bag;
  const refusal = (what: string, remedy: string) => () => {
    throw new Error(`${what} differs from call to call: ${remedy}`);
  };
  const RealDate = Date;
  function PureDate(...parts: unknown[]): Date {
    if (parts.length !== 1 || typeof parts[0] !== 'number') {
      throw new Error('new Date() takes the milliseconds of a timestamp, and nothing else');
    }
    return new RealDate(parts[0]);
  }
  const isLocal = (name: Key) =>
    typeof name === 'string' && /^([gs]et(?!UTC|Time$)|to(?!ISOString$|JSON$))/.test(name) && name !== 'constructor';
  for (const name of Reflect.ownKeys(RealDate.prototype)) {
    if (isLocal(name)) Reflect.deleteProperty(RealDate.prototype, name);
  }
  RealDate.prototype.constructor = PureDate;
  Object.assign(PureDate, {
    prototype: RealDate.prototype,
    UTC: RealDate.UTC,
    now: refusal('Date.now()', 'take the instant as an argument'),
  });
  Math.random = refusal('Math.random()', 'take the number as an argument');
  for (const name of Reflect.ownKeys(world)) {
    if (typeof name === 'symbol' || !globals.includes(name)) Reflect.deleteProperty(world, name);
  }
  world.Date = PureDate;

  // A frozen prototype would refuse `counts.constructor = 1` on the objects below it; an accessor lets them have it.
  for (const name of Reflect.ownKeys(Object.prototype)) {
    const property = Object.getOwnPropertyDescriptor(Object.prototype, name)!;
    if (!('value' in property)) continue;
    const { value } = property;
    Object.defineProperty(Object.prototype, name, {
      get: () => value,
      set(this: object, own: unknown) {
        if (this === Object.prototype) throw new TypeError('Object.prototype is frozen');
        Object.defineProperty(this, name, { value: own, writable: true, enumerable: true, configurable: true });
      },
    });
  }
  const frozen = new Set<unknown>();
  const freeze = (value: unknown): void => {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || frozen.has(value)) return;
    frozen.add(value);
    Object.freeze(value);
    freeze(Object.getPrototypeOf(value));
    for (const name of Reflect.ownKeys(value)) {
      const property = Object.getOwnPropertyDescriptor(value, name)!;
      freeze(property.value);
      freeze(property.get);
      freeze(property.set);
    }
  };
  freeze(world);
  // Prototypes that no property leads to.
  const iterators = [[].values(), new Map().entries(), new Set().values(), ''[Symbol.iterator](), 'a'.matchAll(/a/g)];
  function* generator(): Generator<number> {
    yield 1;
  }
  for (const value of [...iterators, generator, generator(), async () => {}]) freeze(value);
}

/** How the host calls a function. */
export interface Bound {
  /** Calls it on each row of a JSON array, in order, and returns what `take` does. */
  run(rows: string): string;
  /** JSON of what became of the rows since the last time, also when `run` was cut: values, or `{failure, message}`. */
  take(): string;
}

/** Binds a function to its types. The forms of values on the way are those of wire.ts. */
export function bind(
  implementation: ((args: object) => unknown) & { readonly prototype?: object },
  { args, returns }: { readonly args: readonly Field[]; readonly returns: ValueType },
): Bound {
  class WrongType extends Error {}
  // A function could keep something on itself.
  Object.freeze(implementation);
  Object.freeze(implementation.prototype);

  const reader = (type: ValueType): ((wire: unknown) => unknown) => {
    switch (type.kind) {
      case 'int64':
        return (wire) => (wire === null ? null : BigInt(wire as string | number));
      case 'list': {
        const element = reader(type.element);
        return (wire) => (wire === null ? null : (wire as unknown[]).map(element));
      }
      case 'map': {
        const value = reader(type.value);
        return (wire) => {
          if (wire === null) return null;
          const map = Object.create(null) as Bag;
          for (const [key, one] of wire as [string, unknown][]) map[key] = value(one);
          return map;
        };
      }
      default:
        return (wire) => wire;
    }
  };

  const found = (value: unknown): string => {
    if (value === null || typeof value === 'undefined' || typeof value === 'boolean') return String(value);
    if (typeof value === 'number') return `the number ${value}`;
    if (typeof value === 'bigint') return BigInt.asIntN(128, value) === value ? `the bigint ${value}` : 'a huge bigint';
    if (typeof value === 'string') return `the text ${JSON.stringify(value.slice(0, 40))}`;
    return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
  };
  const refuse = (expected: string, value: unknown): never => {
    throw new WrongType(`expected ${expected}, got ${found(value)}`);
  };
  /** The JSON of a value of this type; each part of what the function returned is read once. */
  const writer = (type: ValueType): ((value: unknown) => string) => {
    switch (type.kind) {
      case 'int32':
        return (value) => (typeof value === 'number' && (value | 0) === value ? `${value}` : refuse('an int32', value));
      case 'int64':
        return (value) => {
          if (typeof value === 'bigint' && BigInt.asIntN(64, value) === value) return `"${value}"`;
          return typeof value === 'number' && Number.isSafeInteger(value)
            ? `${value}`
            : refuse('a bigint within int64, or a whole number within ±(2^53−1)', value);
        };
      case 'timestamp':
        return (value) =>
          typeof value === 'number' && Number.isSafeInteger(value)
            ? `${value}`
            : refuse('a timestamp as whole milliseconds', value);
      case 'float64':
        return (value) =>
          typeof value === 'number' && Number.isFinite(value) ? `${value}` : refuse('a finite number', value);
      case 'string':
      case 'decimal':
        return (value) => (typeof value === 'string' ? JSON.stringify(value) : refuse(`a ${type.kind} as text`, value));
      case 'bool':
        return (value) => (typeof value === 'boolean' ? `${value}` : refuse('a boolean', value));
      case 'vector':
        return elements({ kind: 'float64' }, false);
      case 'list':
        return elements(type.element, true);
      case 'map': {
        const one = nullable(writer(type.value));
        return (value) => {
          if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse('an object', value);
          const entries = Object.keys(value).map((key) => `[${JSON.stringify(key)},${one((value as Bag)[key])}]`);
          return `[${entries.join()}]`;
        };
      }
    }
  };
  const nullable = (write: (value: unknown) => string) => (value: unknown) => (value === null ? 'null' : write(value));
  const elements = (type: ValueType, hasNulls: boolean) => {
    const one = hasNulls ? nullable(writer(type)) : writer(type);
    return (value: unknown): string => {
      if (!Array.isArray(value)) return refuse('an array', value);
      const texts: string[] = [];
      const { length } = value;
      for (let index = 0; index < length; index++) texts.push(one(value[index]));
      return `[${texts.join()}]`;
    };
  };

  const names = args.map(({ name }) => name);
  const readers = args.map(({ type }) => reader(type));
  const write = writer(returns);
  let done: string[] = [];

  const failureOf = (thrown: unknown): string => {
    let failure = 'thrown';
    let message: unknown = 'something that cannot be read';
    try {
      if (thrown instanceof WrongType) failure = 'type';
      message = thrown instanceof Error ? thrown.message : found(thrown);
      if (message === 'out of memory') failure = 'memory';
    } catch {
      // A proxy, or a getter that throws: there is nothing to tell.
    }
    const text = typeof message === 'string' ? message.slice(0, 200) : found(message);
    return `{"failure":"${failure}","message":${JSON.stringify(text)}}`;
  };
  const take = (): string => {
    const taken = `[${done.join()}]`;
    done = [];
    return taken;
  };
  return {
    run(rows) {
      const batch = JSON.parse(rows) as unknown[][];
      const { length } = batch;
      for (let at = 0; at < length; at++) {
        const row = batch[at]!;
        let text: string;
        try {
          const named: Bag = {};
          for (let i = 0; i < names.length; i++) named[names[i]!] = readers[i]!(row[i]);
          const value = implementation(named);
          text = value === null ? 'null' : write(value);
        } catch (thrown) {
          text = failureOf(thrown);
        }
        done[done.length] = text;
      }
      return take();
    },
    take,
  };
}
