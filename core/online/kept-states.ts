import type { CompiledView } from '../definitions/compiled.ts';
import type { HeldValue, HeldValues } from '../ports/online-store.ts';
import type { Instant, Value } from '../values/types.ts';
import { appliedBy, type CellRead, type FindCells, type FoundCells } from './found-cells.ts';
import type { ReadKeys } from './read-keys.ts';

interface Request {
  readonly view: CompiledView;
  readonly key: readonly Value[];
}

/** What a store holds in memory for a reader, found by view and key, without the text that the store knows it by. */
export interface KeptStates {
  /** Per request; undefined = ask the store. */
  find(requests: readonly Request[]): readonly (KeptState | undefined)[];
  /** After the store was asked for the others: what it holds of them from now on. */
  keep(requests: readonly Request[], asked: ReadKeys): void;
}

/** A state as long as it is the stored one, its cells worked out as far as they do not change with time. */
export class KeptState {
  readonly value: Uint8Array | null;
  readonly appliedBy: Instant;
  #cells: CellRead | null = null;
  #find: FindCells | null = null;

  constructor(view: CompiledView, value: Uint8Array | null) {
    this.value = value;
    this.appliedBy = value === null ? Number.NEGATIVE_INFINITY : appliedBy(view, value);
  }

  /** As `cells.find` of its value. */
  find(cells: CellRead, readAt: Instant, maxAgeMillis: number | null): FoundCells {
    if (this.#find === null || this.#cells !== cells) {
      this.#cells = cells;
      this.#find = cells.prepare(this.value);
    }
    return this.#find(readAt, maxAgeMillis);
  }
}

/** What was found of a key once: its value and the marker that vouches for it. */
interface Found {
  readonly value: HeldValue;
  readonly marker: HeldValue;
}

/** Beyond so many keys everything is found anew: of those whose values are gone nobody tells. */
const mostFound = 200_000;

export function createKeptStates(held: HeldValues): KeptStates {
  let found = new WeakMap<CompiledView, Map<Value, Found>>();
  let count = 0;

  function stateOf({ view, key }: Request, now: number): KeptState | undefined {
    if (key.length !== 1) return undefined;
    const one = found.get(view)?.get(key[0]!);
    const value = one?.value.read(now);
    if (one === undefined || value === undefined || !one.marker.read(now)) return undefined;
    one.value.made ??= new KeptState(view, value);
    return one.value.made as KeptState;
  }

  return {
    find(requests) {
      const now = held.nowMillis();
      const states = requests.map((request) => stateOf(request, now));
      let reads = 0;
      for (const state of states) if (state !== undefined) reads++;
      if (reads > 0) held.countReads(reads);
      return states;
    },
    keep(requests, { keys, slots, markers }) {
      requests.forEach(({ view, key }, i) => {
        // A key of one part is one value, which a map finds by itself.
        if (slots[i]! < 0 || key.length !== 1) return;
        const [value, marker] = [held.find(keys[slots[i]!]!), held.find(keys[markers[i]!]!)];
        if (value === undefined || marker === undefined) return;
        if (++count > mostFound) {
          found = new WeakMap();
          count = 1;
        }
        let ofView = found.get(view);
        if (ofView === undefined) {
          ofView = new Map();
          found.set(view, ofView);
        }
        ofView.set(key[0]!, { value, marker });
      });
    },
  };
}
