import type { Definitions } from '../definitions/model.ts';
import type { Adoptions } from './adoptions.ts';

/** Where definitions, their history, jobs and incidents are kept. */
export interface RegistryStore extends AsyncDisposable {
  readonly name: string;
  /** The whole registry as of its newest revision; revision 0 is empty. */
  load(): Promise<RegistrySnapshot>;
  /**
   * Stores the next revision. CONFLICT when the stored revision is not `expectedRevision`: somebody applied in
   * between, nothing was written, plan again.
   */
  apply(change: RegistryChange, expectedRevision: number): Promise<RegistrySnapshot>;
  /** Who made the newest revision; null at revision 0. */
  lastApplied(): Promise<AppliedRevision | null>;
  /**
   * Calls back with each newer revision, from this or another process, in under a second; returns the stop. `onContact`
   * hears why the store does not answer when that begins, and null when it answers again.
   */
  watch(onRevision: (revision: number) => void, onContact?: (lost: unknown) => void): () => void;
  /** Documents beside the definitions: jobs, incidents, view states, when a replay began. Upsert by (collection, id). */
  putDocument(collection: DocumentCollection, id: string, document: object): Promise<void>;
  getDocument(collection: DocumentCollection, id: string): Promise<object | null>;
  /** Newest first by time of creation. */
  listDocuments(collection: DocumentCollection, limit: number): Promise<readonly object[]>;
  readonly adoptions: Adoptions;
  /**
   * Runs `work` as the only one of all processes that ask for it: begins when no other has the lead, and resolves or rejects
   * as `work` does. Its signal aborts when `signal` does, or when the lead is lost: others may have it by then, so what must
   * not be done twice needs a fence of its own; `work` begins again when the lead is had again. Resolves without having
   * begun when `signal` aborts first.
   */
  lead(work: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void>;
}

export const documentCollections = ['datasets', 'materializations', 'incidents', 'viewStates', 'replays'] as const;
export type DocumentCollection = (typeof documentCollections)[number];

export const registryKinds = ['entity', 'source', 'view', 'onDemandView', 'service', 'function'] as const;
export type RegistryKind = (typeof registryKinds)[number];

/** One version of one registered object; never changes once stored, except what people search and read. */
export interface RegisteredVersion {
  readonly kind: RegistryKind;
  readonly name: string;
  /** 1, 2, … per (kind, name). Services and functions bring their own. */
  readonly version: number;
  /** sha256 (hex) of what changes values. */
  readonly hash: string;
  /** The canonical JSON of this object (an element of `Definitions`). */
  readonly definition: Definitions[keyof Omit<Definitions, 'asof'>][number];
  /** RFC 3339 UTC, by the SystemClock. */
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface RegistrySnapshot {
  readonly revision: number;
  /** All versions of all objects that were ever registered, by kind, name, version ascending. */
  readonly versions: readonly RegisteredVersion[];
  /** Names that the newest apply no longer defines: kept, servable by version, absent from the typed API. */
  readonly retired: readonly { readonly kind: RegistryKind; readonly name: string }[];
}

export interface AppliedRevision {
  readonly revision: number;
  readonly appliedBy: string;
  /** RFC 3339 UTC, by the store's clock. */
  readonly appliedAt: string;
}

export interface RegistryChange {
  /** Upserted by (kind, name, version). */
  readonly versions: readonly RegisteredVersion[];
  readonly retire: readonly { readonly kind: RegistryKind; readonly name: string }[];
  readonly restore: readonly { readonly kind: RegistryKind; readonly name: string }[];
  readonly appliedBy: string;
}
