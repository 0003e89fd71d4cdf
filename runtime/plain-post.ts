import type { IncomingMessage } from 'node:http';
import type { TrustedDocuments } from './trusted-documents.ts';

/** What most requests are: a document as text in the JSON of a POST. */
export interface PlainPost {
  readonly query: string;
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
  /** How it is answered. */
  readonly contentType: string;
}

const json = 'application/json; charset=utf-8';
const graphqlResponse = 'application/graphql-response+json; charset=utf-8';

/** What common clients accept; what is to be negotiated is not plain. */
const contentTypes: ReadonlyMap<string | undefined, string> = new Map([
  [undefined, json],
  ['*/*', json],
  ['application/json', json],
  ['application/json, */*', json],
  ['application/json, text/plain, */*', json],
  ['application/graphql-response+json', graphqlResponse],
  ['application/graphql-response+json, application/json', graphqlResponse],
  ['application/graphql-response+json,application/json;q=0.9', graphqlResponse],
  ['application/graphql-response+json, application/json;q=0.9', graphqlResponse],
]);

/** The parsed JSON of a POST with the text of the document that it names; as it is when it is something else. */
export function withDocument(body: unknown, documents: TrustedDocuments): unknown {
  if (!isRecord(body)) return body;
  const query = documents.textOf(body);
  if (query === null || !('documentId' in body)) return body;
  const { documentId: _, ...rest } = body;
  return { ...rest, query };
}

/**
 * null = it takes Apollo Server's whole care: other methods, negotiation, extensions, and whatever is refused.
 *
 * @param body the parsed JSON; no page of another origin can send some without being asked about it first
 */
export function readPlainPost(
  { method, headers }: Pick<IncomingMessage, 'method' | 'headers'>,
  body: unknown,
): PlainPost | null {
  const contentType = contentTypes.get(headers.accept);
  if (method !== 'POST' || contentType === undefined || !isRecord(body) || 'extensions' in body) return null;
  const { query, operationName = null, variables = null } = body;
  if (typeof query !== 'string' || (operationName !== null && typeof operationName !== 'string')) return null;
  if (variables !== null && !isRecord(variables)) return null;
  return { query, operationName, variables: variables ?? {}, contentType };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
