/** One filling of a view version in the online store, named by the token that it has put there (core/online/ready.ts). */
export interface ViewFill {
  readonly view: string;
  readonly version: number;
  readonly token: string;
}

/** A fill that has come up to the stream: who consumes its topic goes on with it from its positions. */
export interface Adoption extends ViewFill {
  /** Greater than all before, also than those of a registry that was lost or restored: it is never below the time in µs. */
  readonly number: number;
  /** What the fill has applied of each place, inclusive: `"origin/partition"`. */
  readonly positions: Readonly<Record<string, number>>;
}

/** Which fills are to be gone on with. Of each view version only the fill that was begun last counts. */
export interface Adoptions {
  /** An earlier fill of the version is listed no more, nor can it be published. */
  begin(fill: ViewFill): Promise<void>;
  /** CONFLICT when another fill of the version has been begun since. Again with other positions, it gets another number. */
  publish(fill: ViewFill, positions: ReadonlyMap<string, number>): Promise<Adoption>;
  /** The published ones, by number ascending. Who sees one sees all that have a smaller number and still count. */
  list(): Promise<readonly Adoption[]>;
  /** Calls back when there are new ones, of this or another process, in under a second; returns the stop. */
  watch(onPublished: () => void): () => void;
}
