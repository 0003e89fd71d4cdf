import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { tellUsage } from './tell-usage.ts';

/*
 * Hive Gateway as it comes as a library, in front of subgraphs that are processes of their own: what a team would choose
 * that has a federated graph already.
 */
interface Request {
  /** Where it is installed. */
  readonly folder: string;
  /** A file with the supergraph's SDL, which says where the subgraphs are. */
  readonly supergraph: string;
  /** Whether its optional planner in Rust plans, instead of the stitching that it comes with. */
  readonly isRouter: boolean;
}

/** As much of its configuration as is said here. */
interface GatewayRuntime {
  createGatewayRuntime(config: {
    readonly supergraph: string;
    readonly logging: boolean;
    readonly landingPage: boolean;
    readonly graphiql: boolean;
    readonly unifiedGraphHandler?: unknown;
  }): RequestListener;
}

const { folder, supergraph, isRouter } = JSON.parse(process.argv[2]!) as Request;
const load = createRequire(join(folder, 'package.json'));
const { createGatewayRuntime } = load('@graphql-hive/gateway-runtime') as GatewayRuntime;
const handler = isRouter
  ? (load('@graphql-hive/router-runtime') as { readonly unifiedGraphHandler: unknown }).unifiedGraphHandler
  : undefined;

const server = createServer(
  createGatewayRuntime({
    supergraph: readFileSync(supergraph, 'utf8'),
    logging: false,
    landingPage: false,
    graphiql: false,
    ...(handler === undefined ? {} : { unifiedGraphHandler: handler }),
  }),
);
server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ port: (server.address() as AddressInfo).port }));
});

tellUsage(() => process.exit());
