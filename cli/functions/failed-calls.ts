import type { UserFunctionsDeps } from '../../adapters/quickjs/user-functions.ts';

/** Calls that gave NULL, by function and reason, for people to read. */
export interface FailedCalls {
  readonly onFailure: UserFunctionsDeps['onFailure'];
  /** `title_length version 1 gave NULL 3 times: thrown: no such code`. */
  texts(): readonly string[];
}

export function createFailedCalls(): FailedCalls {
  const times = new Map<string, { readonly name: string; readonly why: string; count: number }>();
  return {
    onFailure({ name, version }, failure, message) {
      const id = `${name} ${version} ${failure}`;
      const known = times.get(id) ?? { name: `${name} version ${version}`, why: `${failure}: ${message}`, count: 0 };
      known.count++;
      times.set(id, known);
    },
    texts: () =>
      [...times.values()].map(
        ({ name, why, count }) => `${name} gave NULL ${count === 1 ? 'once' : `${count} times`}: ${why}`,
      ),
  };
}
