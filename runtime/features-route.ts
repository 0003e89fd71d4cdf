import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type DocumentNode, parse } from 'graphql';
import { Packr } from 'msgpackr';
import { AsofError, type ErrorCode } from '../core/errors/asof-error.ts';
import type { SystemClock } from '../core/ports/clocks.ts';
import type { Principal } from './access/principal.ts';
import type { Admission } from './admission.ts';
import type { FeatureColumns } from './arrow-features.ts';
import { clientDeadline, inTime } from './client-deadline.ts';
import type { DirectResponse, RunDirectly } from './direct-runner.ts';
import { type GraphSource, isStream } from './graph.ts';
import { clientOf } from './graphql-http.ts';
import { httpStatusOf, type Route, readJsonBody, send } from './http-route.ts';
import type { GraphLimits } from './limits.ts';
import type { RunOperation } from './operations.ts';
import { resultText } from './result-text.ts';

interface FeaturesDeps {
  readonly source: GraphSource;
  readonly run: RunOperation;
  readonly runDirectly: RunDirectly;
  readonly admission: Admission;
  /** What is answered instead of a direct answer that fails. */
  readonly failed: (error: unknown) => DirectResponse;
  readonly systemClock: SystemClock;
  readonly limits: Pick<GraphLimits, 'bodyBytes'>;
}

const inputs = ['service', 'version', 'keys', 'request', 'at'] as const;
const columns = [
  ...['service', 'version', 'readAt', 'rows', 'names', 'types', 'values', 'statuses', 'defaulted', 'eventTimes'],
];
const usualColumns = ['service', 'version', 'readAt', 'names', 'values', 'statuses'];

/** Around the columns, in an answer. */
const [before, after] = ['{"data":{"featureVectors":', '}}\n'];

const packr = new Packr({ useRecords: false, variableMapSize: true });
const arrow = 'application/vnd.apache.arrow.stream';
/** Without these there is no table. */
const arrowColumns = ['service', 'version', 'readAt', 'names', 'types', 'values'];
const messagePack = ['application/vnd.msgpack', 'application/msgpack', 'application/x-msgpack'];

/**
 * `POST /v1/features`: what `featureVectors` answers, for clients without GraphQL, as JSON or, where `Accept` names it, as
 * MessagePack or a stream of Arrow. Errors have the status of their code, and stand in `errors` as over GraphQL.
 */
export function featuresRoute({
  source,
  run,
  runDirectly,
  failed,
  systemClock,
  admission,
  limits,
}: FeaturesDeps): Route {
  const documents = new Map<string, DocumentNode>();

  /** One for each choice of columns, so that its plan is known the next time. */
  function documentOf(selected: readonly string[]): DocumentNode {
    const text = `query Features($service: String!, $version: Int, $keys: JSON, $request: JSON, $at: DateTime) {
      featureVectors(service: $service, version: $version, keys: $keys, request: $request, at: $at) { ${selected.join(' ')} }
    }`;
    const document = documents.get(text) ?? parse(text);
    documents.set(text, document);
    return document;
  }

  async function answer(asked: Asked, principal: Principal, response: ServerResponse): Promise<DirectResponse> {
    const graph = source.current();
    if (graph.schema.getQueryType()?.getFields().featureVectors === undefined) throw notHere();
    const { variables } = asked;
    const document = documentOf(asked.selected);
    const directly = graph.direct?.(document, null) ?? null;
    const direct = directly === null ? null : runDirectly(directly, { variables, principal }, 'http');
    const late = clientDeadline(response.req, response, systemClock);
    if (direct !== null) return inTime(direct, late).catch(failed);
    const request = { document, operationName: null, variables, requestId: randomUUID(), principal };
    const result = await run(graph, request, clientOf(response, late));
    if (isStream(result)) throw new Error('a query gave a stream');
    return { body: resultText(result), hasErrors: result.errors !== undefined };
  }

  return {
    path: '/v1/features',
    methods: ['POST'],
    async handle(request, response, { principal }) {
      const leave = admission.enter();
      try {
        const asked = readAsked(await readJsonBody(request, limits.bodyBytes), wantsArrow(request) ? arrowColumns : []);
        await reply(request, response, await answer(asked, principal, response));
      } finally {
        leave();
      }
    },
  };
}

async function reply(
  request: IncomingMessage,
  response: ServerResponse,
  { body, hasErrors }: DirectResponse,
): Promise<void> {
  const text = String(body);
  if (hasErrors) {
    sendErrors(response, text);
    return;
  }
  // Written by us, or passed on from a process of ours, it is always this; another's JSON may be written otherwise.
  const isOurs = text.startsWith(before) && text.endsWith(after);
  const found = isOurs ? text.slice(before.length, -after.length) : vectorsIn(text);
  response.setHeader('cache-control', 'no-store');
  response.setHeader('vary', 'accept');
  if (wantsArrow(request)) {
    // Large, and needed by few.
    const { arrowOf } = await import('./arrow-features.ts');
    send(response, 200, arrow, arrowOf(JSON.parse(found) as FeatureColumns));
  } else if (wantsMessagePack(request)) send(response, 200, messagePack[0]!, packr.pack(JSON.parse(found)));
  else send(response, 200, 'application/json; charset=utf-8', found);
}

function vectorsIn(text: string): string {
  const { data } = JSON.parse(text) as { data: { featureVectors: unknown } };
  return JSON.stringify(data.featureVectors);
}

interface Asked {
  readonly variables: Readonly<Record<string, unknown>>;
  readonly selected: readonly string[];
}

/** @param needed what is selected in any case */
function readAsked(body: unknown, needed: readonly string[]): Asked {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw refused(
      'the body',
      'a JSON object such as {"service": "…", "keys": {…}}, with content-type application/json',
    );
  }
  const { select = usualColumns, ...variables } = body as Record<string, unknown>;
  const unknown = Object.keys(variables).find((name) => !inputs.some((input) => input === name));
  if (unknown !== undefined) throw refused(unknown, `${inputs.join(', ')} or select`, 'an unknown field');
  if (typeof variables.service !== 'string')
    throw refused('service', 'the name of a feature service', variables.service);
  const known = (name: unknown): name is string => columns.some((column) => column === name);
  if (!Array.isArray(select) || select.length === 0 || !select.every(known)) {
    throw refused('select', `a list of some of ${columns.join(', ')}`, select);
  }
  return { variables, selected: columns.filter((name) => select.includes(name) || needed.includes(name)) };
}

function refused(path: string, expected: string, got?: unknown): AsofError {
  const shown = got === undefined ? 'nothing' : JSON.stringify(got).slice(0, 80);
  return new AsofError('BAD_INPUT', 'the features cannot be read as they were asked for', {
    path,
    expected,
    got: shown,
  });
}

function notHere(): AsofError {
  return new AsofError('UNKNOWN_NAME', 'this process has no features to read', {
    remedy: 'Ask the gateway, or an online process.',
  });
}

function wantsMessagePack({ headers }: IncomingMessage): boolean {
  return headers.accept !== undefined && messagePack.some((type) => headers.accept!.includes(type));
}

function wantsArrow({ headers }: IncomingMessage): boolean {
  return headers.accept?.includes(arrow) === true;
}

function sendErrors(response: ServerResponse, text: string): void {
  const { errors } = JSON.parse(text) as { errors: readonly { extensions?: { code?: string } }[] };
  const code = errors[0]?.extensions?.code as ErrorCode | undefined;
  const status = code === undefined ? 500 : (httpStatusOf(code) ?? 400);
  send(response, status, 'application/json; charset=utf-8', `${JSON.stringify({ errors })}\n`);
}
