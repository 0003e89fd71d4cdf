import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RegisteredSubject {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
  readonly schemaType?: 'AVRO' | 'PROTOBUF' | 'JSON';
  readonly schema: string;
  readonly references?: readonly { readonly name: string; readonly subject: string; readonly version: number }[];
}

/** Answers over HTTP as a Confluent-compatible schema registry does, as far as readers ask. */
export async function startSchemaRegistry(subjects: readonly RegisteredSubject[]) {
  const asked: string[] = [];
  let isBroken = false;
  const server = createServer((request, response) => {
    asked.push(`${request.headers.authorization ?? ''} ${request.url}`.trim());
    const found = subjects.find(
      ({ id, subject, version }) =>
        request.url === `/schemas/ids/${id}` || request.url === `/subjects/${subject}/versions/${version}`,
    );
    const status = isBroken ? 500 : found === undefined ? 404 : 200;
    response.writeHead(status, { 'content-type': 'application/vnd.schemaregistry.v1+json' });
    response.end(JSON.stringify(status === 200 ? found : { error_code: 40403, message: 'Schema not found' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    setBroken: (broken: boolean) => {
      isBroken = broken;
    },
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
