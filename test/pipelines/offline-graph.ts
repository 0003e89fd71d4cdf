import { join } from 'node:path';
import { execute, type GraphQLSchema, parse } from 'graphql';
import type { CompiledRegistry } from '../../core/definitions/registry-view.ts';
import { createRequestContext } from '../../runtime/context.ts';
import { createOfflineSubgraph, type OfflineSubgraph } from '../../subgraphs/offline/subgraph.ts';
import { click, clicksDefinitions, registryOf, start } from './clicks.ts';
import { createGround, type Ground, openWorld, type World } from './world.ts';

export const clicksRegistry = registryOf({
  ...clicksDefinitions,
  onDemandViews: [
    {
      name: 'share',
      request: [{ name: 'budget', type: { kind: 'int64' } }],
      from: [{ view: 'user_clicks' }],
      features: [
        {
          name: 'spent',
          expression: {
            op: 'div',
            args: [
              { op: 'feature', view: 'user_clicks', feature: 'amount_ever' },
              { op: 'request', name: 'budget' },
            ],
          },
        },
      ],
    },
  ],
  services: [
    { name: 'model', version: 1, features: [{ view: 'user_clicks', features: ['clicks_ever'] }] },
    { name: 'model', version: 2, features: [{ view: 'user_clicks', features: ['clicks_ever'] }, { view: 'share' }] },
  ],
});

export type OfflineGraph = Awaited<ReturnType<typeof openOfflineGraph>>;

/** An offline subgraph two minutes after `start`, over the clicks 1 (a, 5) and 2 (b, 7) at 0 s and 3 (a, 1) at 60 s. */
export async function openOfflineGraph() {
  const ground = await createGround(start);
  const world = await openWorld(ground, clicksRegistry);
  await world.ingest.start();
  await world.materializer.ensureReady(clicksRegistry);
  await world.push('clicks', [click(1, 'a', start, 5), click(2, 'b', start, 7)]);
  await ground.clock.advance(60_000);
  await world.push('clicks', [click(3, 'a', start + 60_000, 1)]);
  await world.applied('clicks');
  await ground.clock.advance(60_000);

  let subgraph = openSubgraph(ground, world);
  const { schema } = subgraph.schemaFor(clicksRegistry);
  return {
    ground,
    world,
    schema,
    routes: subgraph.routes,
    /** The answer as a client gets it. */
    run: (text: string, variables: Record<string, unknown> = {}) => answer(schema, text, variables),
    /** The same by the schema of another revision. */
    runOn: (registry: CompiledRegistry, text: string, variables: Record<string, unknown> = {}) =>
      answer(subgraph.schemaFor(registry).schema, text, variables),
    stop: () => subgraph[Symbol.asyncDispose](),
    /** As another process would over the same ground; `schema` stays with the one before. */
    async startAgain() {
      subgraph = openSubgraph(ground, world);
      await subgraph.start();
    },
    async close() {
      await subgraph[Symbol.asyncDispose]();
      await world.close();
      await ground.remove();
    },
  };
}

async function answer(schema: GraphQLSchema, text: string, variables: Record<string, unknown>) {
  const contextValue = createRequestContext();
  const result = await execute({ schema, document: parse(text), variableValues: variables, contextValue });
  return JSON.parse(JSON.stringify(result));
}

/** RFC 3339, so many seconds after `start`. */
export function at(seconds: number): string {
  return new Date(start + seconds * 1_000).toISOString();
}

function openSubgraph({ documents, bus, clock, folder }: Ground, world: World): OfflineSubgraph {
  const { offline, materializer, reader } = world;
  const registry = () => world.registry;
  const datasets = join(folder, 'datasets');
  return createOfflineSubgraph({
    registry,
    offline,
    reader,
    documents,
    bus,
    clock,
    systemClock: clock,
    materializer,
    folder: datasets,
  });
}
