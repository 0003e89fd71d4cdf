import { randomUUID } from 'node:crypto';
import type { CompiledView } from '../../core/definitions/compiled.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import { readyKey } from '../../core/online/keys.ts';
import { beginFill, keptSince, markReady, unreadyShards } from '../../core/online/ready.ts';
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
  /** What the store holds of it is to be removed before it is filled. */
  readonly discarded?: boolean;
  /** The newest rebuild that discarded it. */
  readonly rebuild?: string;
}

/** Which view versions are complete online. A version is ready iff its document says so and its markers are there. */
export interface ViewStates {
  /** Reads the states of versions not seen before. */
  load(views: readonly CompiledView[]): Promise<void>;
  /** Which of the ready ones the store has lost a part of since; they are ready no more. */
  recheck(views: readonly CompiledView[]): Promise<readonly CompiledView[]>;
  /** False for versions not loaded. */
  isReady(view: CompiledView): boolean;
  /** The shards that lost the marker of a version that was whole, and perhaps values with it: no base to build upon. */
  tornShards(view: CompiledView): readonly string[];
  positions(view: CompiledView): Positions;
  /** Nothing that the store holds of it counts any more, whatever becomes of this process; once for each rebuild. */
  discard(view: CompiledView, rebuild: string): Promise<void>;
  /** Before a fill: what the store loses from here on is noticed by `finish`. */
  begin(view: CompiledView): Promise<void>;
  /** After a fill: it is ready. Throws UNAVAILABLE when the store lost a part of it meanwhile. */
  finish(view: CompiledView, positions: Positions): Promise<void>;
  /** More of the history of a ready one has been applied. */
  advance(view: CompiledView, positions: Positions): Promise<void>;
}

export interface ViewStatesDeps {
  readonly documents: Pick<RegistryStore, 'getDocument' | 'putDocument'>;
  readonly online: Pick<OnlineStore, 'shards' | 'getMany' | 'put' | 'delete'>;
  /** RFC 3339 UTC. */
  readonly now: () => string;
}

export function createViewStates({ documents, online, now }: ViewStatesDeps): ViewStates {
  const states = new Map<string, ViewState>();
  const torn = new Map<string, readonly string[]>();
  /** The fills of this process, by what they put into the store. */
  const fills = new Map<string, string>();
  const store = async (view: CompiledView, ready: boolean, positions: Positions): Promise<ViewState> => {
    const rebuild = states.get(idOf(view))?.rebuild;
    const state = {
      ...newState(view),
      ready,
      positions: Object.fromEntries(positions),
      changedAt: now(),
      ...(rebuild !== undefined && { rebuild }),
    };
    await documents.putDocument('viewStates', idOf(view), state);
    return state;
  };
  const save = async (view: CompiledView, ready: boolean, positions: Positions): Promise<void> => {
    states.set(idOf(view), await store(view, ready, positions));
  };
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
        if (isForeign || state.discarded === true || (state.ready && !isKnown)) torn.set(idOf(view), online.shards);
        else if (isKnown && !isWhole) torn.set(idOf(view), unready[index]!);
        states.set(idOf(view), isWhole ? state : { ...state, ready: false, positions: {} });
      }
    },
    async recheck(views) {
      const ready = views.filter((view) => states.get(idOf(view))?.ready === true);
      const unready = await unreadyShards(online, ready);
      const lost = ready.filter((_, index) => unready[index]!.length > 0);
      for (const view of lost) {
        torn.set(idOf(view), unready[ready.indexOf(view)]!);
        states.set(idOf(view), { ...states.get(idOf(view))!, ready: false, positions: {} });
      }
      return lost;
    },
    isReady: (view) => states.get(idOf(view))?.ready ?? false,
    tornShards: (view) => torn.get(idOf(view)) ?? [],
    positions: (view) => new Map(Object.entries(states.get(idOf(view))?.positions ?? {})),
    async discard(view, rebuild) {
      if (states.get(idOf(view))?.rebuild === rebuild) return;
      const state = { ...newState(view), discarded: true, rebuild, changedAt: now() };
      states.set(idOf(view), state);
      torn.set(idOf(view), online.shards);
      await documents.putDocument('viewStates', idOf(view), state);
      await online.delete(online.shards.map((shard) => readyKey(view, shard)));
    },
    async begin(view) {
      const token = randomUUID();
      await beginFill(online, view, token);
      fills.set(idOf(view), token);
      await save(view, false, new Map());
      torn.delete(idOf(view));
    },
    async finish(view, positions) {
      const token = fills.get(idOf(view)) ?? '';
      if (!(await keptSince(online, view, token))) throw lostMeanwhile(view);
      // The document first: a marker without it would be served while nothing live reaches the view.
      const state = await store(view, true, positions);
      await markReady(online, view);
      if (await keptSince(online, view, token)) {
        states.set(idOf(view), state);
        return;
      }
      await online.delete(online.shards.map((shard) => readyKey(view, shard)));
      await save(view, false, new Map());
      throw lostMeanwhile(view);
    },
    // The markers stay as they are: one that is missing now was lost with what it vouched for.
    advance: (view, positions) => save(view, true, positions),
  };
}

function lostMeanwhile({ name, version }: CompiledView): AsofError {
  return new AsofError('UNAVAILABLE', 'the online store lost what it was being filled with', {
    path: `${name} version ${version}`,
    remedy: 'It is filled again by itself; see whether the store was restarted.',
  });
}

function idOf(view: CompiledView): string {
  return `${view.name}@${view.version}`;
}

function newState({ name, version, hash }: CompiledView): ViewState {
  return { view: name, version, hash, ready: false, positions: {}, changedAt: '' };
}
