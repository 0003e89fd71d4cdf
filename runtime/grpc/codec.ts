import type { GrpcMethod } from './grpc-method.ts';
import { ProtoReader } from './proto-reader.ts';
import { ProtoWriter } from './proto-writer.ts';

/** One for all: a message is written without waiting. */
const shared = new ProtoWriter();

/** A message as bytes. */
export function encoded<Given>(write: (out: ProtoWriter, given: Given) => void, given: Given): Buffer {
  shared.clear();
  write(shared, given);
  return shared.toBytes();
}

/** A `MethodDefinition` of @grpc/grpc-js; a response that is bytes already is sent as it is. */
export function codecOf<Request, RequestGiven, Response, ResponseGiven>(
  method: GrpcMethod<Request, RequestGiven, Response, ResponseGiven>,
) {
  const { path, requestStream, responseStream, readRequest, writeRequest, readResponse, writeResponse } = method;
  return {
    path,
    requestStream,
    responseStream,
    requestSerialize: (given: RequestGiven): Buffer => encoded(writeRequest, given),
    requestDeserialize: (bytes: Buffer): Request => readRequest(new ProtoReader(bytes)),
    responseSerialize: (given: ResponseGiven | Buffer): Buffer =>
      Buffer.isBuffer(given) ? given : encoded(writeResponse, given),
    responseDeserialize: (bytes: Buffer): Response => readResponse(new ProtoReader(bytes)),
  };
}
