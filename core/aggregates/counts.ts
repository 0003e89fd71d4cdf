import { countColumns } from './columns.ts';
import type { Kernel } from './kernel.ts';

/** countRows and count: how many. */
export const countKernel: Kernel<number, 1> = {
  prepare: () => 1,
  empty: () => 0,
  add: (state) => state + 1,
  merge: (into, from) => into + from,
  write: (out, state) => out.unsigned(state),
  read: (input) => input.unsigned(),
  skip: (input) => void input.unsigned(),
  finish: (state) => state,
  columns: countColumns(),
};
