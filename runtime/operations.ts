import { GraphQLError, getOperationAST } from 'graphql';
import { AsofError } from '../core/errors/asof-error.ts';
import type { SystemClock } from '../core/ports/clocks.ts';
import { createDeadline } from '../core/time/deadline.ts';
import { authorizeOperation, type MutationRoles } from './access/operation-access.ts';
import { createClientSubscriptions } from './client-subscriptions.ts';
import { createDirectRunner, type RunDirectly } from './direct-runner.ts';
import type { Graph, GraphRequest, GraphResult, GraphResultStream } from './graph.ts';
import { isStream } from './graph.ts';
import type { PublicErrors } from './graphql-errors.ts';
import { type GraphLimits, isDeeperThan } from './limits.ts';
import type { Metrics, OperationLabels, Transport } from './metrics.ts';
import { asGenerator, type Take } from './streams.ts';

type Answer = GraphResult | GraphResultStream;

/** Who waits for an answer. */
export interface OperationClient {
  readonly transport: Transport;
  /** Calls back when the client leaves, at once when it has left, and may say why; returns the stop. */
  onLeave(listener: (reason?: AsofError) => void): () => void;
}

export type RunOperation = (
  graph: Graph,
  request: Omit<GraphRequest, 'signal'>,
  client: OperationClient,
) => Promise<GraphResult | GraphResultStream>;

/**
 * The one way an operation is executed, whatever the transport: roles, limits, metrics and the masking of errors are here
 * and nowhere else, since Apollo's plugins never see what comes over a WebSocket.
 */
export interface OperationRunner {
  readonly run: RunOperation;
  readonly runDirectly: RunDirectly;
  /** Watches no more whether operations take too long. */
  close(): void;
}

export function createOperationRunner(deps: {
  readonly limits: GraphLimits;
  readonly metrics: Metrics;
  readonly publicErrors: PublicErrors;
  readonly systemClock: SystemClock;
  readonly mutationRoles: MutationRoles;
}): OperationRunner {
  const { limits, metrics, publicErrors, mutationRoles } = deps;
  const deadline = createDeadline(deps.systemClock, limits.operationMillis);
  const successesOf = countSuccesses(metrics);
  const ofClients = createClientSubscriptions(limits.subscriptionsPerClient);
  const finish = (result: GraphResult, labels: OperationLabels, successes = successesOf(labels)): GraphResult => {
    const errors = result.errors ?? [];
    if (errors.length === 0) successes.count++;
    else metrics.operations.inc({ ...labels, outcome: 'error' });
    return errors.length > 0 ? { ...result, data: result.data ?? null, errors: errors.map(publicErrors) } : result;
  };
  const failed = (error: unknown): GraphResult => ({ data: null, errors: [publicErrors(error)] });

  const run: RunOperation = async (graph, request, { transport, onLeave }) => {
    const chosen = getOperationAST(request.document, request.operationName);
    const operation = chosen?.operation ?? 'query';
    const left = new AbortController();
    const stop = (reason = new AsofError('CANCELLED', 'the client left')) => left.abort(reason);
    const forget = onLeave(stop);

    const labels = { operation, transport };
    const observe = metrics.operationSeconds.of(labels).startTimer();
    let leave = (): void => {};
    try {
      if (chosen === null || chosen === undefined) throw noOperation(request.operationName);
      authorizeOperation(request.principal, { document: request.document, operation: chosen }, mutationRoles);
      if (isDeeperThan(limits.variableDepth, request.variables)) throw tooDeep(limits.variableDepth);
      if (operation === 'subscription') leave = ofClients.begin(request.principal);
      const answer = await within(graph.execute({ ...request, signal: left.signal }), left);
      if (!isStream(answer)) {
        observe();
        forget();
        leave();
        return finish(answer, labels);
      }
      metrics.subscriptionsOpen.inc();
      return told(answer, labels, () => {
        forget();
        leave();
        stop();
        metrics.subscriptionsOpen.dec();
      });
    } catch (error) {
      observe();
      forget();
      leave();
      return finish(failed(error), labels);
    }
  };

  /** What subscribers are told. A source that fails ends with one last result that says why, instead of a broken iterator. */
  function told(source: GraphResultStream, labels: OperationLabels, onEnd: () => void): GraphResultStream {
    let state: 'open' | 'failed' | 'over' = 'open';
    const successes = successesOf(labels);
    const end = async (): Promise<IteratorResult<GraphResult, void>> => {
      if (state !== 'over') {
        state = 'over';
        onEnd();
        await source.return();
      }
      return { done: true, value: undefined };
    };
    const handOver = async (take: Take<GraphResult>): Promise<void> => {
      try {
        await source.handOver?.((result) => take(finish(result, labels, successes)));
      } catch (error) {
        if (state === 'open') await take(finish(failed(error), labels));
      } finally {
        await end();
      }
    };
    return asGenerator<GraphResult>({
      ...(source.handOver === undefined ? {} : { handOver }),
      async next() {
        if (state !== 'open') return await end();
        try {
          const step = await source.next();
          return step.done === true ? await end() : { done: false, value: finish(step.value, labels) };
        } catch (error) {
          state = 'failed';
          return { done: false, value: finish(failed(error), labels) };
        }
      },
      return: end,
    });
  }

  /** Answers UNAVAILABLE when the time is over, and tells the work to stop. */
  function within(work: Promise<Answer>, left: AbortController): Promise<Answer> {
    return new Promise((resolve, reject) => {
      let isWaiting = true;
      const giveUp = (): void => {
        if (isWaiting) void work.then(discard, () => {});
        isWaiting = false;
        reject(left.signal.reason);
      };
      if (left.signal.aborted) return giveUp();
      left.signal.addEventListener('abort', giveUp, { once: true });
      const timed = work.then((answer) => {
        isWaiting = false;
        resolve(answer);
      });
      deadline.within(timed).then((isInTime) => {
        if (!isInTime) left.abort(tooLate(limits.operationMillis));
      }, reject);
    });
  }

  const runDirectly = createDirectRunner({ metrics, finish, failed });
  return { run, runDirectly, close: () => deadline.close() };
}

/** Told to Prometheus when somebody asks: its counters are slow for something as frequent as events of subscriptions. */
function countSuccesses(metrics: Metrics): (labels: OperationLabels) => { count: number } {
  const counts = new Map<string, { readonly labels: OperationLabels; count: number }>();
  metrics.onExpose(() => {
    for (const counted of counts.values()) {
      metrics.operations.inc({ ...counted.labels, outcome: 'ok' }, counted.count);
      counted.count = 0;
    }
  });
  return (labels) => {
    const name = `${labels.operation} ${labels.transport}`;
    let counted = counts.get(name);
    if (counted === undefined) {
      counted = { labels, count: 0 };
      counts.set(name, counted);
    }
    return counted;
  };
}

function tooLate(limitMillis: number): AsofError {
  return new AsofError('UNAVAILABLE', 'the operation took too long', {
    expected: `an answer within ${limitMillis} ms`,
    remedy: 'Ask for less at once, or try again later.',
  });
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
