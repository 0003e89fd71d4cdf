/** A process that can be halted, and go on late, or never: what it has called returns then, or never. */
export interface MortalProcess {
  /** The same port, whose calls are the process's: each takes a while before it is done, and after. */
  through<T extends object>(port: T): T;
  freeze(): void;
  thaw(): void;
  kill(): void;
  readonly isAlive: boolean;
}

/** @param pause how many turns of the event loop a call takes, each time anew */
export function createMortalProcess(pause: () => number): MortalProcess {
  let thawed: Promise<void> | null = null;
  let goOn = (): void => {};
  let isAlive = true;

  const step = async (): Promise<void> => {
    for (let turns = pause(); turns > 0; turns--) await new Promise<void>((resolve) => setImmediate(resolve));
    while (thawed !== null) await thawed;
    if (!isAlive) await new Promise(() => {});
  };
  const process: MortalProcess = {
    through(port) {
      return new Proxy(port, {
        get(target, name) {
          const value: unknown = Reflect.get(target, name);
          if (typeof value !== 'function') return value;
          if (!slow.has(String(name))) return value.bind(target);
          return async (...args: unknown[]) => {
            await step();
            const result = await value.apply(target, args);
            await step();
            return result;
          };
        },
      });
    },
    freeze() {
      thawed ??= new Promise((resolve) => {
        goOn = resolve;
      });
    },
    thaw() {
      thawed = null;
      goOn();
    },
    kill() {
      isAlive = false;
      process.thaw();
    },
    get isAlive() {
      return isAlive;
    },
  };
  return process;
}

/** What goes to another machine, or to the disk. */
const slow = new Set([
  ...[
    'getMany',
    'compareAndSet',
    'put',
    'delete',
    'append',
    'flush',
    'durablePositions',
    'read',
    'commit',
    'committed',
  ],
  ...['endOffsets', 'putDocument', 'getDocument', 'listDocuments', 'begin', 'publish', 'list'],
]);
