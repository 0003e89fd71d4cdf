import type { ProtoReader } from './proto-reader.ts';
import type { ProtoWriter } from './proto-writer.ts';

/** One method of a service, as the generated modules declare it: `Given` is what a message may be written from. */
export interface GrpcMethod<Request, RequestGiven, Response, ResponseGiven> {
  readonly path: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  readRequest(input: ProtoReader): Request;
  writeRequest(out: ProtoWriter, given: RequestGiven): void;
  readResponse(input: ProtoReader): Response;
  writeResponse(out: ProtoWriter, given: ResponseGiven): void;
}
