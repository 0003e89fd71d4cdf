import type { Server, UntypedServiceImplementation } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';

/** grpc.health.v1: what load balancers ask, of the server as a whole (no name) and of each service. */
export interface Health {
  /** Tells those who watch. */
  refresh(): void;
}

/** @param isServing whether it can answer now; looked at whenever somebody asks */
export function addHealth(server: Server, services: readonly string[], isServing: () => boolean): Health {
  const names = ['', ...services];
  const health = new HealthImplementation(Object.fromEntries(names.map((name) => [name, 'NOT_SERVING'])));
  const refresh = (): void => {
    for (const name of names) health.setStatus(name, isServing() ? 'SERVING' : 'NOT_SERVING');
  };
  health.addToServer({
    addService(service: Parameters<Server['addService']>[0], handlers: UntypedServiceImplementation) {
      const fresh = Object.entries(handlers).map(([name, handle]) => [
        name,
        (...call: Parameters<typeof handle>) => {
          refresh();
          return (handle as (...call: unknown[]) => void)(...call);
        },
      ]);
      server.addService(service, Object.fromEntries(fresh) as UntypedServiceImplementation);
    },
  });
  return { refresh };
}
