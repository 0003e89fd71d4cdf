import type { CompiledView } from '../definitions/compiled.ts';
import type { KeyedRecords } from '../ports/offline-store.ts';
import type { OnlineWrite } from '../ports/online-store.ts';
import type { Value } from '../values/types.ts';
import type { AppliedCounts } from './tile-apply.ts';

/** How the online state of one kind of view is changed by records. */
export interface StateUpdater<S> {
  empty(view: CompiledView): S;
  decode(view: CompiledView, value: Uint8Array): S;
  /** Reads what `update` needs beside the states. */
  load(view: CompiledView, updates: readonly StateUpdate<S>[]): Promise<void>;
  /** Changes the state in memory; it is worth keeping only when the store takes the value. */
  update(view: CompiledView, update: StateUpdate<S>): UpdatedState;
}

export interface StateUpdate<S> {
  readonly key: readonly Value[];
  readonly onlineKey: string;
  readonly records: KeyedRecords['records'];
  readonly held: HeldState<S>;
}

/** A decoded state with the stamp it was stored under; null = not stored yet. */
export interface HeldState<S> {
  state: S;
  stamp: Uint8Array | null;
}

export interface UpdatedState {
  /** null = the records change nothing. */
  readonly value: Uint8Array | null;
  readonly companions: OnlineWrite['companions'];
  readonly counts: AppliedCounts;
  /** May a read return something else now? */
  readonly isChanged: boolean;
  /** About what the decoded state takes in memory. */
  readonly heldBytes: number;
}
