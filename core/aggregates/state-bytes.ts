import { AsofError } from '../errors/asof-error.ts';
import { ByteReader } from '../values/byte-reader.ts';
import { ByteWriter } from '../values/byte-writer.ts';

/** Writes states; origins (topics, file names) are written once into a table that stands before them. */
export class StateWriter extends ByteWriter {
  readonly #indexes = new Map<string, number>();

  origin(name: string): void {
    let index = this.#indexes.get(name);
    if (index === undefined) {
      index = this.#indexes.size;
      this.#indexes.set(name, index);
    }
    this.unsigned(index);
  }

  /** The table for `StateReader`, in the order of first use. */
  origins(): readonly string[] {
    return [...this.#indexes.keys()];
  }

  override clear(): void {
    super.clear();
    this.#indexes.clear();
  }
}

export class StateReader extends ByteReader {
  #origins: readonly string[] = [];

  useOrigins(origins: readonly string[]): void {
    this.#origins = origins;
  }

  origin(): string {
    const index = this.unsigned();
    const origin = this.#origins[index];
    if (origin === undefined) throw new AsofError('CORRUPT', `a stored value names origin ${index}, which it lacks`);
    return origin;
  }
}
