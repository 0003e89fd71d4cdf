import { randomUUID } from 'node:crypto';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { AsofError, errorCodes } from '../core/errors/asof-error.ts';
import { withoutStack } from '../core/errors/without-stack.ts';
import type { Logger } from './logging.ts';

/** What a client may see of a failure: an AsofError's own words, GraphQL's own complaints, else a masked INTERNAL. */
export type PublicErrors = (error: unknown) => GraphQLError;

/** Codes of the GraphQL machinery itself; ours are `errorCodes`. */
const protocolCodes = [
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  'BAD_REQUEST',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
];
const publicCodes: ReadonlySet<unknown> = new Set([...errorCodes, ...protocolCodes]);

/**
 * Makes the one formatter of a process; both transports use it. It never throws, and showing an error twice changes
 * nothing. `extensions` are {code, path, expected, got, remedy} of the AsofError; what is not expected is logged
 * under an id and shown as INTERNAL with that id alone.
 */
export function createPublicErrors(logger: Logger): PublicErrors {
  const shown = new WeakSet<GraphQLError>();
  return (error) => {
    if (error instanceof GraphQLError && shown.has(error)) return error;
    const visible = withoutStack(() => expose(error) ?? mask(error, logger));
    shown.add(visible);
    return visible;
  };
}

/** The error for a failure outside of any operation: a request that was refused at the door. */
export function toGraphQLError(error: AsofError): GraphQLError {
  return new GraphQLError(error.message, { originalError: error, extensions: extensionsOf(error) });
}

/** A formatted error from another process, as an error again. */
export function fromFormatted(formatted: GraphQLFormattedError): GraphQLError {
  return new GraphQLError(String(formatted.message), {
    ...(formatted.path === undefined ? {} : { path: formatted.path }),
    extensions: formatted.extensions ?? {},
  });
}

function expose(error: unknown): GraphQLError | null {
  const chain = originsOf(error);
  const origin = chain.at(-1);
  const place = error instanceof GraphQLError ? placeOf(error) : {};
  if (origin instanceof AsofError && origin.code !== 'INTERNAL') {
    return new GraphQLError(origin.message, { ...place, extensions: extensionsOf(origin) });
  }
  if (!(error instanceof GraphQLError)) return null;
  // Apollo wraps what a validation rule says in a code of its own; the innermost known code is the telling one.
  const telling = chain.findLast((inner) => inner instanceof GraphQLError && publicCodes.has(inner.extensions.code));
  if (telling instanceof GraphQLError) {
    const { stacktrace: _, http: __, ...extensions } = telling.extensions;
    return new GraphQLError(error.message, { ...place, extensions });
  }
  // GraphQL's own complaint about a request wraps no other kind of error; a resolver's failure does, or stands at a path.
  const isOwn = chain.every((inner) => inner instanceof GraphQLError && inner.extensions.code === undefined);
  if (isOwn && (origin === error || error.path === undefined)) {
    return new GraphQLError(error.message, { ...place, extensions: { code: 'BAD_USER_INPUT' } });
  }
  return null;
}

function mask(error: unknown, logger: Logger): GraphQLError {
  const errorId = randomUUID();
  logger.error({ err: originsOf(error).at(-1), errorId }, 'unexpected failure, masked for the client');
  return new GraphQLError(`Internal error ${errorId}. The server's log has its cause under this id.`, {
    ...(error instanceof GraphQLError ? placeOf(error) : {}),
    extensions: { code: 'INTERNAL', errorId },
  });
}

/** The error and what it wraps, outermost first. */
function originsOf(error: unknown): unknown[] {
  const chain = [error];
  for (let inner = error; inner instanceof GraphQLError && inner.originalError !== undefined && chain.length < 10; ) {
    inner = inner.originalError;
    chain.push(inner);
  }
  return chain;
}

/** Where in the operation; its positions stay, its source text does not. */
function placeOf(error: GraphQLError) {
  return {
    ...(error.path === undefined ? {} : { path: error.path }),
    ...(error.nodes === undefined ? {} : { nodes: error.nodes }),
    ...(error.source === undefined ? {} : { source: error.source }),
    ...(error.positions === undefined ? {} : { positions: error.positions }),
  };
}

function extensionsOf(error: AsofError): Record<string, unknown> {
  return { code: error.code, ...error.details };
}
