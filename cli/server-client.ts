import { AsofError, type ErrorCode, type ErrorDetails, errorCodes } from '../core/errors/asof-error.ts';

/** The door of a running Asof. */
export interface ServerClient {
  readonly url: string;
  /** The data of one operation; an AsofError with the server's code when it answers with errors. */
  request<Data>(query: string, variables?: Record<string, unknown>): Promise<Data>;
  /** A file by the address that the server gave for it. */
  fetchFile(address: string): Promise<Response>;
}

interface GraphQlAnswer {
  readonly data?: unknown;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions?: { readonly code?: string; readonly [detail: string]: unknown };
  }[];
}

/** What the server said: its message tells the details already, which programs get one by one. */
class ServerError extends AsofError {
  override readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails) {
    super(code, message);
    this.details = details;
  }
}

/** @throws AsofError UNAVAILABLE when nothing answers at `url`. */
export function createServerClient(url: string, token: string | null): ServerClient {
  const authorization = token === null ? {} : { authorization: `Bearer ${token}` };
  return {
    url,
    async fetchFile(address) {
      const place = new URL(address, url);
      // Only who gave us the token is shown it.
      return await fetch(place, { headers: place.origin === new URL(url).origin ? authorization : {} });
    },
    async request<Data>(query: string, variables: Record<string, unknown> = {}): Promise<Data> {
      const answer = await post(url, authorization, { query, variables });
      if (answer.errors !== undefined && answer.errors.length > 0) {
        const { code, ...extensions } = answer.errors[0]!.extensions ?? {};
        const message = answer.errors.map((error) => error.message).join('\n');
        throw new ServerError(codeOf(code), message, answer.errors.length === 1 ? detailsOf(extensions) : {});
      }
      return answer.data as Data;
    },
  };
}

async function post(url: string, authorization: Record<string, string>, body: object): Promise<GraphQlAnswer> {
  let response: Response;
  try {
    response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...authorization },
      body: JSON.stringify(body),
    });
  } catch (cause) {
    throw new AsofError(
      'UNAVAILABLE',
      `no Asof answers at ${url}`,
      { remedy: 'Start one with `npm start` or `asof serve`, or name it with --url or ASOF_URL.' },
      { cause },
    );
  }
  const text = await response.text();
  try {
    return JSON.parse(text) as GraphQlAnswer;
  } catch (cause) {
    throw new AsofError(
      'UNAVAILABLE',
      `${url} did not answer as a GraphQL server`,
      { got: `${response.status} ${text.slice(0, 200)}` },
      { cause },
    );
  }
}

function detailsOf(extensions: { readonly [detail: string]: unknown }): ErrorDetails {
  const texts = ['path', 'expected', 'got', 'remedy'].filter((name) => typeof extensions[name] === 'string');
  return Object.fromEntries(texts.map((name) => [name, extensions[name]]));
}

function codeOf(code: string | undefined): ErrorCode {
  return errorCodes.find((known) => known === code) ?? 'INTERNAL';
}
