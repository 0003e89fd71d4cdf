import type { CompiledView } from '../../core/definitions/compiled.ts';
import { markReady, unreadyShards } from '../../core/online/ready.ts';
import type { Positions } from '../../core/ports/offline-store.ts';
import type { OnlineStore } from '../../core/ports/online-store.ts';
import type { RegistryStore } from '../../core/ports/registry-store.ts';

/** What is known of one view version's online values; a document of the collection `viewStates`. */
export interface ViewState {
  readonly view: string;
  readonly version: number;
  readonly hash: string;
  readonly ready: boolean;
  /** What history had been applied when the live stream took over, and by imports since. */
  readonly positions: Readonly<Record<string, number>>;
  readonly changedAt: string;
}

/** Which view versions are complete online. A version is ready iff its document says so and its markers are there. */
export interface ViewStates {
  /** Reads the states of versions not seen before. */
  load(views: readonly CompiledView[]): Promise<void>;
  /** False for versions not loaded. */
  isReady(view: CompiledView): boolean;
  /** The shards that lost the marker of a version that was whole, and perhaps values with it: no base to build upon. */
  tornShards(view: CompiledView): readonly string[];
  positions(view: CompiledView): Positions;
  save(view: CompiledView, ready: boolean, positions: Positions): Promise<void>;
}

export interface ViewStatesDeps {
  readonly documents: Pick<RegistryStore, 'getDocument' | 'putDocument'>;
  readonly online: Pick<OnlineStore, 'shards' | 'getMany' | 'put'>;
  /** RFC 3339 UTC. */
  readonly now: () => string;
}

export function createViewStates({ documents, online, now }: ViewStatesDeps): ViewStates {
  const states = new Map<string, ViewState>();
  const torn = new Map<string, readonly string[]>();
  return {
    async load(views) {
      const unknown = views.filter((view) => !states.has(idOf(view)));
      if (unknown.length === 0) return;
      const unready = await unreadyShards(online, unknown);
      for (const [index, view] of unknown.entries()) {
        const stored = await documents.getDocument('viewStates', idOf(view));
        const state = stored === null ? newState(view) : (stored as ViewState);
        const isKnown = state.ready && state.hash === view.hash;
        const isWhole = isKnown && unready[index]!.length === 0;
        // Without its document a marker is from a registry that is gone, and so are the values: of another meaning.
        const isForeign = stored === null && unready[index]!.length < online.shards.length;
        if (isForeign || (state.ready && !isKnown)) torn.set(idOf(view), online.shards);
        else if (isKnown && !isWhole) torn.set(idOf(view), unready[index]!);
        states.set(idOf(view), isWhole ? state : { ...state, ready: false, positions: {} });
      }
    },
    isReady: (view) => states.get(idOf(view))?.ready ?? false,
    tornShards: (view) => torn.get(idOf(view)) ?? [],
    positions: (view) => new Map(Object.entries(states.get(idOf(view))?.positions ?? {})),
    async save(view, ready, positions) {
      const state = { ...newState(view), ready, positions: Object.fromEntries(positions), changedAt: now() };
      // The document first: a marker without it would be served while nothing live reaches the view.
      await documents.putDocument('viewStates', idOf(view), state);
      if (ready) await markReady(online, view);
      states.set(idOf(view), state);
      torn.delete(idOf(view));
    },
  };
}

function idOf(view: CompiledView): string {
  return `${view.name}@${view.version}`;
}

function newState({ name, version, hash }: CompiledView): ViewState {
  return { view: name, version, hash, ready: false, positions: {}, changedAt: '' };
}
