/** Bytes by key. Every value starts with a stamp that names the state it was made from (see core/online/stamp.ts). */
export interface OnlineStore extends AsyncDisposable {
  readonly name: string;
  /** One round trip. Same length and order as `keys`; null = never written or deleted. */
  getMany(keys: readonly string[]): Promise<(Uint8Array | null)[]>;
  /**
   * Each write is atomic by itself: `value` and `companions` are stored iff the stored value's stamp equals
   * `expectedStamp` (null = the key is absent). Same length and order as `writes`; false = lost the race.
   * Companions share the key's hash tag.
   */
  compareAndSet(writes: readonly OnlineWrite[]): Promise<boolean[]>;
  /** Unconditional; for completeness markers and tests. */
  put(key: string, value: Uint8Array): Promise<void>;
  delete(keys: readonly string[]): Promise<void>;
  /** Every key that starts with `prefix`, in no order; for administration, never for serving. */
  scan(prefix: string): AsyncIterable<string>;
}

export interface OnlineWrite {
  readonly key: string;
  readonly expectedStamp: Uint8Array | null;
  readonly value: Uint8Array;
  /** Written in the same atomic step; null deletes. */
  readonly companions: readonly { readonly key: string; readonly value: Uint8Array | null }[];
}
