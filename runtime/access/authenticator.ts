import { timingSafeEqual } from 'node:crypto';
import { AsofError } from '../../core/errors/asof-error.ts';
import { localPrincipal, type Principal, readToldPrincipal, toldPrincipalHeader } from './principal.ts';
import { digestOf, type KnownToken } from './token-file.ts';

/** What a request shows: the headers of the same names. */
export interface Credentials {
  /** `Bearer <token>` */
  readonly authorization?: string | undefined;
  /** For whom the gateway asks. */
  readonly [toldPrincipalHeader]?: string | string[] | undefined;
}

export interface Authenticator {
  /** Who shows these; rejects with UNAUTHENTICATED when they do not say so well enough. */
  authenticate(credentials: Credentials): Promise<Principal>;
  /** Calls back whenever other tokens are good than before; returns the stop. */
  onChange(listener: () => void): () => void;
}

/** Who is known now. */
export interface KnownTokens {
  readonly clients: readonly KnownToken[];
  /** Digests of the tokens that the gateway shows to subgraphs; empty = no gateway is known. */
  readonly gateway: readonly Buffer[];
}

/** Bearer tokens; `replace` takes over others while it serves. */
export interface TokenAuthenticator extends Authenticator {
  replace(tokens: Partial<KnownTokens>): void;
}

/** Every token is compared in a time that tells nothing of it. */
export function createTokenAuthenticator(tokens: Partial<KnownTokens>): TokenAuthenticator {
  let known: KnownTokens = { clients: [], gateway: [], ...tokens };
  const listeners = new Set<() => void>();
  return {
    async authenticate(credentials) {
      const token = /^Bearer +(\S+) *$/i.exec(credentials.authorization ?? '')?.[1];
      if (token === undefined) throw unauthenticated(credentials.authorization === undefined ? 'no token' : 'another');
      const given = digestOf(token);
      const isGateway = known.gateway.filter((digest) => timingSafeEqual(digest, given)).length > 0;
      const [client] = known.clients.filter(({ digest }) => timingSafeEqual(digest, given));
      if (isGateway) return toldPrincipal(credentials) ?? { name: 'gateway', role: 'reader', isGateway };
      if (client !== undefined) return { name: client.name, role: client.role, isGateway };
      throw unauthenticated('a token that is not known');
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    replace(others) {
      known = { ...known, ...others };
      for (const listener of [...listeners]) listener();
    },
  };
}

/** Anyone may do anything, for a door that only this machine can reach; a gateway's word is taken. */
export const localAuthenticator: Authenticator = {
  authenticate: async (credentials) => toldPrincipal(credentials) ?? localPrincipal,
  onChange: () => () => {},
};

function toldPrincipal({ [toldPrincipalHeader]: told }: Credentials): Principal | null {
  return told === undefined ? null : readToldPrincipal(String(told));
}

function unauthenticated(got: string): AsofError {
  return new AsofError('UNAUTHENTICATED', 'no valid token', {
    expected: 'Authorization: Bearer <token>, as a header or, over WebSocket, in the payload of connection_init',
    got,
    remedy: 'Ask the operators of this store for a token; the `asof` command takes it from ASOF_TOKEN.',
  });
}
