import { GraphQLError, getOperationAST } from 'graphql';
import { AsofError } from '../core/errors/asof-error.ts';
import type { SystemClock } from '../core/ports/clocks.ts';
import type { Graph, GraphRequest, GraphResult, GraphResultStream } from './graph.ts';
import { isStream } from './graph.ts';
import type { PublicErrors } from './graphql-errors.ts';
import { type GraphLimits, isDeeperThan } from './limits.ts';
import type { Metrics } from './metrics.ts';
import { mapStream } from './streams.ts';

type Answer = GraphResult | GraphResultStream;

export type Transport = 'http' | 'ws';

/**
 * The one way an operation is executed, whatever the transport: limits, metrics and the masking of errors are here
 * and nowhere else, since Apollo's plugins never see what comes over a WebSocket.
 */
export type RunOperation = (
  graph: Graph,
  request: Omit<GraphRequest, 'signal'>,
  client: { readonly transport: Transport; readonly signal: AbortSignal },
) => Promise<GraphResult | GraphResultStream>;

export function createRunOperation(deps: {
  readonly limits: GraphLimits;
  readonly metrics: Metrics;
  readonly publicErrors: PublicErrors;
  readonly systemClock: SystemClock;
}): RunOperation {
  const { limits, metrics, publicErrors, systemClock } = deps;

  return async (graph, request, { transport, signal }) => {
    const chosen = getOperationAST(request.document, request.operationName);
    const operation = chosen?.operation ?? 'query';
    const left = new AbortController();
    const stop = () => left.abort(new AsofError('CANCELLED', 'the client left'));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    const forget = () => signal.removeEventListener('abort', stop);

    const finish = (result: GraphResult): GraphResult => {
      const errors = result.errors ?? [];
      metrics.operations.inc({ operation, transport, outcome: errors.length > 0 ? 'error' : 'ok' });
      return errors.length > 0 ? { ...result, data: result.data ?? null, errors: errors.map(publicErrors) } : result;
    };
    const failed = (error: unknown): GraphResult => ({ data: null, errors: [publicErrors(error)] });

    const observe = metrics.operationSeconds.startTimer({ operation, transport });
    try {
      if (chosen === null || chosen === undefined) throw noOperation(request.operationName);
      if (isDeeperThan(limits.variableDepth, request.variables)) throw tooDeep(limits.variableDepth);
      const answer = await within(graph.execute({ ...request, signal: left.signal }), left);
      if (!isStream(answer)) {
        observe();
        forget();
        return finish(answer);
      }
      metrics.subscriptionsOpen.inc();
      return mapStream(guarded(answer, failed), finish, () => {
        forget();
        stop();
        metrics.subscriptionsOpen.dec();
      });
    } catch (error) {
      observe();
      forget();
      return finish(failed(error));
    }
  };

  /** Answers UNAVAILABLE when the time is over, and tells the work to stop. */
  async function within(work: Promise<Answer>, left: AbortController): Promise<Answer> {
    const done = new AbortController();
    const late = systemClock.sleep(limits.operationMillis, done.signal).then(
      () => {
        const error = new AsofError('UNAVAILABLE', 'the operation took too long', {
          expected: `an answer within ${limits.operationMillis} ms`,
          remedy: 'Ask for less at once, or try again later.',
        });
        left.abort(error);
        throw error;
      },
      () => new Promise<never>(() => {}),
    );
    try {
      return await Promise.race([work, late, aborted(left.signal, done.signal)]);
    } catch (error) {
      void work.then(discard, () => {});
      throw error;
    } finally {
      done.abort();
    }
  }
}

function noOperation(name: string | null): GraphQLError {
  const message =
    name === null
      ? 'the document holds several operations; expected `operationName` to choose one'
      : `the document has no operation '${name.slice(0, 100)}'`;
  return new GraphQLError(message, { extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } });
}

function tooDeep(limit: number): AsofError {
  return new AsofError('LIMIT_EXCEEDED', 'the variables are nested too deeply', {
    path: 'variables',
    expected: `at most ${limit} lists and objects within one another`,
  });
}

/** A subscription that started too late has nobody to read it. */
async function discard(answer: Answer): Promise<void> {
  if (isStream(answer)) await answer.return();
}

function aborted(signal: AbortSignal, unless: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true, signal: unless });
  });
}

/** A source that fails ends with one last result that says why, instead of a broken iterator. */
function guarded(source: GraphResultStream, asResult: (error: unknown) => GraphResult): AsyncIterator<GraphResult> {
  let failed = false;
  return {
    async next() {
      if (failed) return { done: true, value: undefined };
      try {
        return await source.next();
      } catch (error) {
        failed = true;
        return { done: false, value: asResult(error) };
      }
    },
    async return() {
      await source.return();
      return { done: true, value: undefined };
    },
  };
}
