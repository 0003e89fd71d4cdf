import { createHash } from 'node:crypto';
import { composeSupergraph } from '../codegen/supergraph.ts';
import { AsofError } from '../core/errors/asof-error.ts';
import { rememberedByDocument } from '../runtime/documents.ts';
import type { Graph, GraphSource } from '../runtime/graph.ts';
import type { Logger } from '../runtime/logging.ts';
import type { Metrics } from '../runtime/metrics.ts';
import { createLoneSubgraphs, type FindLoneSubgraph } from './lone-subgraph.ts';
import { createQueryPlans, type Executors, type QueryPlans } from './query-plans.ts';
import type { SubgraphExecutor, SubgraphPart } from './subgraph.ts';

/** One graph over several subgraphs, replaced while it serves. */
export interface Gateway extends GraphSource {
  /**
   * Composes the graph anew of these subgraphs; resolves when it is served. Of calls that come while one is at work
   * only the last is carried out. BAD_DEFINITION when they do not compose: the old graph stays.
   */
  update(parts: readonly SubgraphPart[]): Promise<void>;
  /** The composed supergraph that is served, as SDL. */
  supergraphSdl(): string;
}

interface Generation {
  readonly sdlHash: string;
  readonly supergraphSdl: string;
  readonly plans: QueryPlans;
  readonly findLone: FindLoneSubgraph;
  readonly graph: Graph;
}

export function createGateway(deps: { readonly metrics: Metrics; readonly logger: Logger }): Gateway {
  const { metrics, logger } = deps;
  const listeners = new Set<(graph: Graph) => void>();
  let generation: Generation | null = null;
  let working: Promise<void> = Promise.resolve();
  let newest = 0;

  const served = (): Generation => {
    if (generation !== null) return generation;
    throw new AsofError('NOT_READY', 'the gateway has no graph yet', { remedy: 'Try again in a moment.' });
  };

  async function replace(parts: readonly SubgraphPart[]): Promise<void> {
    const sdlHash = createHash('sha256')
      .update(JSON.stringify(parts.map(({ name, typeDefs }) => [name, typeDefs])))
      .digest('hex');
    const executors: Executors = new Map(parts.map(({ name, execute }) => [name, timed(name, execute)]));
    const isSame = generation?.sdlHash === sdlHash;
    // The same SDL keeps the supergraph with its plans; the schemas behind it are those of the new revision.
    const planned = isSame ? served() : await plan(sdlHash, parts);
    generation = withExecutors(planned, executors, (name) => timedDirect(name, parts));
    metrics.supergraphUpdates.inc({ outcome: isSame ? 'unchanged' : 'swapped' });
    logger.info({ subgraphs: [...executors.keys()], sdl: isSame ? 'unchanged' : 'swapped' }, 'serving a graph');
    for (const listener of listeners) listener(generation.graph);
  }

  function timed(subgraph: string, execute: SubgraphExecutor): SubgraphExecutor {
    const durations = metrics.subgraphSeconds.of({ subgraph });
    return async (request) => {
      const observe = durations.startTimer();
      try {
        return await execute(request);
      } finally {
        observe();
      }
    };
  }

  function timedDirect(subgraph: string, parts: readonly SubgraphPart[]): NonNullable<Graph['direct']> {
    const direct = parts.find(({ name }) => name === subgraph)?.direct;
    const durations = metrics.subgraphSeconds.of({ subgraph });
    return (document, operationName) => {
      const answer = direct?.(document, operationName) ?? null;
      if (answer === null) return null;
      return (request) => {
        const observe = durations.startTimer();
        return answer(request)?.finally(observe) ?? null;
      };
    };
  }

  return {
    update(parts) {
      newest += 1;
      const turn = newest;
      const work = working.then(async () => {
        if (turn !== newest) return;
        try {
          await replace(parts);
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
  };
}

async function plan(sdlHash: string, parts: readonly SubgraphPart[]): Promise<Omit<Generation, 'graph'>> {
  const { supergraphSdl } = composeSupergraph(parts);
  const names = parts.map(({ name }) => name);
  const plans = await createQueryPlans(supergraphSdl, names);
  return { sdlHash, supergraphSdl, plans, findLone: createLoneSubgraphs(supergraphSdl, plans.schema) };
}

/** What runs on the old graph keeps the old executors: a subscription outlives the registry's change. */
function withExecutors(
  planned: Omit<Generation, 'graph'>,
  executors: Executors,
  directOf: (subgraph: string) => NonNullable<Graph['direct']>,
): Generation {
  const { plans, findLone } = planned;
  const directs = new Map([...executors.keys()].map((name) => [name, directOf(name)]));
  const graph: Graph = {
    schema: plans.schema,
    direct: rememberedByDocument((document, operationName) => {
      const lone = findLone(document, operationName);
      return lone === null ? null : (directs.get(lone)?.(document, operationName) ?? null);
    }),
    execute(request) {
      const lone = findLone(request.document, request.operationName);
      const execute = lone === null ? undefined : executors.get(lone);
      return execute === undefined ? plans.execute(request, executors) : execute(request);
    },
  };
  return { ...planned, graph };
}
