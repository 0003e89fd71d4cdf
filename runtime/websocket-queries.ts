import { CloseCode, type Context } from 'graphql-ws';
import type { Credentials } from './access/authenticator.ts';
import { type Principal, toldPrincipalHeader } from './access/principal.ts';
import type { RunDirectly } from './direct-runner.ts';
import type { CheckedDocument } from './documents.ts';
import type { AnswerDirectly, Graph, GraphSource } from './graph.ts';
import type { SentDocument, TrustedDocuments } from './trusted-documents.ts';

/** Of one WebSocket. */
export interface SocketQueries {
  /** Whether this message is taken care of here; all others are the protocol's. */
  take(text: string): boolean;
}

export interface SocketQueriesDeps {
  readonly source: GraphSource;
  readonly trusted: TrustedDocuments;
  readonly check: (graph: Graph['schema'], text: string) => CheckedDocument;
  readonly runDirectly: RunDirectly;
  /** Beyond so many at once the protocol counts, and refuses. */
  readonly atOnce: number;
}

export interface QueriedSocket {
  /** What the protocol knows of this socket; null = it is not acknowledged. */
  context(): Pick<Context, 'subscriptions'> | null;
  admit(told: Credentials): Promise<Principal>;
  send(text: string): void;
  close(code: number, reason: string): void;
  /** Gives a message to the protocol after all. */
  pass(text: string): void;
  /** A query has come; call what it returns when it is answered, or somebody else's. */
  begin(): () => void;
}

interface SubscribeMessage {
  readonly id: string;
  readonly sent: SentDocument;
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
  /** For whom a gateway asks. */
  readonly told: string | null;
}

/**
 * Queries over a WebSocket that are answered directly, as over HTTP: all that are in flight share reads of the store, and
 * what is answered together is sent together.
 */
export function createSocketQueries(deps: SocketQueriesDeps, socket: QueriedSocket): SocketQueries {
  const { source, trusted, check, runDirectly, atOnce } = deps;
  /** By id, what stands for each that is answered here. */
  const running = new Map<string, object>();

  function answerOf({ sent, operationName }: SubscribeMessage): AnswerDirectly | null {
    const graph = source.current();
    let query: string | null;
    try {
      query = trusted.textOf(sent);
    } catch {
      // The protocol says why.
      return null;
    }
    const checked = query === null ? null : check(graph.schema, query);
    return checked === null || 'errors' in checked ? null : (graph.direct?.(checked.document, operationName) ?? null);
  }

  function subscribe(message: SubscribeMessage, text: string): boolean {
    const context = socket.context();
    if (context === null || message.id in context.subscriptions || running.size >= atOnce) return false;
    if (running.has(message.id)) {
      socket.close(CloseCode.SubscriberAlreadyExists, `Subscriber for ${message.id} already exists`);
      return true;
    }
    const answer = answerOf(message);
    if (answer === null) return false;
    const self = {};
    running.set(message.id, self);
    const answered = socket.begin();
    const isWanted = () => running.get(message.id) === self;
    const end = (then: () => void) => {
      if (!isWanted()) return;
      running.delete(message.id);
      then();
    };
    const respond = async (): Promise<void> => {
      const principal = await socket.admit(message.told === null ? {} : { [toldPrincipalHeader]: message.told });
      const response = await runDirectly(answer, { variables: message.variables, principal }, 'ws');
      end(() => {
        if (response === null) return socket.pass(text);
        const id = JSON.stringify(message.id);
        socket.send(`{"id":${id},"type":"next","payload":${response.body}}`);
        socket.send(`{"id":${id},"type":"complete"}`);
      });
    };
    // Who is not admitted is told so by the protocol.
    const passOn = () => end(() => socket.pass(text));
    respond().catch(passOn).finally(answered);
    return true;
  }

  return {
    take(text) {
      const message = parsed(text);
      if (message === null) return false;
      if (message.type === 'complete') return typeof message.id === 'string' && running.delete(message.id);
      const asked = message.type === 'subscribe' ? readSubscribe(message) : null;
      return asked !== null && subscribe(asked, text);
    },
  };
}

type Json = Readonly<Record<string, unknown>>;

/** null = the message is not plain, or not as the protocol wants it. */
function readSubscribe({ id, payload }: Json): SubscribeMessage | null {
  if (typeof id !== 'string' || id === '' || !isRecord(payload)) return null;
  const { query, documentId, operationName = null, variables = null, extensions = null } = payload;
  if (typeof query !== 'string' || (operationName !== null && typeof operationName !== 'string')) return null;
  if ((variables !== null && !isRecord(variables)) || (extensions !== null && !isRecord(extensions))) return null;
  const told = extensions?.[toldPrincipalHeader];
  return {
    id,
    sent: { query, documentId },
    operationName,
    variables: variables ?? {},
    told: typeof told === 'string' ? told : null,
  };
}

function parsed(text: string): Json | null {
  try {
    const message: unknown = JSON.parse(text);
    return isRecord(message) ? message : null;
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
