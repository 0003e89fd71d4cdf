import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { AsofError, type ErrorCode, errorCodes } from '../../core/errors/asof-error.ts';
import type { SystemClock } from '../../core/ports/clocks.ts';
import { type Principal, tellPrincipal, toldPrincipalHeader } from '../access/principal.ts';
import { encoded } from './codec.ts';
import type { GrpcMethod } from './grpc-method.ts';
import type { GrpcRoute } from './grpc-route.ts';
import type { VisibleFailure } from './grpc-status.ts';

export interface PassOnDeps {
  /** Of processes that answer alike; they are asked in turn. */
  readonly urls: readonly string[];
  /** What shows them that we may ask for others; null = nothing. */
  readonly token: () => string | null;
  readonly systemClock: Pick<SystemClock, 'nowMillis'>;
  /** So long an answer is waited for. */
  readonly millis: number;
}

/** Asks other processes; what they are sent and what they answer is passed on as it is. */
export interface PassingOn {
  route(method: AnyMethod): GrpcRoute;
  /** A two-way call, each message of which is a call of `each` there. */
  streamRoute<ResponseGiven>(
    method: AnyMethod & { writeResponse: GrpcMethod<unknown, never, unknown, ResponseGiven>['writeResponse'] },
    each: AnyMethod,
    failed: (failure: VisibleFailure) => ResponseGiven,
  ): GrpcRoute;
  close(): void;
}

type AnyMethod = Pick<GrpcMethod<unknown, never, unknown, never>, 'path' | 'requestStream' | 'responseStream'>;

const same = (bytes: Buffer): Buffer => bytes;

export function passOn({ urls, token, millis, systemClock }: PassOnDeps): PassingOn {
  const clients = urls.map((url) => {
    const { protocol, host, port } = new URL(url);
    const isSecure = protocol === 'https:';
    const address = port === '' ? `${host}:${isSecure ? 443 : 80}` : host;
    // How long an answer may be is what the other process says; the library's own limit would make of a long one no answer.
    const options = { 'grpc.max_receive_message_length': -1 };
    return new Client(address, isSecure ? credentials.createSsl() : credentials.createInsecure(), options);
  });
  let next = 0;

  function ask(path: string, request: Buffer, principal: Principal, attemptsLeft = clients.length): Promise<Buffer> {
    const metadata = new Metadata();
    const shown = token();
    if (shown !== null) metadata.set('authorization', `Bearer ${shown}`);
    metadata.set(toldPrincipalHeader, tellPrincipal(principal));
    const client = clients[next++ % clients.length]!;
    const asked = new Promise<Buffer>((resolve, reject) => {
      const deadline = systemClock.nowMillis() + millis;
      client.makeUnaryRequest(path, same, same, request, metadata, { deadline }, (error, response) => {
        if (error === null) resolve(response!);
        else reject(error);
      });
    });
    return asked.catch((error: ServiceError) => {
      const isAway = error.code === status.UNAVAILABLE && error.metadata.get('asof-code').length === 0;
      if (isAway && attemptsLeft > 1) return ask(path, request, principal, attemptsLeft - 1);
      throw asOurs(error);
    });
  }

  const routeTo = ({ path, requestStream, responseStream }: AnyMethod, there: string): GrpcRoute => ({
    path,
    isStream: requestStream,
    codec: {
      path,
      requestStream,
      responseStream,
      requestSerialize: same,
      requestDeserialize: same,
      responseSerialize: same,
      responseDeserialize: same,
    },
    handle: (request, principal) => ask(there, request as Buffer, principal),
  });
  return {
    route: (method) => routeTo(method, method.path),
    streamRoute: (method, each, failed) => ({
      ...routeTo(method, each.path),
      failed: (failure) => encoded(method.writeResponse, failed(failure)),
    }),
    close() {
      for (const client of clients) client.close();
    },
  };
}

/** What another process of ours said, or that it said nothing. */
function asOurs({ code, details, metadata }: ServiceError): AsofError {
  const told = metadata.get('asof-code')[0]?.toString();
  const known = errorCodes.find((one) => one === told) as ErrorCode | undefined;
  if (known !== undefined && known !== 'INTERNAL') return new AsofError(known, details);
  const late = code === status.DEADLINE_EXCEEDED ? 'did not answer in time' : 'does not answer';
  return new AsofError('UNAVAILABLE', `the online process ${late}`, { remedy: 'Try again in a moment.' });
}
