import type { RegistryKind } from '../../core/ports/registry-store.ts';
import { topicOf } from '../../core/records/topic.ts';
import type { VersionOf } from '../../core/registry/snapshot.ts';
import type { Catalog } from './catalog.ts';
import { compiledView } from './catalog.ts';
import { batchQuery, commonFacts, described, featureFacts, fieldFacts, onDemandFeatureFacts } from './described.ts';
import { type LineageArguments, lineageOf } from './lineage.ts';

/** What a GraphQL type of this subgraph resolves from; functions are fields that cost something. */

export function featureViewNode(catalog: Catalog, newest: VersionOf<'view'>) {
  const { definition, name } = newest;
  const versions = catalog.history('view').get(name) ?? [newest];
  const source = catalog.newest('source', definition.source);
  const entity = definition.entity === undefined ? null : catalog.newest('entity', definition.entity);
  const keyTypes = new Map((entity?.definition.key ?? []).map((part) => [part.name, fieldFacts(part)]));
  return {
    ...commonFacts(newest, versions[0]),
    kind: source?.definition.kind === 'rows' ? 'ROWS' : 'AGGREGATE',
    versions: () => versions.map((version) => viewVersionNode(catalog, version)),
    retired: catalog.isRetired('view', name),
    entity: () => (entity === null ? null : entityNode(catalog, entity)),
    source: () => (source === null ? null : sourceNode(catalog, source)),
    key: Object.entries(definition.key).map(([part, column]) => ({
      name: part,
      type: keyTypes.get(part)?.type ?? 'unknown',
      column,
    })),
    features: () => viewVersionNode(catalog, newest).features,
    batchQuery: source === null ? null : batchQuery(source.definition),
    streamTopic: source === null ? null : topicOf(source.definition),
    online: definition.online ?? true,
    offline: definition.offline ?? true,
    pii: definition.pii ?? false,
    maxAge: definition.maxAge ?? null,
    retention: definition.retention ?? null,
    freshnessSla: definition.freshness ?? null,
    expectedUpdateEvery: definition.expectedUpdateEvery ?? null,
    grain: definition.grain ?? null,
    delay: definition.delay ?? null,
    services: () => servicesOf(catalog, name),
    lineage: (args: LineageArguments) => lineageOf(catalog.compiled, { name, kind: 'FEATURE_VIEW' }, args),
  };
}

function viewVersionNode(catalog: Catalog, one: VersionOf<'view'>) {
  const compiled = compiledView(catalog, one.name, one.version);
  return {
    version: one.version,
    hash: one.hash,
    features: one.definition.features.map((feature) =>
      featureFacts(
        feature,
        compiled?.features.find(({ name }) => name === feature.name),
      ),
    ),
    createdAt: one.createdAt,
    updatedAt: one.updatedAt,
    definition: one.definition,
  };
}

export function entityNode(catalog: Catalog, one: VersionOf<'entity'>) {
  return {
    ...commonFacts(one, catalog.history('entity').get(one.name)?.[0]),
    key: one.definition.key.map(fieldFacts),
    featureViews: () => viewsWhere(catalog, ({ entity }) => entity === one.name),
  };
}

export function sourceNode(catalog: Catalog, one: VersionOf<'source'>) {
  const { definition } = one;
  return {
    ...commonFacts(one, catalog.history('source').get(one.name)?.[0]),
    kind: definition.kind === 'rows' ? 'ROWS' : 'EVENTS',
    fields: definition.fields.map(fieldFacts),
    eventTime: definition.eventTime ?? null,
    streamTopic: topicOf(definition),
    batchQuery: batchQuery(definition),
    lateness: definition.kind === 'events' ? definition.lateness : null,
    featureViews: () => viewsWhere(catalog, ({ source }) => source === one.name),
  };
}

export function onDemandViewNode(catalog: Catalog, one: VersionOf<'onDemandView'>) {
  const compiled = catalog.compiled.onDemandViews.get(one.name);
  return {
    ...commonFacts(one, catalog.history('onDemandView').get(one.name)?.[0]),
    request: one.definition.request.map(fieldFacts),
    features: one.definition.features.map((feature) =>
      onDemandFeatureFacts(
        feature,
        compiled?.features.find(({ name }) => name === feature.name),
      ),
    ),
  };
}

export function serviceNode(catalog: Catalog, one: VersionOf<'service'>) {
  const { name, version } = one;
  const compiled = catalog.compiled.services.get(name)?.find((service) => service.version === version);
  const members = (compiled?.members ?? []).flatMap(({ alias, view, features }) =>
    features.map((index) => `${alias}:${view.features[index]!.name}`),
  );
  const onDemand = (compiled?.onDemand ?? []).flatMap(({ view, features }) =>
    features.map((index) => `${view.name}:${view.features[index]!.name}`),
  );
  return {
    ...commonFacts(one),
    features: [...members, ...onDemand],
    joinColumns: (compiled?.joinColumns ?? []).map(fieldFacts),
    requestInputs: (compiled?.requestInputs ?? []).map(fieldFacts),
    versions: (catalog.history('service').get(name) ?? [one]).map((service) => service.version),
    lineage: (args: LineageArguments) => lineageOf(catalog.compiled, { name, kind: 'FEATURE_SERVICE' }, args),
  };
}

const definitionKinds = {
  entity: 'ENTITY',
  source: 'SOURCE',
  view: 'FEATURE_VIEW',
  onDemandView: 'ON_DEMAND_VIEW',
  service: 'FEATURE_SERVICE',
  function: 'FUNCTION',
} as const satisfies Record<RegistryKind, string>;

export function definitionKind(kind: RegistryKind): string {
  return definitionKinds[kind];
}

export function searchNode(catalog: Catalog, one: VersionOf<RegistryKind>) {
  const { kind, name } = one;
  return {
    kind: definitionKind(kind),
    name,
    ...described(one.definition),
    featureView: () => (kind === 'view' ? optional(catalog.newest('view', name), featureViewNode, catalog) : null),
    featureService: () => (kind === 'service' ? optional(catalog.newest('service', name), serviceNode, catalog) : null),
  };
}

export function optional<T, N>(found: T | null, node: (catalog: Catalog, found: T) => N, catalog: Catalog): N | null {
  return found === null ? null : node(catalog, found);
}

function viewsWhere(catalog: Catalog, test: (definition: VersionOf<'view'>['definition']) => boolean) {
  return catalog
    .current('view')
    .filter(({ definition }) => test(definition))
    .map((view) => featureViewNode(catalog, view));
}

/** Those whose newest version contains a feature of this view, or one made from it at request time. */
function servicesOf(catalog: Catalog, view: string) {
  return catalog.current('service').flatMap((service) => {
    const compiled = catalog.compiled.services.get(service.name)?.at(-1);
    const isMember = compiled?.members.some((member) => member.view.name === view) ?? false;
    const isRead =
      compiled?.onDemand.some(({ reads }) => reads.some((read) => read?.member.view.name === view)) ?? false;
    return isMember || isRead ? [serviceNode(catalog, service)] : [];
  });
}
