import { randomUUID } from 'node:crypto';
import { localPrincipal, type Principal } from './access/principal.ts';

/** Names one per-request object, usually a DataLoader; two keys are never equal. */
export interface LoaderKey<T> {
  readonly name: string;
  /** Only carries the type; never called. */
  readonly typed?: (value: T) => void;
}

/** Objects that live as long as one execution and are shared by its resolvers. */
export interface RequestLoaders {
  /** The object under `key`; `create` makes it the first time. */
  of<T>(key: LoaderKey<T>, create: () => T): T;
}

/**
 * What resolvers of every subgraph receive. It is fresh for every execution, and for a subscription fresh for every
 * event: a cache that lived as long as a subscription would return its first event's values for ever.
 */
export interface RequestContext {
  /** The door's id of the request, the same in all subgraphs; in logs and in masked errors. */
  readonly requestId: string;
  readonly principal: Principal;
  readonly loaders: RequestLoaders;
  /** Aborts when the client leaves or the time limit passes. */
  readonly signal: AbortSignal;
}

export function loaderKey<T>(name: string): LoaderKey<T> {
  return Object.freeze({ name });
}

export function createRequestContext(
  request: { requestId?: string; principal?: Principal; signal?: AbortSignal } = {},
): RequestContext {
  return {
    requestId: request.requestId ?? randomUUID(),
    principal: request.principal ?? localPrincipal,
    loaders: createRequestLoaders(),
    signal: request.signal ?? new AbortController().signal,
  };
}

function createRequestLoaders(): RequestLoaders {
  const held = new Map<object, unknown>();
  return {
    of<T>(key: LoaderKey<T>, create: () => T): T {
      if (!held.has(key)) held.set(key, create());
      return held.get(key) as T;
    },
  };
}
