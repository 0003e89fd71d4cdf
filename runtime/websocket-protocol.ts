import { randomUUID } from 'node:crypto';
import type { ExecutionArgs, GraphQLError } from 'graphql';
import { type Context, makeServer, type Server } from 'graphql-ws';
import { AsofError } from '../core/errors/asof-error.ts';
import type { Credentials } from './access/authenticator.ts';
import { type Principal, toldPrincipalHeader } from './access/principal.ts';
import type { CheckedDocument } from './documents.ts';
import { type Graph, type GraphResult, type GraphResultStream, type GraphSource, isStream } from './graph.ts';
import { type PublicErrors, toGraphQLError } from './graphql-errors.ts';
import type { Admit } from './http-host.ts';
import type { GraphLimits } from './limits.ts';
import type { RunOperation } from './operations.ts';
import { sharedText } from './result-text.ts';
import { asGenerator } from './streams.ts';
import type { TrustedDocuments } from './trusted-documents.ts';

/** What is known of one WebSocket. */
export interface SocketExtra {
  /** Operations that may be open: never fewer than are. */
  opened: number;
  readonly signal: AbortSignal;
  readonly admit: Admit;
  readonly refuse: (error: unknown) => void;
  /** Says that the message which is being received is answered, or subscribes; for as long as it is received. */
  answered: () => void;
  /** Sends a message, in two parts; resolves when the client may be sent more, null = at once. */
  readonly send: (start: string, rest: string) => Promise<void> | null;
  /** What the protocol knows of the socket; null until it is acknowledged. */
  context: Context<Record<string, unknown>, SocketExtra> | null;
  /** Of the upgrade, then what connection_init adds. */
  credentials: Credentials;
}

export interface WebSocketProtocolDeps {
  readonly source: GraphSource;
  readonly run: RunOperation;
  readonly limits: Pick<GraphLimits, 'subscriptionsPerSocket' | 'greetingMillis'>;
  readonly trusted: TrustedDocuments;
  readonly check: (schema: Graph['schema'], text: string) => CheckedDocument;
  readonly publicErrors: PublicErrors;
}

/** graphql-transport-ws over our own execution: who may ask, what, and how much at once. */
export function createWebSocketProtocol(deps: WebSocketProtocolDeps): Server<SocketExtra> {
  const { source, run, limits, trusted, check, publicErrors } = deps;
  const prepared = new WeakMap<ExecutionArgs, () => Promise<GraphResult | GraphResultStream>>();
  const execute = (args: ExecutionArgs) => prepared.get(args)?.() ?? Promise.reject(new Error('not prepared'));
  return makeServer<Record<string, unknown>, SocketExtra>({
    connectionInitWaitTimeout: limits.greetingMillis,
    async onConnect(context) {
      const { connectionParams, extra } = context;
      const authorization = authorizationIn(connectionParams);
      if (extra.credentials.authorization === undefined && authorization !== undefined) {
        extra.credentials = { ...extra.credentials, authorization };
      }
      try {
        await extra.admit(extra.credentials);
        extra.context = context;
        return true;
      } catch (error) {
        extra.refuse(error);
        return false;
      }
    },
    async onSubscribe(context, id, payload) {
      const { operationName, variables, extensions } = payload;
      const { answered } = context.extra;
      if (hasTooMany(context, limits.subscriptionsPerSocket)) return [tooMany(limits.subscriptionsPerSocket)];
      let principal: Principal;
      let query: string;
      try {
        // The protocol has made sure that there is a text.
        query = trusted.textOf(payload) ?? payload.query;
        const told = extensions?.[toldPrincipalHeader];
        const { credentials } = context.extra;
        principal = await context.extra.admit(
          typeof told === 'string' ? { ...credentials, [toldPrincipalHeader]: told } : credentials,
        );
      } catch (error) {
        return [publicErrors(error)];
      }
      const graph: Graph = source.current();
      const checked = check(graph.schema, query);
      if ('errors' in checked) return checked.errors.map(publicErrors);
      const args = {
        schema: graph.schema,
        document: checked.document,
        operationName: operationName ?? null,
        variableValues: variables ?? {},
      };
      const request = {
        document: args.document,
        operationName: args.operationName,
        variables: args.variableValues,
        requestId: randomUUID(),
        principal,
      };
      prepared.set(args, async () => {
        const result = await run(graph, request, { transport: 'ws', onLeave: onAbort(context.extra.signal) });
        if (!isStream(result)) return result;
        answered();
        return delivered(result, id, context.extra.send);
      });
      return args;
    },
    execute,
    subscribe: execute,
    onError: (_context, _id, _payload, errors) => errors.map((error) => publicErrors(error).toJSON()),
  });
}

/**
 * Sends each result by itself, so that one text serves all subscribers; for the protocol it is a stream that gives nothing and
 * ends with the other.
 */
function delivered(results: GraphResultStream, id: string, send: SocketExtra['send']): GraphResultStream {
  const head = `{"id":${JSON.stringify(id)},"type":"next","payload":`;
  let isOver = false;
  // A slow client slows its own source and no other.
  const take = (result: GraphResult) => (isOver ? null : send(head, sharedText(result).message));
  return asGenerator<GraphResult>({
    async next() {
      if (results.handOver === undefined) for await (const result of results) await take(result);
      else await results.handOver(take);
      return { done: true, value: undefined };
    },
    async return() {
      isOver = true;
      await results.return();
      return { done: true, value: undefined };
    },
  });
}

/** Whether the newest operation is one too many. They are counted only when it may be so: a gateway has thousands. */
function hasTooMany({ extra, subscriptions }: Context<Record<string, unknown>, SocketExtra>, limit: number): boolean {
  extra.opened++;
  if (extra.opened > limit) extra.opened = Object.keys(subscriptions).length;
  return extra.opened > limit;
}

function authorizationIn(payload: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const value = payload?.authorization ?? payload?.Authorization;
  return typeof value === 'string' ? value : undefined;
}

function tooMany(limit: number): GraphQLError {
  return toGraphQLError(
    new AsofError('LIMIT_EXCEEDED', 'too many operations on this WebSocket', {
      expected: `at most ${limit} at once`,
      remedy: 'End some, or select more in one operation.',
    }),
  );
}

function onAbort(signal: AbortSignal): (listener: () => void) => () => void {
  return (listener) => {
    if (signal.aborted) listener();
    else signal.addEventListener('abort', listener, { once: true });
    return () => signal.removeEventListener('abort', listener);
  };
}
