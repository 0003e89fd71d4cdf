import { type DocumentNode, type GraphQLFormattedError, getOperationAST, print } from 'graphql';
import type { SystemClock } from '../core/ports/clocks.ts';
import { createDeadline } from '../core/time/deadline.ts';
import { tellPrincipal, toldPrincipalHeader } from '../runtime/access/principal.ts';
import { rememberedByDocument } from '../runtime/documents.ts';
import type { DirectAnswer, Graph, GraphRequest, GraphResult } from '../runtime/graph.ts';
import { fromFormatted } from '../runtime/graphql-errors.ts';
import { outcomeHeader } from '../runtime/outcome-header.ts';
import type { SubgraphAddress } from './subgraph.ts';
import { type Asking, type HttpAnswer, type SubgraphHttp, unavailable } from './subgraph-http.ts';

/** Queries and mutations of a subgraph in another process, by POST. */
export interface RemoteQueries {
  execute(request: GraphRequest): Promise<GraphResult>;
  /** An answer without errors is passed on as it came; only where queries have a deadline. */
  readonly direct: NonNullable<Graph['direct']>;
  close(): void;
}

interface RemoteResult {
  readonly data?: Record<string, unknown> | null | undefined;
  readonly errors?: readonly GraphQLFormattedError[] | undefined;
}

/** While a subgraph is silent, how much of the time others wait for it. */
const silentShare = 0.1;

export function createRemoteQueries(deps: {
  readonly address: SubgraphAddress;
  readonly http: SubgraphHttp;
  readonly systemClock: SystemClock;
}): RemoteQueries {
  const { http, systemClock } = deps;
  const { name, queryMillis } = deps.address;
  const deadlines =
    queryMillis === undefined
      ? null
      : {
          answering: { millis: queryMillis, ...createDeadline(systemClock, queryMillis) },
          silent: { millis: queryMillis * silentShare, ...createDeadline(systemClock, queryMillis * silentShare) },
        };
  /** Whether the last query went unanswered: others do not wait as long for the same. */
  let isSilent = false;

  async function inTime(asking: Asking): Promise<HttpAnswer> {
    const { answer } = asking;
    if (deadlines === null) return answer;
    const { millis, within } = isSilent ? deadlines.silent : deadlines.answering;
    const isInTime = await within(answer);
    isSilent = !isInTime;
    if (isInTime) return answer;
    const late = unavailable(name, `no answer within ${millis} ms`);
    asking.abort(late);
    throw late;
  }

  function post(body: string, { principal, signal, isRepeatable }: Posting): Asking {
    const headers = { ...jsonHeaders, [toldPrincipalHeader]: tellPrincipal(principal) };
    return http.ask({ method: 'POST', path: '/graphql', headers, body, isRepeatable }, signal);
  }

  function resultOf({ status, body }: HttpAnswer): GraphResult {
    // What is wrong with our own token is no business of who asks us.
    if (status === 401 || status === 403) throw unavailable(name, "it refuses the gateway's token");
    const result = parsed(body);
    if (isResult(result)) return asGraphResult(result);
    throw unavailable(name, `status ${status} without a GraphQL result`);
  }

  const query = rememberedByDocument((document, operationName): ((variables: object) => string) => {
    const named = operationName === null ? '' : `,"operationName":${JSON.stringify(operationName)}`;
    const start = `{"query":${JSON.stringify(textOf(document))}${named},"variables":`;
    return (variables) => `${start}${JSON.stringify(variables)}}`;
  });

  return {
    async execute({ document, operationName, variables, principal, signal }) {
      const isQuery = getOperationAST(document, operationName)?.operation === 'query';
      const body = query(document, operationName)(variables);
      const asking = post(body, { principal, signal, isRepeatable: isQuery });
      // Nobody knows what has become of a mutation that was not answered: it may take its time.
      return resultOf(await (isQuery ? inTime(asking) : asking.answer));
    },
    direct: rememberedByDocument((document, operationName) => {
      // Without a deadline of its own it needs the watching that only `execute` has.
      if (deadlines === null || getOperationAST(document, operationName)?.operation !== 'query') return null;
      const bodyOf = query(document, operationName);
      return async ({ variables, principal }): Promise<DirectAnswer> => {
        const answer = await inTime(post(bodyOf(variables), { principal, isRepeatable: true }));
        return answer.headers[outcomeHeader] === 'ok' ? answer.body : resultOf(answer);
      };
    }),
    close() {
      deadlines?.answering.close();
      deadlines?.silent.close();
    },
  };
}

interface Posting {
  readonly principal: GraphRequest['principal'];
  readonly signal?: AbortSignal;
  readonly isRepeatable: boolean;
}

const jsonHeaders = { 'content-type': 'application/json', accept: 'application/json' };

const texts = new WeakMap<DocumentNode, string>();

export function textOf(document: DocumentNode): string {
  const text = texts.get(document) ?? print(document);
  texts.set(document, text);
  return text;
}

/** What another process answered, with errors that are errors again. */
export function asGraphResult({ data, errors }: RemoteResult): GraphResult {
  return { data: data ?? null, ...(errors === undefined ? {} : { errors: errors.map(fromFormatted) }) };
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return null;
  }
}

function isResult(answer: unknown): answer is RemoteResult {
  return typeof answer === 'object' && answer !== null && ('data' in answer || 'errors' in answer);
}
