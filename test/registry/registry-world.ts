import { parse } from 'graphql';
import { expect } from 'vitest';
import { createManualClock } from '../../adapters/clock/manual-clock.ts';
import { createMemoryLiveBus } from '../../adapters/memory/live-bus.ts';
import { collectDefinitions } from '../../core/definitions/collect.ts';
import * as flights from '../../examples/flights/features.ts';
import { localPrincipal } from '../../runtime/access/principal.ts';
import { type GraphResult, type GraphResultStream, isStream } from '../../runtime/graph.ts';
import { createRegistryWatcher } from '../../runtime/registry-watcher.ts';
import { createSchemaGraph } from '../../runtime/schema-graph.ts';
import { createApplyDefinitions } from '../../subgraphs/registry/apply.ts';
import { createRegistrySubgraph } from '../../subgraphs/registry/subgraph.ts';
import { createMapRegistryStore } from '../doubles/map-registry-store.ts';

/** The flights example's. */
export const definitions = collectDefinitions(flights);
const clock = createManualClock({ at: Date.parse('2026-01-01T00:00:00Z') });

/** The registry subgraph over the flights example, at revision 1. */
export async function createRegistryWorld() {
  const store = createMapRegistryStore();
  const bus = createMemoryLiveBus();
  const onError = (error: unknown) => {
    throw error;
  };
  const watcher = await createRegistryWatcher({ store, onError });
  const apply = createApplyDefinitions({ store, systemClock: clock, bus });
  await apply(definitions, { appliedBy: 'test' });
  await watcher.refresh();
  const { schema, typeDefs } = createRegistrySubgraph({ watcher, apply, bus }).schemaFor();
  const graph = createSchemaGraph({ schema });
  const run = (text: string, variables: Record<string, unknown>) => {
    const { signal } = new AbortController();
    return graph.execute({
      document: parse(text),
      operationName: null,
      variables,
      requestId: 'r',
      principal: localPrincipal,
      signal,
    });
  };

  async function query(text: string, variables: Record<string, unknown> = {}): Promise<GraphResult> {
    const result = await run(text, variables);
    if (isStream(result)) throw new Error('a stream');
    return JSON.parse(JSON.stringify(result));
  }
  async function data(text: string, variables: Record<string, unknown> = {}) {
    const result = await query(text, variables);
    expect(result.errors).toBeUndefined();
    return result.data as Record<string, unknown>;
  }
  async function subscribe(text: string): Promise<GraphResultStream> {
    const result = await run(text, {});
    if (!isStream(result)) throw new Error(JSON.stringify(result));
    return result;
  }
  return { store, bus, watcher, apply, typeDefs, query, data, subscribe };
}

export type RegistryWorld = Awaited<ReturnType<typeof createRegistryWorld>>;
