import { meetsNeed } from './access/principal.ts';
import type { AnswerDirectly, DirectAnswer, GraphRequest, GraphResult } from './graph.ts';
import type { Metrics, OperationLabels, Transport } from './metrics.ts';
import { resultText } from './result-text.ts';

/** A whole response. */
export interface DirectResponse {
  /** JSON. */
  readonly body: string | Buffer;
  readonly hasErrors: boolean;
}

/** Runs a query that is answered directly. null = it takes the whole way. */
export type RunDirectly = (
  answer: AnswerDirectly,
  request: Pick<GraphRequest, 'variables' | 'principal'>,
  transport: Transport,
) => Promise<DirectResponse> | null;

/** What `OperationRunner` does for all operations, as far as these need it. */
export function createDirectRunner(deps: {
  readonly metrics: Metrics;
  /** Counts a result, and makes its errors fit to be seen. */
  readonly finish: (result: GraphResult, labels: OperationLabels) => GraphResult;
  readonly failed: (error: unknown) => GraphResult;
}): RunDirectly {
  const { metrics, finish, failed } = deps;
  const countsOf = (transport: Transport) => {
    const labels: OperationLabels = { operation: 'query', transport };
    return { labels, durations: metrics.operationSeconds.of({ operation: 'query', transport }), answered: 0 };
  };
  /** Told to Prometheus when somebody asks: its counters are slow for something this frequent. */
  const counts = { http: countsOf('http'), ws: countsOf('ws') };
  metrics.onExpose(() => {
    for (const counted of [counts.http, counts.ws]) {
      if (counted.answered > 0) metrics.operations.inc({ ...counted.labels, outcome: 'ok' }, counted.answered);
      counted.answered = 0;
    }
  });

  return (answer, request, transport) => {
    if (!meetsNeed(request.principal, 'reader')) return null;
    const counted = counts[transport];
    const startedMillis = performance.now();
    const asResponse = (given: DirectAnswer): DirectResponse => {
      counted.durations.observe((performance.now() - startedMillis) / 1_000);
      if (typeof given === 'string' || Buffer.isBuffer(given)) {
        counted.answered++;
        return { body: given, hasErrors: false };
      }
      return { body: resultText(finish(given, counted.labels)), hasErrors: given.errors !== undefined };
    };
    return answer(request)?.then(asResponse, (error: unknown) => asResponse(failed(error))) ?? null;
  };
}
