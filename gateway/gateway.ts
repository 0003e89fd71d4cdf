import { createHash } from 'node:crypto';
import { composeSupergraph } from '../codegen/supergraph.ts';
import type { CompiledRegistry } from '../core/definitions/registry-view.ts';
import { AsofError } from '../core/errors/asof-error.ts';
import type { Graph, GraphSource } from '../runtime/graph.ts';
import type { Logger } from '../runtime/logging.ts';
import type { Metrics } from '../runtime/metrics.ts';
import { createSchemaGraph } from '../runtime/schema-graph.ts';
import { createQueryPlans, type Executors, type QueryPlans } from './query-plans.ts';
import { createRemoteSubgraph, type RemoteSubgraph } from './remote-subgraph.ts';
import type { GatewaySubgraph, LocalSubgraph, SubgraphExecutor } from './subgraph.ts';

/** One graph over several subgraphs, replaced while it serves. */
export interface Gateway extends GraphSource, AsyncDisposable {
  /**
   * Makes the newest graph that of this registry; resolves when it is served. Of calls that come while one is at
   * work only the last is carried out. BAD_DEFINITION when the subgraphs do not compose: the old graph stays.
   */
  update(registry: CompiledRegistry): Promise<void>;
  /** The composed supergraph that is served, as SDL. */
  supergraphSdl(): string;
}

interface Generation {
  readonly sdlHash: string;
  readonly supergraphSdl: string;
  readonly plans: QueryPlans;
  readonly graph: Graph;
}

interface Part {
  readonly name: string;
  readonly typeDefs: string;
  readonly url?: string;
  readonly execute: SubgraphExecutor;
}

/** How long a subgraph at a URL may take to say its SDL. */
const askMillis = 10_000;

export function createGateway(deps: {
  readonly subgraphs: readonly GatewaySubgraph[];
  readonly metrics: Metrics;
  readonly logger: Logger;
}): Gateway {
  const { metrics, logger } = deps;
  const remotes = new Map<string, RemoteSubgraph>();
  for (const subgraph of deps.subgraphs) {
    if ('url' in subgraph) {
      remotes.set(subgraph.name, createRemoteSubgraph(subgraph.name, subgraph.url, subgraph.token));
    }
  }
  const listeners = new Set<(graph: Graph) => void>();
  let generation: Generation | null = null;
  let working: Promise<void> = Promise.resolve();
  let newest = 0;

  const served = (): Generation => {
    if (generation !== null) return generation;
    throw new AsofError('NOT_READY', 'the gateway has no graph yet', { remedy: 'Try again in a moment.' });
  };

  async function replace(registry: CompiledRegistry): Promise<void> {
    const parts = await Promise.all(deps.subgraphs.map((subgraph) => partOf(subgraph, registry)));
    const sdlHash = createHash('sha256')
      .update(JSON.stringify(parts.map(({ name, typeDefs }) => [name, typeDefs])))
      .digest('hex');
    const executors: Executors = new Map(parts.map(({ name, execute }) => [name, timed(name, execute)]));
    const isSame = generation?.sdlHash === sdlHash;
    // The same SDL keeps the supergraph with its plans; the schemas behind it are those of the new revision.
    generation = withExecutors(isSame ? served() : await plan(sdlHash, parts), executors);
    metrics.supergraphUpdates.inc({ outcome: isSame ? 'unchanged' : 'swapped' });
    logger.info({ revision: registry.revision, sdl: isSame ? 'unchanged' : 'swapped' }, 'serving a registry revision');
    for (const listener of listeners) listener(generation.graph);
  }

  async function partOf(subgraph: GatewaySubgraph, registry: CompiledRegistry): Promise<Part> {
    if (!('url' in subgraph)) return localPart(subgraph, registry);
    const remote = remotes.get(subgraph.name);
    if (remote === undefined) throw new AsofError('INTERNAL', `the subgraph '${subgraph.name}' is not connected`);
    const typeDefs = await remote.readTypeDefs(AbortSignal.timeout(askMillis));
    return { name: subgraph.name, url: subgraph.url, typeDefs, execute: remote.execute };
  }

  function timed(subgraph: string, execute: SubgraphExecutor): SubgraphExecutor {
    return async (request) => {
      const observe = metrics.subgraphSeconds.startTimer({ subgraph });
      try {
        return await execute(request);
      } finally {
        observe();
      }
    };
  }

  return {
    update(registry) {
      newest += 1;
      const turn = newest;
      const work = working.then(async () => {
        if (turn !== newest) return;
        try {
          await replace(registry);
        } catch (error) {
          metrics.supergraphUpdates.inc({ outcome: 'refused' });
          throw error;
        }
      });
      // A skipped call waits for the newer one that stands in for it.
      const settled = work.then(() => (turn === newest ? undefined : working));
      working = work.catch(() => {});
      return settled;
    },
    current: () => served().graph,
    supergraphSdl: () => served().supergraphSdl,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async [Symbol.asyncDispose]() {
      listeners.clear();
      await Promise.all([...remotes.values()].map((remote) => remote.close()));
    },
  };
}

async function plan(sdlHash: string, parts: readonly Part[]): Promise<Omit<Generation, 'graph'>> {
  const { supergraphSdl } = composeSupergraph(parts);
  const names = parts.map(({ name }) => name);
  return { sdlHash, supergraphSdl, plans: await createQueryPlans(supergraphSdl, names) };
}

/** What runs on the old graph keeps the old executors: a subscription outlives the registry's change. */
function withExecutors({ sdlHash, supergraphSdl, plans }: Omit<Generation, 'graph'>, executors: Executors): Generation {
  const graph: Graph = { schema: plans.schema, execute: (request) => plans.execute(request, executors) };
  return { sdlHash, supergraphSdl, plans, graph };
}

function localPart(subgraph: LocalSubgraph, registry: CompiledRegistry): Part {
  const { typeDefs, schema } = subgraph.schemaFor(registry);
  return { name: subgraph.name, typeDefs, execute: createSchemaGraph(schema).execute };
}
