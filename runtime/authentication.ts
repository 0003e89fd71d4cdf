import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { AsofError } from '../core/errors/asof-error.ts';

/** Who asks; its name is what `appliedBy` and the logs say. */
export interface Principal {
  readonly name: string;
}

/** Says who a request comes from; UNAUTHENTICATED when it does not say so well enough. */
export interface Authenticator {
  authenticate(headers: IncomingHttpHeaders): Promise<Principal>;
}

/** `Authorization: Bearer …` with one of these tokens, each of at least 16 characters. */
export function createTokenAuthenticator(tokens: ReadonlyMap<string, Principal>): Authenticator {
  const known = [...tokens].map(([token, principal]) => {
    if (token.length < 16) {
      throw new AsofError('BAD_INPUT', `the token of '${principal.name}' is too short`, {
        expected: 'at least 16 characters',
        got: `${token.length}`,
      });
    }
    return { digest: digest(token), principal };
  });
  return {
    async authenticate(headers) {
      const given = digest(/^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1] ?? '');
      const match = known.find((candidate) => timingSafeEqual(candidate.digest, given));
      if (match !== undefined) return match.principal;
      throw new AsofError('UNAUTHENTICATED', 'no valid token', {
        expected: 'the header Authorization: Bearer <token>',
        remedy: 'Ask the operators of this store for a token.',
      });
    },
  };
}

/** Anyone, for a door that only this machine can reach. */
export const localAuthenticator: Authenticator = { authenticate: async () => ({ name: 'local' }) };

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
