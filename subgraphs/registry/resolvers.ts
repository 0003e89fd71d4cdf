import type { LiveBus } from '../../core/ports/live-bus.ts';
import type { RegistryKind } from '../../core/ports/registry-store.ts';
import type { VersionOf } from '../../core/registry/snapshot.ts';
import type { RequestContext } from '../../runtime/context.ts';
import type { RegistryWatcher } from '../../runtime/registry-watcher.ts';
import { scalarResolvers } from '../../runtime/scalars.ts';
import type { ApplyDefinitions } from './apply.ts';
import { type ApplyInput, applyMutation } from './apply-mutation.ts';
import { catalogOf } from './catalog.ts';
import { connectionOf, type PageArguments } from './connection.ts';
import { type LineageArguments, type LineageKind, lineageOf } from './lineage.ts';
import {
  entityNode,
  featureViewNode,
  onDemandViewNode,
  optional,
  searchNode,
  serviceNode,
  sourceNode,
} from './nodes.ts';
import { type RegistryChangeEvent, registryChanges } from './registry-changes.ts';
import { type Filters, passes, rank } from './search.ts';

export interface RegistrySubgraphDeps {
  readonly watcher: RegistryWatcher;
  readonly apply: ApplyDefinitions;
  readonly bus: LiveBus;
}

interface ViewFilters extends Filters {
  readonly entity?: string | null;
  readonly includeRetired: boolean;
}

export function registryResolvers(deps: RegistrySubgraphDeps) {
  const now = () => catalogOf(deps.watcher.current());
  const view = (name: string) => optional(now().newest('view', name), featureViewNode, now());

  return {
    ...scalarResolvers,
    Query: {
      registryRevision: () => now().compiled.revision,
      featureView: (_: unknown, { name }: { name: string }) => view(name),
      featureViews(_: unknown, args: PageArguments & ViewFilters) {
        const catalog = now();
        const retired = args.includeRetired ? [...catalog.history('view').values()].map((all) => all.at(-1)!) : null;
        const found = (retired ?? catalog.current('view')).filter(
          (one) => passes(one, args) && (!args.entity || one.definition.entity === args.entity),
        );
        return mapped(connectionOf(found, nameOf, args), (one) => featureViewNode(catalog, one));
      },
      featureService(_: unknown, { name, version }: { name: string; version?: number | null }) {
        const versions = now().history('service').get(name) ?? [];
        const found = version ? versions.find((one) => one.version === version) : versions.at(-1);
        return optional(found ?? null, serviceNode, now());
      },
      featureServices(_: unknown, args: PageArguments & Filters) {
        const catalog = now();
        const found = catalog.current('service').filter((one) => passes(one, args));
        return mapped(connectionOf(found, nameOf, args), (one) => serviceNode(catalog, one));
      },
      onDemandViews: (_: unknown, args: PageArguments) =>
        mapped(connectionOf(now().current('onDemandView'), nameOf, args), (one) => onDemandViewNode(now(), one)),
      entities: (_: unknown, args: PageArguments) =>
        mapped(connectionOf(now().current('entity'), nameOf, args), (one) => entityNode(now(), one)),
      sources: (_: unknown, args: PageArguments) =>
        mapped(connectionOf(now().current('source'), nameOf, args), (one) => sourceNode(now(), one)),
      search(_: unknown, args: PageArguments & { text: string }) {
        const catalog = now();
        const kinds: readonly RegistryKind[] = ['view', 'onDemandView', 'service', 'entity', 'source', 'function'];
        const ranked = kinds.flatMap((kind) =>
          catalog.current(kind).flatMap((one: VersionOf<RegistryKind>) => {
            const found = rank(one, args.text);
            return found === null ? [] : [{ one, key: [String(found), one.name, one.kind] }];
          }),
        );
        return mapped(
          connectionOf(ranked, ({ key }) => key, args),
          ({ one }) => searchNode(catalog, one),
        );
      },
      lineage: (_: unknown, args: LineageArguments & { name: string; kind?: LineageKind | null }) =>
        lineageOf(now().compiled, args, args),
    },
    Mutation: {
      apply: (_: unknown, { input }: { input: ApplyInput }, { principal }: RequestContext) =>
        applyMutation(deps, input, principal),
    },
    Subscription: {
      registryChanges: {
        subscribe: (_: unknown, { after }: { after?: string | null }) => registryChanges(deps, after ?? null),
        resolve: (event: RegistryChangeEvent) => event,
      },
    },
    FeatureView: {
      __resolveReference: ({ name }: { name: string }) => view(name),
    },
  };
}

function nameOf({ name }: { readonly name: string }): readonly string[] {
  return [name];
}

function mapped<T, N>(page: ReturnType<typeof connectionOf<T>>, node: (item: T) => N) {
  return {
    ...page,
    edges: page.edges.map((edge) => ({ cursor: edge.cursor, node: node(edge.node) })),
    nodes: page.nodes.map(node),
  };
}
