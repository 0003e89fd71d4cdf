import type { AsofError } from '../errors/asof-error.ts';

/** Bytes by key. Every value starts with a stamp that names the state it was made from (see core/online/stamp.ts). */
export interface OnlineStore extends AsyncDisposable {
  readonly name: string;
  /**
   * The hash tags that keys are spread over. What shares a tag shares a server, and is lost with it; `['0']` where all
   * is kept or lost together. Another list is another place for every key.
   */
  readonly shards: readonly string[];
  /**
   * One round trip to each server that holds some of the keys. Same length and order as `keys`; null = never written or
   * deleted. A server that does not answer in time gives its own keys an UNAVAILABLE error and leaves the others alone.
   */
  getMany(keys: readonly string[]): Promise<readonly OnlineAnswer[]>;
  /**
   * Each write is atomic by itself: `value` and `companions` are stored iff the stored value's stamp equals
   * `expectedStamp` (null = the key is absent). Same length and order as `writes`; false = lost the race, null =
   * refused by the fence.
   * Companions share the key's hash tag. With a fence only in shards where it stands. Rejects with UNAVAILABLE when the fate of any write is unknown, or it is not
   * as safe as the store keeps things: repeat all. It then resolves, also for no writes, only when all earlier ones
   * are safe or known to be lost, so what a repetition finds done can be relied upon.
   */
  compareAndSet(writes: readonly OnlineWrite[], fence?: Fence): Promise<(boolean | null)[]>;
  /** Unconditional; for the tokens of fills and tests. */
  put(key: string, value: Uint8Array): Promise<void>;
  /** With a fence only in shards where it stands. */
  delete(keys: readonly string[], fence?: Fence): Promise<void>;
  /** Of a store that keeps in memory what was read: what it has there. Absent = nothing. */
  readonly held?: HeldValues;
  /** Every key that starts with `prefix`, in no order; for administration, never for serving. */
  scan(prefix: string): AsyncIterable<string>;
}

/** Values that a store has in this process, as good as those that `getMany` gives. */
export interface HeldValues {
  /** undefined = it has to be asked for. */
  find(key: string): HeldValue | undefined;
  /** What `read` of a value wants to be told. */
  nowMillis(): number;
  /** So many values were read here instead of by `getMany`. */
  countReads(count: number): void;
}

/** One value, found once and read often: it ends when the stored value changes. */
export interface HeldValue {
  /** null = nothing is stored; undefined = it is no longer good: ask the store. */
  read(nowMillis: number): Uint8Array | null | undefined;
  /** What a reader has made of the value; forgotten with it. */
  made: unknown;
}

/** What has to stand in a key's shard for a write to take effect there; looked at in the same atomic step. */
export interface Fence {
  /** The key in that shard; it has the shard's hash tag. */
  keyIn(shard: string): string;
  readonly value: Uint8Array;
}

export type OnlineAnswer = Uint8Array | null | AsofError;

export interface OnlineWrite {
  readonly key: string;
  readonly expectedStamp: Uint8Array | null;
  readonly value: Uint8Array;
  /** Written in the same atomic step; null deletes. */
  readonly companions: readonly { readonly key: string; readonly value: Uint8Array | null }[];
}
