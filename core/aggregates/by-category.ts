import { compareUtf8 } from '../values/compare.ts';
import type { Kernel } from './kernel.ts';

/** One event's category, and what it adds there; `item` undefined = its input is NULL, the category exists all the same. */
export interface CategoryItem<I> {
  readonly category: string;
  readonly item: I | undefined;
}

/** Per category a state; null = over the cap, for good. */
type CategoryState<S> = Map<string, S> | null;

/** `.by(c)`: an aggregate per category. NULL when there is none, or more than `cap`. */
export function byCategoryKernel<S, I>(
  inner: Omit<Kernel<S, I>, 'prepare'>,
  cap: number,
): Omit<Kernel<CategoryState<S>, CategoryItem<I>>, 'prepare'> {
  const capped = (state: Map<string, S>): CategoryState<S> => (state.size > cap ? null : state);
  return {
    empty: () => new Map(),
    add(state, { category, item }) {
      if (state === null) return null;
      const before = state.get(category) ?? inner.empty();
      state.set(category, item === undefined ? before : inner.add(before, item));
      return capped(state);
    },
    merge(into, from) {
      if (into === null || from === null) return null;
      for (const [category, state] of from) {
        into.set(category, inner.merge(into.get(category) ?? inner.empty(), state));
      }
      return capped(into);
    },
    write(out, state) {
      out.unsigned(state === null ? 0 : state.size + 1);
      if (state === null) return;
      for (const category of [...state.keys()].sort(compareUtf8)) {
        out.text(category);
        inner.write(out, state.get(category)!);
      }
    },
    read(input) {
      const count = input.unsigned();
      if (count === 0) return null;
      const state = new Map<string, S>();
      for (let i = 1; i < count; i++) {
        const category = input.text();
        state.set(category, inner.read(input));
      }
      return state;
    },
    skip(input) {
      for (let count = input.unsigned(); count > 1; count--) {
        input.skip(input.unsigned());
        inner.skip(input);
      }
    },
    finish(state) {
      if (state === null || state.size === 0) return null;
      const categories = [...state.keys()].sort(compareUtf8);
      return new Map(categories.map((category) => [category, inner.finish(state.get(category)!)]));
    },
  };
}
