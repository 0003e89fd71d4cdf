import { type Client, credentials, Client as GrpcClient, Metadata, type ServiceError } from '@grpc/grpc-js';
import { codecOf } from '../../runtime/grpc/codec.ts';
import type { GrpcMethod } from '../../runtime/grpc/grpc-method.ts';

/** How a call ended that failed. */
export interface CallFailure {
  readonly code: number;
  readonly details: string;
  readonly asofCode: string | undefined;
}

export function openClient(port: number): Client {
  return new GrpcClient(`127.0.0.1:${port}`, credentials.createInsecure());
}

/** One call of a method that has one request and one answer. */
export function call<Request, RequestGiven, Response, ResponseGiven>(
  client: Client,
  method: GrpcMethod<Request, RequestGiven, Response, ResponseGiven>,
  given: RequestGiven,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const { path, requestSerialize, responseDeserialize } = codecOf(method);
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      given,
      metadataOf(headers),
      (error, response) => {
        if (error === null) resolve(response!);
        else reject(failureOf(error));
      },
    );
  });
}

/** All answers to these requests of one two-way call. */
export function callWithAll<Request, RequestGiven, Response, ResponseGiven>(
  client: Client,
  method: GrpcMethod<Request, RequestGiven, Response, ResponseGiven>,
  all: readonly RequestGiven[],
  headers: Readonly<Record<string, string>> = {},
): Promise<Response[]> {
  const { path, requestSerialize, responseDeserialize } = codecOf(method);
  const stream = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadataOf(headers));
  const answers: Response[] = [];
  return new Promise((resolve, reject) => {
    stream.on('data', (answer: Response) => answers.push(answer));
    stream.on('error', (error: ServiceError) => reject(failureOf(error)));
    stream.on('end', () => resolve(answers));
    for (const given of all) stream.write(given);
    stream.end();
  });
}

function metadataOf(headers: Readonly<Record<string, string>>): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  return metadata;
}

function failureOf({ code, details, metadata }: ServiceError): CallFailure {
  return { code, details, asofCode: metadata.get('asof-code')[0]?.toString() };
}
