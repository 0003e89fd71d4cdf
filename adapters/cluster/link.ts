import { AsofError } from '../../core/errors/asof-error.ts';
import type { Channel } from './channel.ts';
import { type ErrorForm, fromErrorForm, toErrorForm } from './error-form.ts';

/** What one process can be asked by the other: everything that is given and answered is plain data. */
export type Calls = Readonly<Record<string, (...given: never[]) => Promise<unknown>>>;

/** What one process tells the other again and again, each to who asks for it, until the function that it gives is called. */
export type Streams = Readonly<
  Record<string, (tell: (event: unknown) => void, ...given: never[]) => Promise<() => void>>
>;

/** Two processes that ask each other. When one ends, what the other has asked of it is UNAVAILABLE, and told it no more. */
export interface Link {
  /** From here on these are answered, too. */
  offer(calls: Calls, streams?: Streams): void;
  call(name: string, given: readonly unknown[]): Promise<unknown>;
  /** Resolves when it is told from here on. Returns the stop. */
  follow(name: string, given: readonly unknown[], onEvent: (event: unknown) => void): Promise<() => void>;
}

/** `call` and `follow` in the types of what is offered at the other end. */
export interface Asking<C extends Calls, S extends Streams = Record<never, never>> {
  call<Name extends keyof C & string>(name: Name, ...given: Parameters<C[Name]>): ReturnType<C[Name]>;
  follow<Name extends keyof S & string>(
    name: Name,
    onEvent: (event: EventOf<S[Name]>) => void,
    ...given: GivenOf<S[Name]>
  ): Promise<() => void>;
}

type EventOf<S> = S extends (tell: (event: infer Event) => void, ...given: never[]) => unknown ? Event : never;
type GivenOf<S> = S extends (tell: never, ...given: infer Given) => unknown ? Given : never;

export function asking<C extends Calls, S extends Streams = Record<never, never>>(link: Link): Asking<C, S> {
  return {
    call: (name, ...given) => link.call(name, given) as ReturnType<C[typeof name]>,
    follow: (name, onEvent, ...given) => link.follow(name, given, onEvent as (event: unknown) => void),
  };
}

type Message =
  | Question
  | { readonly kind: 'value'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly error: ErrorForm }
  | { readonly kind: 'event'; readonly id: number; readonly event: unknown }
  | { readonly kind: 'stop'; readonly id: number };

interface Question {
  readonly kind: 'call' | 'follow';
  readonly id: number;
  readonly name: string;
  readonly given: readonly unknown[];
}

interface Asked {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

export function createLink(channel: Channel): Link {
  const calls = new Map<string, Calls[string]>();
  const streams = new Map<string, Streams[string]>();
  const asked = new Map<number, Asked>();
  const listeners = new Map<number, (event: unknown) => void>();
  /** What the other end follows here; resolves with the stop. */
  const followed = new Map<number, Promise<() => void>>();
  let newest = 0;
  let isClosed = false;

  const send = (message: Message): void => channel.send(message);

  const ask = (kind: 'call' | 'follow', id: number, name: string, given: readonly unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (isClosed) return reject(gone(name));
      asked.set(id, { resolve, reject });
      try {
        send({ kind, id, name, given });
      } catch (error) {
        // It cannot be copied.
        asked.delete(id);
        reject(error);
      }
    });

  async function answer(id: number, work: () => Promise<unknown>): Promise<void> {
    try {
      send({ kind: 'value', id, value: await work() });
    } catch (error) {
      send({ kind: 'error', id, error: toErrorForm(error) });
    }
  }

  function startTelling({ id, name, given }: Question): Promise<void> {
    const start = known(streams, name);
    const starting = start((event) => send({ kind: 'event', id, event }), ...(given as never[]));
    followed.set(id, starting);
    return starting.then(
      () => {},
      (error: unknown) => {
        followed.delete(id);
        throw error;
      },
    );
  }

  function stopTelling(id: number): void {
    const stopping = followed.get(id);
    followed.delete(id);
    // What could not be started has nothing to stop.
    stopping?.then(
      (stop) => stop(),
      () => {},
    );
  }

  function settle(id: number, how: (waiting: Asked) => void): void {
    const waiting = asked.get(id);
    asked.delete(id);
    if (waiting !== undefined) how(waiting);
  }

  channel.onMessage((received) => {
    const message = received as Message;
    const { id } = message;
    if (message.kind === 'call') void answer(id, async () => known(calls, message.name)(...(message.given as never[])));
    else if (message.kind === 'follow') void answer(id, async () => startTelling(message));
    else if (message.kind === 'stop') stopTelling(id);
    else if (message.kind === 'event') listeners.get(id)?.(message.event);
    else if (message.kind === 'value') settle(id, ({ resolve }) => resolve(message.value));
    else if (message.kind === 'error') settle(id, ({ reject }) => reject(fromErrorForm(message.error)));
  });
  channel.onClose(() => {
    isClosed = true;
    for (const id of [...followed.keys()]) stopTelling(id);
    for (const id of [...asked.keys()]) settle(id, ({ reject }) => reject(gone('what was asked')));
    listeners.clear();
  });

  return {
    offer(moreCalls, moreStreams = {}) {
      for (const [name, call] of Object.entries(moreCalls)) calls.set(name, call);
      for (const [name, stream] of Object.entries(moreStreams)) streams.set(name, stream);
    },
    call: (name, given) => ask('call', ++newest, name, given),
    async follow(name, given, onEvent) {
      const id = ++newest;
      listeners.set(id, onEvent);
      try {
        await ask('follow', id, name, given);
      } catch (error) {
        listeners.delete(id);
        throw error;
      }
      return () => {
        if (listeners.delete(id) && !isClosed) send({ kind: 'stop', id });
      };
    },
  };
}

function known<T>(offered: ReadonlyMap<string, T>, name: string): T {
  const found = offered.get(name);
  if (found !== undefined) return found;
  throw new AsofError('INTERNAL', `the other process of this Asof does not know '${name}'`);
}

function gone(what: string): AsofError {
  return new AsofError('UNAVAILABLE', `the other process of this Asof has ended, ${what} is not answered`, {
    remedy: 'Try again in a moment.',
  });
}
