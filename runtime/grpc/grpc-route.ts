import type { ServiceDefinition } from '@grpc/grpc-js';
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
  return {
    path: method.path,
    isStream: method.requestStream,
    codec: codecOf(method),
    handle: (request, principal) => handle(request as Request, principal),
    ...(failed && { failed }),
  };
}
