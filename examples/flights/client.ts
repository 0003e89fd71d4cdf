import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import type { TypedDocumentString } from './generated/graphql.ts';

/** Queries and subscribes with the types that the operations have in the schema. */
export interface FlightsClient extends AsyncDisposable {
  /** Throws with the server's messages when the operation fails. */
  query<Result, Variables>(operation: TypedDocumentString<Result, Variables>, variables: Variables): Promise<Result>;
  /** Results until the caller leaves the loop; reconnects by itself when the connection breaks. */
  subscribe<Result, Variables extends Record<string, unknown>>(
    operation: TypedDocumentString<Result, Variables>,
    variables: Variables,
  ): AsyncIterable<Result>;
}

/** @param url of the door, `http://localhost:4000` */
export function createFlightsClient(url: string): FlightsClient {
  const address = new URL('/graphql', url);
  const socketAddress = new URL(address);
  socketAddress.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  // Node 20 has no WebSocket of its own.
  const socket = createClient({ url: socketAddress.href, webSocketImpl: WebSocket, retryAttempts: 100 });

  return {
    async query(operation, variables) {
      const response = await fetch(address, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
        body: JSON.stringify({ query: operation.toString(), variables }),
      });
      return dataOf(await response.json());
    },
    async *subscribe(operation, variables) {
      for await (const result of socket.iterate({ query: operation.toString(), variables })) yield dataOf(result);
    },
    [Symbol.asyncDispose]: async () => {
      await socket.dispose();
    },
  };
}

/** The schema vouches for the type of `data`; errors are thrown together. */
function dataOf<Result>(result: unknown): Result {
  const { data, errors } = result as {
    readonly data?: Result | null;
    readonly errors?: readonly { readonly message: string }[];
  };
  if (errors !== undefined && errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'));
  if (data === undefined || data === null) throw new Error('The server answered without data.');
  return data;
}
