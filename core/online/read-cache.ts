import type { CompiledView } from '../definitions/compiled.ts';
import type { CompiledRegistry } from '../definitions/registry-view.ts';
import type { SystemClock } from '../ports/clocks.ts';
import type { LiveBus, LiveMessage } from '../ports/live-bus.ts';
import type { HeldValues, OnlineAnswer, OnlineStore } from '../ports/online-store.ts';
import { parseValue } from '../values/parse.ts';
import { createHotKeys } from './hot-keys.ts';
import { onlineKey } from './keys.ts';
import { createValueCache } from './value-cache.ts';

export interface ReadCacheDeps {
  readonly store: Pick<OnlineStore, 'getMany' | 'shards'>;
  readonly bus: LiveBus;
  readonly registry: () => CompiledRegistry;
  readonly systemClock: Pick<SystemClock, 'nowMillis'>;
  readonly limits: ReadCacheLimits;
}

export interface ReadCacheLimits {
  /** Memory for what is kept, in bytes. */
  readonly bytes: number;
  /** So long a state is kept at most, and never longer than its view may be stale. */
  readonly millis: number;
  /** The views whose states are kept; null = all. */
  readonly views: readonly string[] | null;
  /** Whether only what was asked for before, within ten seconds, is kept: what is read once pushes nothing out. */
  readonly isForHotKeys: boolean;
}

/** States as the store has them, kept in this process for a moment, between a reader and the store. */
export interface ReadCache extends Disposable {
  readonly store: Pick<OnlineStore, 'getMany' | 'shards' | 'held'>;
  /** Keys asked for so far, and how many of them were answered from here. */
  counts(): { readonly asked: number; readonly hits: number };
}

/** Whether a view is complete is told by a marker, which changes when the view is filled anew. */
const markerMillis = 1_000;

interface Fetch {
  readonly answer: Promise<OnlineAnswer>;
  /** Whether an update came meanwhile: what was asked for may be older than it. */
  isOutdated: boolean;
}

/**
 * Reads of the same keys share a fetch and, for a moment, its result; absence is kept, too. What an update on the bus names
 * is forgotten at once, so that no read gives what is older than an update this process has been told of; after a gap
 * everything is. What changes without an update (a fill) is seen when its time is over.
 */
export async function createReadCache({
  store,
  bus,
  registry,
  systemClock,
  limits,
}: ReadCacheDeps): Promise<ReadCache> {
  const kept = createValueCache(limits.bytes);
  const hot = limits.isForHotKeys ? createHotKeys(limits.bytes / 8) : null;
  const fetching = new Map<string, Fetch>();
  let [asked, hits] = [0, 0];

  const forget = (key: string): void => {
    kept.delete(key);
    const fetch = fetching.get(key);
    if (fetch === undefined) return;
    fetch.isOutdated = true;
    fetching.delete(key);
  };
  const forgetAll = (): void => {
    kept.clear();
    for (const key of [...fetching.keys()]) forget(key);
  };
  const subscription = await bus.subscribe(['featureUpdate'], {
    onEvent: ({ message }) => {
      for (const key of keysOf(message, registry(), store.shards)) forget(key);
    },
    onGap: forgetAll,
  });

  function keep(key: string, answer: OnlineAnswer): void {
    if (answer instanceof Error) return;
    const millis = Math.min(limits.millis, millisOf(key, registry(), limits.views));
    const now = systemClock.nowMillis();
    if (millis <= 0 || (key.startsWith(statePrefix) && hot?.ask(key, now) === false)) return;
    kept.set(key, answer, now + millis);
  }

  function fetch(keys: readonly string[]): readonly Promise<OnlineAnswer>[] {
    if (keys.length === 0) return [];
    const answers = store.getMany(keys);
    return keys.map((key, index) => {
      const answer = answers.then((all) => all[index]!);
      const one: Fetch = { answer, isOutdated: false };
      fetching.set(key, one);
      const done = (found: OnlineAnswer | null): void => {
        if (fetching.get(key) === one) fetching.delete(key);
        if (found !== undefined && !one.isOutdated) keep(key, found);
      };
      answer.then(done, () => {
        if (fetching.get(key) === one) fetching.delete(key);
      });
      return answer;
    });
  }

  async function getMany(keys: readonly string[]): Promise<readonly OnlineAnswer[]> {
    asked += keys.length;
    const now = systemClock.nowMillis();
    const answers: (OnlineAnswer | Promise<OnlineAnswer>)[] = new Array(keys.length);
    const missing: number[] = [];
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i]!;
      const value = kept.find(key)?.read(now);
      if (value !== undefined) {
        answers[i] = value;
        hits++;
      } else {
        const under = fetching.get(key);
        if (under === undefined) missing.push(i);
        else answers[i] = under.answer;
      }
    }
    const fetched = fetch(missing.map((i) => keys[i]!));
    for (const [place, i] of missing.entries()) answers[i] = fetched[place]!;
    if (missing.length === 0 && answers.every((answer) => !(answer instanceof Promise))) {
      return answers as readonly OnlineAnswer[];
    }
    return Promise.all(answers);
  }

  const held: HeldValues = {
    find: kept.find,
    nowMillis: () => systemClock.nowMillis(),
    countReads(count) {
      asked += count;
      hits += count;
    },
  };

  return {
    store: { shards: store.shards, getMany, held },
    counts: () => ({ asked, hits }),
    [Symbol.dispose]: () => subscription.close(),
  };
}

/** Where the states are that an update changed. */
function keysOf(message: LiveMessage, registry: CompiledRegistry, shards: readonly string[]): string[] {
  if (message.kind !== 'featureUpdate') return [];
  const view = viewOf(registry, message.view, message.version);
  if (view === undefined) return [];
  return message.keys.map((parts) => {
    const key = parts.map((part, index) => parseValue(view.key[index]!.type, part, view.name));
    return onlineKey(view, key, shards);
  });
}

function viewOf(registry: CompiledRegistry, name: string, version: number): CompiledView | undefined {
  const versions = registry.views.get(name) ?? registry.retiredViews.get(name) ?? [];
  return versions.find((one) => one.version === version);
}

const statePrefix = 'f:';
const statePattern = /:([a-z][a-z0-9_]*):(\d+):\{[^{}]*\}$/;

/** How long a state may be stale: its view's freshness, and not at all where the view is not kept; markers a second. */
function millisOf(key: string, registry: CompiledRegistry, views: readonly string[] | null): number {
  if (!key.startsWith(statePrefix)) return markerMillis;
  const [, name = '', version] = statePattern.exec(key) ?? [];
  if (views?.includes(name) === false) return 0;
  return viewOf(registry, name, Number(version))?.freshnessMillis ?? Number.POSITIVE_INFINITY;
}
