import type { CompiledView, ViewReading } from '../../../core/definitions/compiled.ts';
import { keyText } from '../../../core/online/keys.ts';
import { toJson } from '../../../core/values/json.ts';
import { parseValue } from '../../../core/values/parse.ts';
import type { Instant, Value } from '../../../core/values/types.ts';
import { never } from './schedule.ts';

/** A view of one key as a subscriber reads it. */
export interface WatchedView {
  readonly view: CompiledView;
  readonly key: readonly Value[];
  readonly maxAgeMillis: number | null;
}

/** That a watched view of a key reads otherwise than before: one object for all who are told. */
export interface Change {
  readonly watched: WatchedView;
  /** All its features as they were seen to have changed; null once this process has looked at its input since. */
  reading: ViewReading | null;
}

/** What all subscribers to one watched view share. */
export interface Watch extends WatchedView {
  /** What was read last; null before the first time. */
  fingerprint: string | null;
  /** When that was. */
  readAt: Instant;
  /** An update came before the first reading. */
  touched: boolean;
  nextCheckAt: Instant;
  /** Until then (SystemClock) it is not read again, however often it changes. */
  restsUntil: number;
  readonly listeners: Set<(change: Change) => void>;
  /** The reading that later ones are compared with; null before somebody began it. */
  firstRead: Promise<void> | null;
}

/** The watches, found by what changed. */
export interface WatchTable {
  readonly size: number;
  all(): IterableIterator<Watch>;
  /** The shared watch, made when it is new. */
  of(watched: WatchedView): Watch;
  remove(watch: Watch): void;
  /** The watches of these keys (parts as JSON) of one version of a view. */
  affected(view: string, version: number, keys: readonly (readonly unknown[])[]): Watch[];
}

export function createWatchTable(): WatchTable {
  const watches = new Map<string, Watch>();
  const byVersion = new Map<string, Map<string, Set<Watch>>>();
  return {
    get size() {
      return watches.size;
    },
    all: () => watches.values(),
    of(watched) {
      const id = idOf(watched);
      const before = watches.get(id);
      if (before !== undefined) return before;
      const watch: Watch = {
        ...watched,
        fingerprint: null,
        readAt: 0,
        touched: false,
        nextCheckAt: never,
        restsUntil: Number.NEGATIVE_INFINITY,
        listeners: new Set(),
        firstRead: null,
      };
      watches.set(id, watch);
      const keys = getOrAdd(byVersion, versionText(watched.view.name, watched.view.version), () => new Map());
      getOrAdd(keys, keyText(watched.view, watched.key), () => new Set<Watch>()).add(watch);
      return watch;
    },
    remove(watch) {
      watches.delete(idOf(watch));
      const version = versionText(watch.view.name, watch.view.version);
      const keys = byVersion.get(version);
      const same = keys?.get(keyText(watch.view, watch.key));
      same?.delete(watch);
      if (same?.size === 0) keys?.delete(keyText(watch.view, watch.key));
      if (keys?.size === 0) byVersion.delete(version);
    },
    affected(view, version, keys) {
      const watched = byVersion.get(versionText(view, version));
      const first = watched?.values().next().value?.values().next().value;
      if (watched === undefined || first === undefined) return [];
      const { key } = first.view;
      return keys.flatMap((parts) => {
        const values = key.map(({ type, name }, index) => parseValue(type, parts[index], name));
        return [...(watched.get(keyText(first.view, values)) ?? [])];
      });
    },
  };
}

/** Two readings with the same fingerprint look the same to a subscriber. */
export function fingerprintOf(view: CompiledView, reading: ViewReading): string {
  const values = reading.values.map((value, index) => toJson(view.features[index]!.type, value));
  return JSON.stringify([reading.status, reading.eventTime, reading.statuses, values]);
}

function idOf(watched: WatchedView): string {
  const { view, maxAgeMillis } = watched;
  return `${versionText(view.name, view.version)} ${maxAgeMillis} ${keyText(watched.view, watched.key)}`;
}

function versionText(view: string, version: number): string {
  return `${view}@${version}`;
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  const before = map.get(key);
  if (before !== undefined) return before;
  const created = create();
  map.set(key, created);
  return created;
}
