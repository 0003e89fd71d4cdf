import type { IncomingMessage, ServerResponse } from 'node:http';
import { AsofError, type ErrorCode } from '../core/errors/asof-error.ts';
import type { Need, Principal } from './access/principal.ts';
import type { QuickResponse } from './quick/quick-connections.ts';

interface Place {
  /** Exact, or a prefix when it ends in `/` (but not `/` itself). */
  readonly path: string;
  readonly methods: readonly string[];
  /** Whether it answers this request of its path and method; absent = each. The first route that does is taken. */
  readonly isFor?: (request: IncomingMessage) => boolean;
}

/** Answers without a token: what load balancers ask, and pages that hold nothing of the store. */
export interface OpenRoute extends Place {
  readonly isOpen: true;
  handle(request: IncomingMessage, response: ServerResponse, ask: { readonly url: URL }): Promise<void>;
}

/** A POST of JSON. */
export interface QuickPost {
  readonly accept: string | undefined;
  /** Whether a gateway says for whom it asks. */
  readonly isTold: boolean;
  readonly text: string;
}

export interface GuardedRoute extends Place {
  readonly isOpen?: false;
  /** Absent = what the host needs. */
  readonly needs?: Need;
  /**
   * Answers what most requests are, as `handle` does and for less; null = it has to be handled, and nothing has happened yet.
   *
   * @throws AsofError UNAVAILABLE where `handle` does
   */
  quick?(post: QuickPost, principal: Principal): Promise<QuickResponse> | null;
  handle(
    request: IncomingMessage,
    response: ServerResponse,
    ask: { readonly url: URL; readonly principal: Principal },
  ): Promise<void>;
}

/**
 * One place of the HTTP surface. An AsofError thrown before the first byte of an answer becomes a JSON error with a
 * fitting status.
 */
export type Route = OpenRoute | GuardedRoute;

const statuses: Readonly<Record<ErrorCode, number>> = {
  BAD_DEFINITION: 400,
  BAD_INPUT: 400,
  BAD_RECORD: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  UNKNOWN_NAME: 404,
  CONFLICT: 409,
  LIMIT_EXCEEDED: 413,
  CANCELLED: 499,
  CORRUPT: 500,
  INTERNAL: 500,
  LOCKED: 503,
  NOT_READY: 503,
  UNAVAILABLE: 503,
};

export function httpStatusOf(code: ErrorCode): number {
  return statuses[code];
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  send(response, status, 'application/json; charset=utf-8', `${JSON.stringify(body)}\n`);
}

export function send(response: ServerResponse, status: number, contentType: string, body: string | Buffer): void {
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    'x-content-type-options': 'nosniff',
  });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

/** A body that costs little to read to its end. */
const shortBodyBytes = 64 * 1_024;

/** Whether the next request of this connection can be read: Node reads what is left of this one, and forgets it. */
export function isReadSoon({ complete, headers }: IncomingMessage): boolean {
  const isOfAnyLength = headers['transfer-encoding'] !== undefined;
  return complete || (!isOfAnyLength && Number(headers['content-length'] ?? 0) <= shortBodyBytes);
}

/** The whole body; LIMIT_EXCEEDED as soon as it is longer than `limitBytes`. */
export function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const tooLong = () =>
    new AsofError('LIMIT_EXCEEDED', 'the request body is too long', {
      expected: `at most ${limitBytes} bytes`,
      remedy: 'Send less at once.',
    });
  if (Number(request.headers['content-length'] ?? 0) > limitBytes) return Promise.reject(tooLong());
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const settle = (then: () => void) => {
      request.off('data', onData).off('end', onEnd).off('error', onLeave).off('close', onLeave);
      then();
    };
    const onData = (chunk: Buffer) => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes > limitBytes) settle(() => reject(tooLong()));
    };
    const onEnd = () => settle(() => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    // Nobody is there to be answered, and nothing is wrong here.
    const onLeave = (cause?: Error) =>
      settle(() =>
        reject(new AsofError('CANCELLED', 'the client left before its request was complete', {}, { cause })),
      );
    request.on('data', onData).on('end', onEnd).on('error', onLeave).on('close', onLeave);
  });
}

/** The body as JSON; undefined when it is not declared as JSON. BAD_INPUT when it does not parse. */
export async function readJsonBody(request: IncomingMessage, limitBytes: number): Promise<unknown> {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    throw new AsofError('BAD_INPUT', 'the request body is compressed', {
      expected: 'no content-encoding',
      got: encoding,
    });
  }
  const body = await readBody(request, limitBytes);
  const isJson = /^application\/(json|graphql-response\+json)\b/i.test(request.headers['content-type'] ?? '');
  if (!isJson) return undefined;
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new AsofError('BAD_INPUT', 'the request body is not JSON', {
      expected: 'a JSON object such as {"query": "{ … }"}',
      got: error instanceof Error ? error.message.slice(0, 200) : 'an unreadable text',
    });
  }
}
