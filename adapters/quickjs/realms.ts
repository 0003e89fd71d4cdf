import { AsofError } from '../../core/errors/asof-error.ts';
import type { SystemClock } from '../../core/ports/clocks.ts';
import type { Engine } from './engine.ts';
import { openRealm, type Realm } from './realm.ts';

/** An engine whose memory has grown this far is given up as soon as another one stands ready. */
const wornBytes = 32 * 1024 * 1024;

/** The realm in which all functions run, replaced when one of them has used up its memory. */
export interface Realms {
  /** UNAVAILABLE for the moment that it takes to replace an engine that broke. */
  current(): Realm;
  /** What ran so far has left nothing behind: no garbage, no memory taken. */
  renew(): void;
  /** The engine trapped: nothing in it can be relied on. */
  abandon(): void;
}

/** Another engine is always made ready beforehand, because that cannot be waited for within a call. */
export function createRealms(first: Engine, createEngine: () => Promise<Engine>, clock: SystemClock): Realms {
  let engine: Engine | null = first;
  let realm: Realm | null = openRealm(first, clock);
  let spare: Engine | null = null;
  let isComing = false;
  const orderSpare = (): void => {
    if (spare !== null || isComing) return;
    isComing = true;
    createEngine()
      .then((made) => {
        spare = made;
      })
      // The next order tries again; without a spare one an engine is only replaced later.
      .catch(() => {})
      .finally(() => {
        isComing = false;
      });
  };
  const replace = (): void => {
    realm = null;
    engine = spare;
    spare = null;
    orderSpare();
  };
  const renew = (): void => {
    if (spare !== null) {
      replace();
      return;
    }
    orderSpare();
    try {
      realm?.dispose();
      realm = null;
    } catch {
      replace();
    }
  };
  orderSpare();
  return {
    current() {
      if (engine === null && spare !== null) replace();
      if (engine === null) {
        throw new AsofError('UNAVAILABLE', 'the engine of user functions is being replaced', { remedy: 'Try again.' });
      }
      if (spare !== null && engine.memory.buffer.byteLength > wornBytes) replace();
      realm ??= openRealm(engine, clock);
      return realm;
    },
    renew,
    abandon: replace,
  };
}
