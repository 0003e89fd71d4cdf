import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { getOperationAST } from 'graphql';
import { AsofError } from '../core/errors/asof-error.ts';
import type { SystemClock } from '../core/ports/clocks.ts';
import type { Principal } from './access/principal.ts';
import type { CheckedDocument } from './documents.ts';
import { type Graph, type GraphResult, type GraphResultStream, type GraphSource, isStream } from './graph.ts';
import type { PublicErrors } from './graphql-errors.ts';
import { sendJson } from './http-route.ts';
import type { OperationClient, RunOperation } from './operations.ts';
import { sharedText } from './result-text.ts';

export interface EventsAsk {
  readonly principal: Principal;
  readonly body: Readonly<Record<string, unknown>>;
  /** Whether it came in an address, where nothing may be changed. */
  readonly isReading: boolean;
  readonly client: OperationClient;
}

/** GraphQL over Server-Sent Events, in "distinct connections" mode: one response is one operation. */
export interface GraphqlOverSse {
  /** Answers one operation as events: `next` with each result, then `complete`. */
  handle(response: ServerResponse, ask: EventsAsk): Promise<void>;
  /** Ends all of them; clients connect again, and are admitted anew. */
  close(): void;
}

interface OverSseDeps {
  readonly source: GraphSource;
  readonly run: RunOperation;
  readonly check: (schema: Graph['schema'], text: string) => CheckedDocument;
  readonly publicErrors: PublicErrors;
  readonly systemClock: SystemClock;
  /** So many at once. */
  readonly most: number;
}

/** Proxies close what is silent for long. */
const aliveMillis = 12_000;

export function wantsEvents({ headers: { accept = '' } }: IncomingMessage): boolean {
  return accept.includes('text/event-stream');
}

export function createGraphqlOverSse(deps: OverSseDeps): GraphqlOverSse {
  const { source, run, check, publicErrors, systemClock, most } = deps;
  const open = new Set<AbortController>();

  async function write(
    response: ServerResponse,
    stream: AsyncIterable<GraphResult>,
    ended: AbortSignal,
  ): Promise<void> {
    for await (const result of stream) {
      const isRoomLeft = response.write(`event: next\ndata: ${sharedText(result).text}\n\n`);
      // A slow client slows its own source and no other.
      if (!isRoomLeft && !ended.aborted) await once(response, 'drain', { signal: ended }).catch(() => {});
    }
  }

  async function keepAlive(response: ServerResponse, ended: AbortSignal): Promise<void> {
    try {
      for (;;) {
        await systemClock.sleep(aliveMillis, ended);
        response.write(':\n\n');
      }
    } catch {
      // The stream ended while this slept.
    }
  }

  async function serve(
    response: ServerResponse,
    answer: GraphResult | GraphResultStream,
    client: OperationClient,
  ): Promise<void> {
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // nginx would wait for more.
      'x-accel-buffering': 'no',
    });
    response.write(':\n\n');
    const ended = new AbortController();
    open.add(ended);
    const stream = isStream(answer) ? answer : null;
    const stop = () => void stream?.return();
    ended.signal.addEventListener('abort', stop, { once: true });
    const forget = client.onLeave(() => ended.abort());
    void keepAlive(response, ended.signal);
    try {
      await write(response, stream ?? single(answer as GraphResult), ended.signal);
      // Whoever is cut off here has not been told that it is over, and comes again.
      if (!ended.signal.aborted) response.write('event: complete\ndata: \n\n');
    } finally {
      open.delete(ended);
      forget();
      ended.abort();
      response.end();
    }
  }

  return {
    async handle(response, { principal, body, isReading, client }) {
      if (open.size >= most) {
        throw new AsofError('UNAVAILABLE', 'too many event streams are open here', {
          expected: `at most ${most}`,
          remedy: 'Try again later, or at another process.',
        });
      }
      const { query, operationName = null, variables = null } = body;
      const graph = source.current();
      const checked = check(graph.schema, String(query));
      if ('errors' in checked) {
        sendJson(response, 400, { errors: checked.errors.map((error) => publicErrors(error).toJSON()) });
        return;
      }
      const asked = {
        document: checked.document,
        operationName: operationName === null ? null : String(operationName),
        variables: (variables ?? {}) as Readonly<Record<string, unknown>>,
        requestId: randomUUID(),
        principal,
      };
      const operation = getOperationAST(asked.document, asked.operationName);
      if (isReading && operation?.operation === 'mutation') throw changesByGet();
      await serve(response, await run(graph, asked, client), client);
    },
    close() {
      for (const one of open) one.abort();
    },
  };
}

function changesByGet(): AsofError {
  return new AsofError('BAD_INPUT', 'a mutation in an address', { expected: 'POST', got: 'GET' });
}

async function* single(result: GraphResult): AsyncGenerator<GraphResult> {
  yield result;
}
