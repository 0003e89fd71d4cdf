import { localAuthenticator } from '../../runtime/access/authenticator.ts';
import { createAdmission } from '../../runtime/admission.ts';
import { createPublicErrors } from '../../runtime/graphql-errors.ts';
import { fileDescriptors } from '../../runtime/grpc/generated/descriptors.ts';
import { createGrpcHost, type GrpcHost, type GrpcHostDeps } from '../../runtime/grpc/grpc-host.ts';
import type { GrpcRoute } from '../../runtime/grpc/grpc-route.ts';
import { createGrpcFailures } from '../../runtime/grpc/grpc-status.ts';
import { reflectionRoutes } from '../../runtime/grpc/reflection.ts';
import { defaultLimits } from '../../runtime/limits.ts';
import type { ProcessStores, Shared } from './parts/part.ts';

/** gRPC on the port of the process; null = none of its parts speaks it. */
export function openGrpc(
  { access, stores, metrics, logger }: Shared<ProcessStores>,
  { routes, needs, isServing }: Pick<GrpcHostDeps, 'routes' | 'needs' | 'isServing'>,
): GrpcHost | null {
  if (routes.length === 0) return null;
  return createGrpcHost({
    routes: [...routes, ...reflectionRoutes(fileDescriptors, servicesOf(routes))],
    needs,
    isServing,
    authenticator: access.authenticator ?? localAuthenticator,
    admission: createAdmission({ most: defaultLimits.requestsAtOnce, metrics, systemClock: stores.systemClock }),
    metrics,
    failures: createGrpcFailures(createPublicErrors(logger)),
    bodyBytes: defaultLimits.bodyBytes,
  });
}

function servicesOf(routes: readonly GrpcRoute[]): string[] {
  return [...new Set(routes.map(({ path }) => path.split('/')[1]!))];
}
