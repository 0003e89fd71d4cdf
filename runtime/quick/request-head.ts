import { toldPrincipalHeader } from '../access/principal.ts';

/** The head of a POST of JSON, of which everything is known that it says. */
export interface RequestHead {
  readonly path: string;
  readonly host: string;
  /** Length of the body in bytes. */
  readonly bodyBytes: number;
  readonly accept: string | undefined;
  readonly authorization: string | undefined;
  /** For whom a gateway asks. */
  readonly told: string | undefined;
}

const requestLine = /^POST (\/[a-z0-9/]*) HTTP\/1\.1$/;
/** Only what is written in one way: no folding, no empty value, no byte outside of printable ASCII. */
const headerLine = /^([a-z0-9-]+): ?([\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)$/i;

/** What may be said of each header that counts here. */
const readable: Readonly<Record<string, RegExp>> = {
  host: /^[a-z0-9.:[\]-]+$/i,
  'content-length': /^[1-9]\d{0,6}$/,
  'content-type': /^application\/json(; ?charset=utf-8)?$/i,
  connection: /^keep-alive$/i,
  accept: /^/,
  authorization: /^/,
  [toldPrincipalHeader]: /^/,
};

/** Headers that clients and proxies add, and nobody here looks at. */
const idle = [
  ...['user-agent', 'accept-encoding', 'accept-language', 'cache-control', 'pragma', 'priority'],
  ...['sec-fetch-mode', 'sec-fetch-site', 'sec-fetch-dest'],
  ...['x-request-id', 'traceparent', 'tracestate'],
  ...['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'x-forwarded-port', 'x-real-ip'],
  ...['apollographql-client-name', 'apollographql-client-version', 'x-apollo-operation-name'],
];

const known: ReadonlyMap<string, RegExp> = new Map([
  ...Object.entries(readable),
  ...idle.map((name): [string, RegExp] => [name, /^/]),
]);

/**
 * Reads a head up to its empty line. null = something else than a plain POST of JSON, or plain but for one word: Node's
 * own parser has to look at it.
 */
export function readRequestHead(text: string): RequestHead | null {
  const [first = '', ...lines] = text.split('\r\n');
  const path = requestLine.exec(first)?.[1];
  if (path === undefined) return null;
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, given = '', value = ''] = headerLine.exec(line) ?? [];
    const name = given.toLowerCase();
    if (headers.has(name) || known.get(name)?.test(value) !== true) return null;
    headers.set(name, value);
  }
  const [host, bodyBytes] = [headers.get('host'), headers.get('content-length')];
  if (host === undefined || bodyBytes === undefined || !headers.has('content-type')) return null;
  return {
    path,
    host,
    bodyBytes: Number(bodyBytes),
    accept: headers.get('accept'),
    authorization: headers.get('authorization'),
    told: headers.get(toldPrincipalHeader),
  };
}
