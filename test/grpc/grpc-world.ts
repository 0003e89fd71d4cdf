import type { Client } from '@grpc/grpc-js';
import { createSystemClock } from '../../adapters/clock/system-clock.ts';
import { type Authenticator, localAuthenticator } from '../../runtime/access/authenticator.ts';
import { createAdmission } from '../../runtime/admission.ts';
import { createPublicErrors } from '../../runtime/graphql-errors.ts';
import { createGrpcHost } from '../../runtime/grpc/grpc-host.ts';
import { createGrpcFailures } from '../../runtime/grpc/grpc-status.ts';
import { type HttpHost, startHttpHost } from '../../runtime/http-host.ts';
import type { Route } from '../../runtime/http-route.ts';
import { createLogger } from '../../runtime/logging.ts';
import { createMetrics, type Metrics } from '../../runtime/metrics.ts';
import { defaultOnlineLimits, type OnlineLimits } from '../../subgraphs/online/deps.ts';
import { feastGrpcRoutes } from '../../subgraphs/online/feast/feast-grpc.ts';
import { feastHttpRoutes } from '../../subgraphs/online/feast/feast-http.ts';
import { featureStoreRoutes } from '../../subgraphs/online/grpc/feature-store.ts';
import type { PushInput } from '../../subgraphs/online/push.ts';
import { createOnlineWorld, noon, type OnlineWorld } from '../online/online-world.ts';
import { openClient } from './grpc-client.ts';

/** An online process without its graph: gRPC and what clients of Feast call, on one port. */
export interface GrpcWorld extends AsyncDisposable {
  readonly host: HttpHost;
  readonly client: Client;
  readonly metrics: Metrics;
  readonly online: OnlineWorld;
  /** What was pushed. */
  readonly pushed: readonly PushInput[];
}

export async function openGrpcWorld(
  limited: Partial<OnlineLimits> = {},
  authenticator: Authenticator = localAuthenticator,
): Promise<GrpcWorld> {
  const online = await createOnlineWorld();
  const landing = (flightId: number, origin: string, delayMinutes: number) => ({
    flightId,
    origin,
    destination: 'ORD',
    delayMinutes,
    fare: '1.10',
    landedAt: new Date(noon - 60_000).toISOString(),
  });
  await online.apply('landings', [landing(1, 'ATL', 20), landing(2, 'ATL', 10), landing(3, 'JFK', 0)]);
  const validFrom = new Date(noon - 1_000).toISOString();
  await online.apply('facts', [
    { iata: 'ATL', name: 'Atlanta', openedAt: '1976-09-15T00:00:00Z', runways: ['8L', null, '26R'], validFrom },
    { iata: 'old', name: 'closed', validFrom: new Date(noon - 40 * 86_400_000).toISOString() },
    { iata: 'route:1', name: 'a key with a colon', validFrom },
  ]);
  await online.clock.advance(1_000);
  const logger = createLogger({ name: 'test', level: 'silent' });
  const systemClock = createSystemClock();
  const metrics = createMetrics();
  const admission = createAdmission({ most: 10, metrics, systemClock });
  const limits = { ...defaultOnlineLimits, ...limited };
  const deps = { registry: () => online.registry, reader: online.reader, systemClock, limits };
  const grpc = createGrpcHost({
    routes: [...featureStoreRoutes(deps), ...feastGrpcRoutes(deps)],
    authenticator,
    needs: 'reader',
    admission,
    metrics,
    failures: createGrpcFailures(createPublicErrors(logger)),
    bodyBytes: 1_000_000,
    isServing: () => true,
  });
  const hello: Route = {
    path: '/hello',
    methods: ['GET', 'POST'],
    isOpen: true,
    handle: async (_request, response) => void response.end('over HTTP/1'),
  };
  const pushed: PushInput[] = [];
  const push = async (input: PushInput) => {
    pushed.push(input);
    const rejected = input.events.flatMap((event, index) =>
      event !== null && typeof event === 'object' && 'name' in event
        ? []
        : [{ index, code: 'BAD_RECORD', message: 'no name' }],
    );
    return { accepted: input.events.length - rejected.length, positions: [], rejected };
  };
  const host = await startHttpHost({
    host: '127.0.0.1',
    port: 0,
    authenticator: null,
    routes: [hello, ...feastHttpRoutes({ ...deps, push, admission, bodyBytes: 1_000_000 })],
    upgrades: [],
    http2: () => grpc,
    logger,
    systemClock,
  });
  const client = openClient(host.port);
  return {
    host,
    client,
    metrics,
    online,
    pushed,
    async [Symbol.asyncDispose]() {
      client.close();
      await host.close(1_000);
    },
  };
}
