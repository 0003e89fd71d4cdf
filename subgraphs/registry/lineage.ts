import type { CompiledRegistry } from '../../core/definitions/registry-view.ts';
import { aliasOf } from '../../core/definitions/validate-references.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import { nearest } from '../../core/errors/nearest.ts';
import { type ColumnInRole, type ColumnRole, columnsOfFeature, columnsOfView } from './columns-of.ts';

export const lineageKinds = [
  'SOURCE',
  'COLUMN',
  'FEATURE_VIEW',
  'FEATURE',
  'ON_DEMAND_VIEW',
  'FEATURE_SERVICE',
] as const;
export type LineageKind = (typeof lineageKinds)[number];
export type LineageDirection = 'UPSTREAM' | 'DOWNSTREAM' | 'BOTH';

export interface LineageNode {
  readonly id: string;
  readonly kind: LineageKind;
  readonly name: string;
  readonly version: number | null;
}

export interface LineageEdge {
  readonly from: string;
  readonly to: string;
  /** From a column: what it is there; else null. */
  readonly role: ColumnRole | null;
}

export interface Lineage {
  readonly nodes: readonly LineageNode[];
  readonly edges: readonly LineageEdge[];
}

export interface LineageArguments {
  readonly direction: LineageDirection;
  readonly depth: number;
}

/**
 * Everything that is made from something, of the newest versions: source → column → feature → derived feature →
 * service, and source → view → feature.
 */
interface LineageGraph {
  readonly nodes: ReadonlyMap<string, LineageNode>;
  readonly edges: readonly LineageEdge[];
}

const deepest = 20;
const graphs = new WeakMap<CompiledRegistry, LineageGraph>();

/** What the named thing is made from and what is made from it. UNKNOWN_NAME; BAD_INPUT for a depth. */
export function lineageOf(
  registry: CompiledRegistry,
  start: { readonly name: string; readonly kind?: LineageKind | null },
  { direction, depth }: LineageArguments,
): Lineage {
  if (depth < 0 || depth > deepest) {
    throw new AsofError('BAD_INPUT', 'not a depth', { path: 'depth', expected: `0 to ${deepest}`, got: String(depth) });
  }
  const graph = graphs.get(registry) ?? draw(registry);
  graphs.set(registry, graph);
  const first = find(graph, start);
  const nodes = new Map([[first.id, first]]);
  const edges = new Set<LineageEdge>();
  const ways = direction === 'BOTH' ? (['UPSTREAM', 'DOWNSTREAM'] as const) : [direction];
  for (const way of ways) {
    const [near, far] = way === 'UPSTREAM' ? (['to', 'from'] as const) : (['from', 'to'] as const);
    let border = new Set([first.id]);
    for (let step = 0; step < depth && border.size > 0; step++) {
      const next = new Set<string>();
      for (const edge of graph.edges) {
        if (!border.has(edge[near])) continue;
        edges.add(edge);
        const node = graph.nodes.get(edge[far]);
        if (node !== undefined && !nodes.has(node.id)) {
          nodes.set(node.id, node);
          // Not each of its features reads all that it reads; they are linked to their own inputs.
          if (node.kind !== 'ON_DEMAND_VIEW') next.add(node.id);
        }
      }
      border = next;
    }
  }
  return { nodes: [...nodes.values()], edges: [...edges] };
}

function find(graph: LineageGraph, { name, kind }: { readonly name: string; readonly kind?: LineageKind | null }) {
  const candidates = [...graph.nodes.values()].filter(
    (node) => kind === null || kind === undefined || node.kind === kind,
  );
  const found = candidates.find((node) => node.name === name);
  if (found !== undefined) return found;
  const close = nearest(
    name,
    candidates.map((node) => node.name),
  );
  throw new AsofError('UNKNOWN_NAME', 'nothing of this name has a lineage', {
    path: 'name',
    expected: 'a source, a view, a service, source:column, or view:feature',
    got: name,
    ...(close === null ? {} : { remedy: `Did you mean '${close}'?` }),
  });
}

function draw(registry: CompiledRegistry): LineageGraph {
  const nodes = new Map<string, LineageNode>();
  const edges = new Map<string, LineageEdge>();
  const add = (kind: LineageKind, name: string, version: number | null): string => {
    const id = `${kind}:${name}`;
    nodes.set(id, { id, kind, name, version });
    return id;
  };
  const link = (from: string, to: string, role: ColumnRole | null = null) =>
    edges.set(JSON.stringify([from, to, role]), { from, to, role });
  const feature = (view: string, name: string) => `FEATURE:${view}:${name}`;
  const linkColumns = (source: string, columns: readonly ColumnInRole[], to: string) => {
    for (const { column, role } of columns) {
      const id = add('COLUMN', `${source}:${column}`, null);
      link(`SOURCE:${source}`, id);
      link(id, to, role);
    }
  };

  for (const name of registry.sources.keys()) add('SOURCE', name, null);
  for (const versions of registry.views.values()) {
    const view = versions.at(-1)!;
    const id = add('FEATURE_VIEW', view.name, view.version);
    link(`SOURCE:${view.source.name}`, id);
    linkColumns(view.source.name, columnsOfView(view), id);
    for (const one of view.features) {
      const made = add('FEATURE', `${view.name}:${one.name}`, null);
      link(id, made);
      linkColumns(view.source.name, columnsOfFeature(view, one), made);
      for (const input of one.kind === 'derived' ? one.inputs : []) {
        if (input.kind === 'feature') link(feature(view.name, view.features[input.feature]!.name), made);
      }
    }
  }
  for (const view of registry.onDemandViews.values()) {
    const id = add('ON_DEMAND_VIEW', view.name, view.version);
    const viewOf = new Map(view.from.map((reference) => [aliasOf(reference), reference.view]));
    const inputs = view.inputs.map((input) =>
      input.kind === 'feature' ? feature(viewOf.get(input.view)!, input.feature) : null,
    );
    for (const input of inputs) if (input !== null) link(input, id);
    for (const { name, uses } of view.features) {
      const made = add('FEATURE', `${view.name}:${name}`, null);
      link(id, made);
      for (const use of uses) if (inputs[use] != null) link(inputs[use], made);
    }
  }
  for (const versions of registry.services.values()) {
    const service = versions.at(-1)!;
    const id = add('FEATURE_SERVICE', service.name, service.version);
    for (const { view, features } of [...service.members, ...service.onDemand]) {
      for (const index of features) link(feature(view.name, view.features[index]!.name), id);
    }
  }
  // A service may pin a version with features that the newest does not have.
  const known = [...edges.values()].filter(({ from, to }) => nodes.has(from) && nodes.has(to));
  return { nodes, edges: known };
}
