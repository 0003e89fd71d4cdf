import type { CompiledSource, CompiledView } from '../../core/definitions/compiled.ts';
import type { CompiledRegistry } from '../../core/definitions/registry-view.ts';
import { topicOf } from '../../core/records/topic.ts';

/** One shape of a source (its fields and time rules) with the view versions that are built from it. */
export interface SourceRoute {
  readonly source: CompiledSource;
  /** Every servable version with an online store, retired ones too. */
  readonly views: readonly CompiledView[];
}

/** All shapes of all sources, by name: views of an older version may be built from an older shape of their source. */
export function sourceRoutes(registry: CompiledRegistry): SourceRoute[] {
  const routes = new Map<string, { source: CompiledSource; views: CompiledView[] }>();
  const routeOf = (source: CompiledSource): { source: CompiledSource; views: CompiledView[] } => {
    const shape = shapeOf(source);
    const found = routes.get(shape) ?? { source, views: [] };
    routes.set(shape, found);
    return found;
  };
  for (const source of registry.sources.values()) routeOf(source);
  for (const view of onlineVersions(registry)) routeOf(view.source).views.push(view);
  return [...routes.values()];
}

export type TopicRoutes = ReadonlyMap<string, readonly SourceRoute[]>;

/** The routes fed by each topic; sources without a stream are absent. */
export function topicRoutes(registry: CompiledRegistry): TopicRoutes {
  const topics = new Map<string, SourceRoute[]>();
  for (const route of sourceRoutes(registry)) {
    const topic = topicOf(route.source);
    if (topic === null) continue;
    const routes = topics.get(topic);
    if (routes === undefined) topics.set(topic, [route]);
    else routes.push(route);
  }
  return topics;
}

/** The topics' routes, worked out once per registry revision. */
export function routesByRevision(registry: () => CompiledRegistry): () => TopicRoutes {
  let known: CompiledRegistry | null = null;
  let routes: TopicRoutes = new Map();
  return () => {
    const current = registry();
    if (current !== known) {
      known = current;
      routes = topicRoutes(current);
    }
    return routes;
  };
}

/** Every view version that an online store serves: current, older and retired. */
export function onlineVersions(registry: CompiledRegistry): CompiledView[] {
  return [...registry.views.values(), ...registry.retiredViews.values()].flat().filter((view) => view.online);
}

const shapes = new WeakMap<CompiledSource, string>();

/** Equal for sources whose records are equal: all of the definition but what people search and read. */
export function shapeOf(source: CompiledSource): string {
  const known = shapes.get(source);
  if (known !== undefined) return known;
  const { description: _d, owner: _o, tags: _t, ...rules } = source.definition;
  const shape = JSON.stringify([rules, source.keepsUncreated === true]);
  shapes.set(source, shape);
  return shape;
}
