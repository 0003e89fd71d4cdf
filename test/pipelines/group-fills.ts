import { expect } from 'vitest';
import type { OnlineStore } from '../../core/ports/online-store.ts';
import { clicksDefinitions, registryOf } from './clicks.ts';
import type { Filler, GroupWorld, Member } from './group-world.ts';

export const registry = registryOf(clicksDefinitions);
export const view = registry.views.get('user_clicks')!.at(-1)!;

export function filling({ materializer }: Filler): { isDone: boolean } {
  const one = { isDone: false };
  materializer.ensureReady(registry).then(
    () => {
      one.isDone = true;
    },
    () => {},
  );
  return one;
}

export async function ended(world: GroupWorld, one: { readonly isDone: boolean }): Promise<void> {
  await world.until(() => one.isDone);
}

/** What is served is all there is, and right. */
export async function expectWhole(world: GroupWorld, members: readonly Member[]): Promise<void> {
  await world.until(() => world.isIngested(members));
  await world.until(() => world.isReady(view));
  await world.clock.advance(2_000);
  const { served, expected } = await world.readings(view);
  expect(served).toEqual(expected);
}

/** A store that halts, when it is told to, before what is asked of it next. */
export function halting(store: OnlineStore): {
  readonly store: OnlineStore;
  halt(name: keyof OnlineStore): Promise<() => void>;
} {
  let halted: { readonly name: string; reached(goOn: () => void): void } | null = null;
  const proxy = new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function' || name === 'scan')
        return typeof value === 'function' ? value.bind(target) : value;
      return async (...args: unknown[]) => {
        if (halted?.name === name) {
          const { reached } = halted;
          halted = null;
          await new Promise<void>((resolve) => reached(resolve));
        }
        return value.apply(target, args);
      };
    },
  });
  return {
    store: proxy,
    halt: (name) =>
      new Promise((resolve) => {
        halted = { name: String(name), reached: resolve };
      }),
  };
}
