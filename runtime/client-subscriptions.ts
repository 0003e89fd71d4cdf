import { AsofError } from '../core/errors/asof-error.ts';
import type { Principal } from './access/principal.ts';

/** How many subscriptions each client has open, over whatever transport. */
export interface ClientSubscriptions {
  /** @returns what tells that it has ended @throws AsofError LIMIT_EXCEEDED for one too many */
  begin(client: Principal): () => void;
}

/** Clients are told apart by their tokens: where none are asked for, whoever reaches the process is one nobody limits. */
export function createClientSubscriptions(most: number): ClientSubscriptions {
  const open = new Map<string, number>();
  return {
    begin({ name }) {
      if (name === null) return () => {};
      const count = open.get(name) ?? 0;
      if (count >= most) {
        throw new AsofError('LIMIT_EXCEEDED', `too many subscriptions of '${name}'`, {
          expected: `at most ${most} at once in one process`,
          remedy: 'End some, select more in one of them, or use several tokens.',
        });
      }
      open.set(name, count + 1);
      let isOpen = true;
      return () => {
        if (!isOpen) return;
        isOpen = false;
        const left = open.get(name)! - 1;
        if (left === 0) open.delete(name);
        else open.set(name, left);
      };
    },
  };
}
