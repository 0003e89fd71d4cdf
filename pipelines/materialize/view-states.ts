import { randomUUID } from 'node:crypto';
import type { CompiledView } from '../../core/definitions/compiled.ts';
import { readyKey } from '../../core/online/keys.ts';
import { beginFill, fillFence, foreignShards, markReady, unreadyShards } from '../../core/online/ready.ts';
import type { Adoptions } from '../../core/ports/adoptions.ts';
import type { Positions } from '../../core/ports/offline-store.ts';
import type { OnlineStore } from '../../core/ports/online-store.ts';
import type { RegistryStore } from '../../core/ports/registry-store.ts';
import { topicOf } from '../../core/records/topic.ts';
import { clearView } from './clear-view.ts';
import { lostMeanwhile } from './fill-view.ts';

/** What is known of one view version's online values; a document of the collection `viewStates`. */
export interface ViewState {
  readonly view: string;
  readonly version: number;
  readonly hash: string;
  readonly ready: boolean;
  /** Of the fill that made it ready, or is to; null = there was none. */
  readonly token: string | null;
  /** What of history had been applied when the stream took over, and by imports since. */
  readonly positions: Readonly<Record<string, number>>;
  readonly changedAt: string;
  /** Shards whose values are to be removed before it is filled. */
  readonly torn?: readonly string[];
  /** The newest rebuild that discarded it. */
  readonly rebuild?: string;
}

/**
 * Which view versions are complete online. A version is ready iff its document says so, its markers are there, the store
 * is that of the fill that the document names, and so is what the stream goes on with: a process that took itself for the
 * leader may have begun another fill in one of these places and not in the others.
 */
export interface ViewStates {
  /** Reads the states of versions not seen before. */
  load(views: readonly CompiledView[]): Promise<void>;
  /** Which of the ready ones the store has lost a part of since; they are ready no more. */
  recheck(views: readonly CompiledView[]): Promise<readonly CompiledView[]>;
  /** False for versions not loaded. */
  isReady(view: CompiledView): boolean;
  positions(view: CompiledView): Positions;
  /** The fill that made a ready one so. */
  token(view: CompiledView): string;
  /** Nothing that the store holds of it counts any more, whatever becomes of this process; once for each rebuild. */
  discard(view: CompiledView, rebuild: string): Promise<void>;
  /**
   * Before a fill: from here on only those write who build upon its token, which is returned. Shards that lost a part of
   * what was whole, and discarded ones, are emptied: they are no base to build upon.
   */
  begin(view: CompiledView): Promise<string>;
  /** After a fill: it is ready. Throws UNAVAILABLE when the store lost a part of it meanwhile, or another fill was begun. */
  finish(view: CompiledView, token: string, positions: Positions): Promise<void>;
  /** More of the history of a ready one has been applied. */
  advance(view: CompiledView, positions: Positions): Promise<void>;
}

export interface ViewStatesDeps {
  readonly documents: Pick<RegistryStore, 'getDocument' | 'putDocument'> & {
    readonly adoptions: Pick<Adoptions, 'begin' | 'list'>;
  };
  readonly online: Pick<OnlineStore, 'shards' | 'getMany' | 'compareAndSet' | 'put' | 'delete' | 'scan'>;
  /** RFC 3339 UTC. */
  readonly now: () => string;
}

export function createViewStates({ documents, online, now }: ViewStatesDeps): ViewStates {
  const states = new Map<string, ViewState>();
  const stateOf = (view: CompiledView): ViewState => states.get(idOf(view)) ?? newState(view);
  const save = async (view: CompiledView, fields: Partial<ViewState>): Promise<void> => {
    const { torn: _, ...kept } = stateOf(view);
    const state: ViewState = { ...kept, hash: view.hash, changedAt: now(), ...fields };
    await documents.putDocument('viewStates', idOf(view), state);
    states.set(idOf(view), state);
  };
  /** Per view, the shards that do not hold what its state says, and whether the stream goes on with its fill. */
  const looked = async (views: readonly CompiledView[], known: readonly ViewState[]) => {
    if (views.length === 0) return [];
    const adoptions = await documents.adoptions.list();
    const published = new Set(adoptions.map(({ token }) => token));
    const unmarked = await unreadyShards(online, views);
    const foreign = await foreignShards(
      online,
      views.map(({ name, version }, index) => ({ name, version, token: known[index]!.token ?? '' })),
    );
    return views.map((view, index) => ({
      isFollowed: topicOf(view.source) === null || published.has(known[index]!.token ?? ''),
      unmarked: unmarked[index]!,
      lost: [...new Set([...unmarked[index]!, ...foreign[index]!])],
    }));
  };

  return {
    async load(views) {
      const unknown = views.filter((view) => !states.has(idOf(view)));
      if (unknown.length === 0) return;
      const stored = await Promise.all(unknown.map((view) => documents.getDocument('viewStates', idOf(view))));
      const known = unknown.map((view, index) => (stored[index] as ViewState | null) ?? newState(view));
      const shards = await looked(unknown, known);
      for (const [index, view] of unknown.entries()) {
        const state = known[index]!;
        const { unmarked, lost, isFollowed } = shards[index]!;
        const isKnown = state.ready && state.hash === view.hash;
        // Without its document a marker is from a registry that is gone, and so are the values: of another meaning.
        const isForeign = stored[index] === null && unmarked.length < online.shards.length;
        if (isKnown && isFollowed && lost.length === 0) states.set(idOf(view), state);
        else {
          const all = isForeign || state.hash !== view.hash;
          const torn = all ? online.shards : isKnown ? lost : (state.torn ?? []);
          states.set(idOf(view), { ...state, ready: false, positions: {}, torn });
        }
      }
    },
    async recheck(views) {
      const ready = views.filter((view) => stateOf(view).ready);
      const shards = await looked(ready, ready.map(stateOf));
      return ready.filter((view, index) => {
        const { lost: torn, isFollowed } = shards[index]!;
        if (isFollowed && torn.length === 0) return false;
        states.set(idOf(view), { ...stateOf(view), ready: false, positions: {}, torn });
        return true;
      });
    },
    isReady: (view) => stateOf(view).ready,
    positions: (view) => new Map(Object.entries(stateOf(view).positions)),
    token: (view) => stateOf(view).token ?? '',
    async discard(view, rebuild) {
      if (stateOf(view).rebuild === rebuild) return;
      await save(view, { ready: false, positions: {}, torn: online.shards, rebuild });
      await online.delete(online.shards.map((shard) => readyKey(view, shard)));
    },
    async begin(view) {
      const token = randomUUID();
      const torn = stateOf(view).torn ?? [];
      // What is torn is remembered until it is removed, and the store is another fill's before the registry says so: a
      // process that starts in between goes on with nothing that the store does not take.
      await save(view, { ready: false, token, positions: {}, torn });
      await beginFill(online, view, token);
      await documents.adoptions.begin({ view: view.name, version: view.version, token });
      await clearView(online, view, { shards: torn, fence: fillFence(view, token) });
      await save(view, {});
      return token;
    },
    async finish(view, token, positions) {
      // A shard that was lost has refused what came since, and is never this fill's again: those that are, are whole.
      const [foreign] = await foreignShards(online, [{ ...view, token }]);
      if (foreign!.length > 0) throw lostMeanwhile(view);
      await markReady(online, view, token);
      await save(view, { ready: true, token, positions: Object.fromEntries(positions) });
    },
    // The markers stay as they are: one that is missing now was lost with what it vouched for.
    advance: (view, positions) => save(view, { positions: Object.fromEntries(positions) }),
  };
}

function idOf(view: CompiledView): string {
  return `${view.name}@${view.version}`;
}

function newState({ name, version, hash }: CompiledView): ViewState {
  return { view: name, version, hash, ready: false, token: null, positions: {}, changedAt: '' };
}
