import type { SystemClock } from '../core/ports/clocks.ts';
import { servingServiceMethods } from '../runtime/grpc/generated/feast.ts';
import { featureStoreMethods } from '../runtime/grpc/generated/feature_store.ts';
import type { GrpcRoute } from '../runtime/grpc/grpc-route.ts';
import { passOn } from '../runtime/grpc/pass-on.ts';
import type { SubgraphAddress } from './subgraph.ts';

/** gRPC at the one door: what clients ask is asked of the online processes. */
export interface GrpcProxy extends Disposable {
  readonly routes: readonly GrpcRoute[];
}

export function grpcProxy({ urls, token, queryMillis = 60_000 }: SubgraphAddress, systemClock: SystemClock): GrpcProxy {
  const online = passOn({ urls, token, millis: queryMillis, systemClock });
  const { getFeatures, batchGetFeatures, streamFeatures } = featureStoreMethods;
  return {
    routes: [
      online.route(getFeatures),
      online.route(batchGetFeatures),
      ...Object.values(servingServiceMethods).map((method) => online.route(method)),
      online.streamRoute(streamFeatures, batchGetFeatures, (failure) => ({ failure })),
    ],
    [Symbol.dispose]: () => online.close(),
  };
}
