import type { ServiceDefinition } from '@grpc/grpc-js';
import { AsofError } from '../../core/errors/asof-error.ts';
import type { Principal } from '../access/principal.ts';
import { codecOf } from './codec.ts';
import type { GrpcMethod } from './grpc-method.ts';
import type { VisibleFailure } from './grpc-status.ts';

/** What answers one message; bytes are sent as they are. */
export type GrpcHandler<Request, ResponseGiven> = (
  request: Request,
  principal: Principal,
) => Promise<ResponseGiven | Buffer>;

/** A method with what answers it: of a stream each message, in turn. */
export interface GrpcRoute {
  readonly path: string;
  readonly isStream: boolean;
  readonly codec: ServiceDefinition[string];
  handle(request: unknown, principal: Principal): Promise<unknown>;
  /** Of a stream: what is answered instead of a message that cannot be; absent = the call ends. */
  failed?(failure: VisibleFailure): unknown;
}

export function grpcRoute<Request, RequestGiven, Response, ResponseGiven>(
  method: GrpcMethod<Request, RequestGiven, Response, ResponseGiven>,
  handle: GrpcHandler<Request, ResponseGiven>,
  failed?: (failure: VisibleFailure) => ResponseGiven,
): GrpcRoute {
  const codec = codecOf(method);
  return {
    path: method.path,
    isStream: method.requestStream,
    // What cannot be read is refused like everything else; the library would call it an internal error.
    codec: { ...codec, requestDeserialize: (bytes) => readable(() => codec.requestDeserialize(bytes)) },
    handle: (request, principal) =>
      request instanceof AsofError ? Promise.reject(request) : handle(request as Request, principal),
    ...(failed && { failed }),
  };
}

function readable<Request>(read: () => Request): Request | AsofError {
  try {
    return read();
  } catch (error) {
    if (error instanceof AsofError) return error;
    throw error;
  }
}
