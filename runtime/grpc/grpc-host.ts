import type { Socket } from 'node:net';
import {
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServiceDefinition,
  type sendUnaryData,
  status,
  type UntypedHandleCall,
} from '@grpc/grpc-js';
import type { Authenticator } from '../access/authenticator.ts';
import { type Need, type Principal, requireNeed, toldPrincipalHeader } from '../access/principal.ts';
import type { Admission } from '../admission.ts';
import type { Metrics } from '../metrics.ts';
import { answerInOrder } from './answer-in-order.ts';
import type { GrpcRoute } from './grpc-route.ts';
import type { FailedStatus, GrpcFailures } from './grpc-status.ts';
import { addHealth } from './health.ts';

export interface GrpcHostDeps {
  readonly routes: readonly GrpcRoute[];
  readonly authenticator: Authenticator;
  /** What every call needs. */
  readonly needs: Need;
  readonly admission: Admission;
  readonly metrics: Pick<Metrics, 'grpcHandled' | 'grpcSeconds' | 'onExpose'>;
  readonly failures: GrpcFailures;
  /** Of one request, in bytes. */
  readonly bodyBytes: number;
  readonly isServing: () => boolean;
}

/** Answers gRPC on sockets that others accept. */
export interface GrpcHost {
  accept(socket: Socket): void;
  /** Tells those who watch its health that it has changed. */
  refresh(): void;
  /** Takes no new calls; what is under way is finished, or cut when the signal says so. Resolves when all have gone. */
  close(cut: AbortSignal): Promise<void>;
}

export function createGrpcHost(deps: GrpcHostDeps): GrpcHost {
  const server = new Server({
    'grpc.max_receive_message_length': deps.bodyBytes,
    // What it counts for its own inspection is counted in metrics already, and costs.
    'grpc.enable_channelz': 0,
  });
  for (const [service, routes] of byService(deps.routes)) {
    const definition: Record<string, ServiceDefinition[string]> = {};
    const handlers: Record<string, UntypedHandleCall> = {};
    for (const route of routes) {
      const name = route.path.slice(service.length + 2);
      const measure = measured(deps.metrics, service, name);
      definition[name] = route.codec;
      handlers[name] = (route.isStream ? streamHandler : unaryHandler)(route, measure);
    }
    server.addService(definition, handlers);
  }
  const { refresh } = addHealth(server, [...byService(deps.routes).keys()], deps.isServing);
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());

  /** One message: who asks, whether there is room, and what came of it. */
  async function answer(route: GrpcRoute, request: unknown, { admitted, measure }: Asked): Promise<unknown> {
    const startedMillis = performance.now();
    let code: status = status.OK;
    try {
      const principal = await admitted;
      const leave = deps.admission.enter();
      try {
        return await route.handle(request, principal);
      } finally {
        leave();
      }
    } catch (error) {
      const ended = deps.failures.statusOf(error);
      code = ended.code;
      throw ended;
    } finally {
      measure(code, startedMillis);
    }
  }

  function admit({ path }: GrpcRoute, call: Pick<ServerUnaryCall<unknown, unknown>, 'metadata'>): Promise<Principal> {
    const shown = (name: string) => call.metadata.get(name)[0]?.toString();
    const asked = deps.authenticator.authenticate({
      authorization: shown('authorization'),
      [toldPrincipalHeader]: shown(toldPrincipalHeader),
    });
    return asked.then((principal) => {
      requireNeed(principal, deps.needs, path);
      return principal;
    });
  }

  function unaryHandler(route: GrpcRoute, measure: Measure): UntypedHandleCall {
    return (call: ServerUnaryCall<unknown, unknown>, callback: sendUnaryData<unknown>): void => {
      answer(route, call.request, { admitted: admit(route, call), measure }).then(
        (given) => callback(null, given),
        (ended: FailedStatus) => callback(ended),
      );
    };
  }

  function streamHandler(route: GrpcRoute, measure: Measure): UntypedHandleCall {
    return (call: ServerDuplexStream<unknown, unknown>): void => {
      const one = (request: unknown): Promise<unknown> =>
        // Other tokens may be good than when the call began.
        answer(route, request, { admitted: admit(route, call), measure }).catch((ended: FailedStatus) => {
          if (route.failed === undefined || isRefusal(ended.code)) throw ended;
          return route.failed(ended.visible);
        });
      const end = (ended: unknown): void => void call.emit('error', ended);
      // Who may not ask is told so once, for the whole call.
      admit(route, call).then(
        () => answerInOrder(call, one, end),
        (error: unknown) => end(deps.failures.statusOf(error)),
      );
    };
  }

  return {
    accept: (socket) => injector.injectConnection(socket),
    refresh,
    async close(cut) {
      const destroyed = () => injector.drain(0);
      cut.addEventListener('abort', destroyed, { once: true });
      await new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
      cut.removeEventListener('abort', destroyed);
      injector.destroy();
    },
  };
}

function isRefusal(code: status): boolean {
  return code === status.UNAUTHENTICATED || code === status.PERMISSION_DENIED;
}

interface Asked {
  readonly admitted: Promise<Principal>;
  readonly measure: Measure;
}

type Measure = (code: status, startedMillis: number) => void;

/** Counts in plain numbers, told to Prometheus when somebody asks: its counters are slow for something this frequent. */
function measured(
  { grpcHandled, grpcSeconds, onExpose }: GrpcHostDeps['metrics'],
  service: string,
  method: string,
): Measure {
  const labels = { grpc_service: service, grpc_method: method };
  const durations = grpcSeconds.of(labels);
  const counts = new Map<status, number>();
  onExpose(() => {
    for (const [code, count] of counts) grpcHandled.inc({ ...labels, grpc_code: codeNames[code] }, count);
    counts.clear();
  });
  return (code, startedMillis) => {
    counts.set(code, (counts.get(code) ?? 0) + 1);
    durations.observe((performance.now() - startedMillis) / 1_000);
  };
}

/** As gRPC's other servers count them: OK, InvalidArgument. */
const codeNames = Object.fromEntries(
  Object.entries(status)
    .filter(([, code]) => typeof code === 'number')
    .map(([name, code]) => [
      code,
      name === 'OK' ? name : name.toLowerCase().replace(/(?:^|_)(.)/g, (_, letter: string) => letter.toUpperCase()),
    ]),
) as Readonly<Record<status, string>>;

function byService(routes: readonly GrpcRoute[]): ReadonlyMap<string, readonly GrpcRoute[]> {
  const services = new Map<string, GrpcRoute[]>();
  for (const route of routes) {
    const service = route.path.split('/')[1]!;
    services.set(service, [...(services.get(service) ?? []), route]);
  }
  return services;
}
