/** What is held in the order of its age: each stands between those that came before and after it. */
export interface Aged<T> {
  older: T | null;
  newer: T | null;
}

/**
 * A list of its own, rather than the order of a map: to find the first of that, all that was removed since the map last
 * grew is passed over.
 */
export class AgeList<T extends Aged<T>> {
  #oldest: T | null = null;
  #newest: T | null = null;

  get oldest(): T | null {
    return this.#oldest;
  }

  append(entry: T): void {
    entry.older = this.#newest;
    entry.newer = null;
    if (this.#newest === null) this.#oldest = entry;
    else this.#newest.newer = entry;
    this.#newest = entry;
  }

  remove({ older, newer }: T): void {
    if (older === null) this.#oldest = newer;
    else older.newer = newer;
    if (newer === null) this.#newest = older;
    else newer.older = older;
  }
}
