import { onDemandPlaces } from '../../codegen/entity-types.ts';
import { currentViews } from '../../codegen/value-types.ts';
import type { CompiledRegistry } from '../../core/definitions/registry-view.ts';
import type { GraphqlNames } from '../../core/names/graphql-names.ts';
import type { RequestContext } from '../../runtime/context.ts';
import { scalarResolvers } from '../../runtime/scalars.ts';
import { countDeadLetters, listDeadLetters } from './dead-letters.ts';
import type { OnlineLimits, OnlineSubgraphDeps } from './deps.ts';
import { type ReadVectors, typedResolver } from './direct/typed-fields.ts';
import {
  type EntityPlan,
  entityChanges,
  entityKeyFields,
  entityQueries,
  entityReference,
  type ViewRead,
} from './entities.ts';
import { readFeatureVectors, type VectorArguments } from './feature-vectors.ts';
import type { LiveViews } from './live/live-views.ts';
import { onDemandField, onDemandReads, onDemandTypeResolvers } from './on-demand-fields.ts';
import { type PushInput, pushEvents } from './push.ts';
import { requestBudget } from './request-budget.ts';
import { requestReads } from './request-reads.ts';
import { selectedFields } from './selection.ts';
import { featureUpdates, freshnessAlerts } from './updates.ts';
import { createViewPlan } from './view-plan.ts';
import {
  type Arguments,
  type EntityRow,
  metaResolvers,
  type Resolver,
  viewField,
  viewReads,
  viewTypeResolvers,
} from './view-values.ts';

export interface ResolverDeps extends Omit<OnlineSubgraphDeps, 'limits'> {
  readonly limits: OnlineLimits;
  readonly liveViews: LiveViews;
}

/** A field of an entity (or, without one, of Query) that reads views. */
interface ReadingField {
  readonly entity: string | null;
  readonly field: string;
  readonly reads: (args: Arguments) => readonly ViewRead[];
  readonly resolve: Resolver<EntityRow>;
}

export function onlineResolvers(deps: ResolverDeps, registry: CompiledRegistry, names: GraphqlNames) {
  const views = currentViews(registry).filter(({ online }) => online);
  const plans = new Map(
    views.map(({ name }) => [name, createViewPlan(registry.views.get(name)!, names.views.get(name)!.features)]),
  );
  const places = onDemandPlaces(registry);
  const fields: ReadingField[] = [
    ...views.map(({ name, entity }) => ({
      entity,
      field: names.views.get(name)!.field,
      reads: viewReads(plans.get(name)!),
      resolve: viewField(plans.get(name)!),
    })),
    ...places.map((place) => ({
      entity: place.entity,
      field: names.views.get(place.view.name)!.field,
      reads: () => onDemandReads(place),
      resolve: onDemandField(place, names.requestInputs(place.view.request.map(({ name }) => name)), deps),
    })),
  ];
  const entities = [...registry.entities.values()].map(
    (entity): EntityPlan => ({
      entity,
      names: names.entities.get(entity.name)!,
      reads: new Map(fields.filter((field) => field.entity === entity.name).map((field) => [field.field, field.reads])),
    }),
  );
  const fieldsOf = (entity: string | null) =>
    fields.filter((field) => field.entity === entity).map(({ field, resolve }) => [field, resolve] as const);
  const valueTypes = [
    ...views.map(({ name }) => [names.views.get(name)!.type, viewTypeResolvers(plans.get(name)!)]),
    ...places.map(({ view }) => {
      const { type, features } = names.views.get(view.name)!;
      return [type, onDemandTypeResolvers(view, features)];
    }),
  ];
  const { bus, limits } = deps;
  return {
    ...scalarResolvers,
    ...Object.fromEntries(valueTypes),
    ...Object.fromEntries(
      entities.map((plan) => [
        plan.names.type,
        {
          ...entityKeyFields(plan),
          ...Object.fromEntries(fieldsOf(plan.entity.name)),
          __resolveReference: entityReference(plan, deps),
        },
      ]),
    ),
    FeatureMeta: metaResolvers(deps.freshness),
    FeatureView: {
      __resolveReference: ({ name }: { name: string }) => ({ name }),
      freshness: ({ name }: { name: string }) => deps.freshness.report(name),
    },
    Query: {
      ...Object.assign({}, ...entities.map((plan) => entityQueries(plan, deps))),
      ...Object.fromEntries(fieldsOf(null).map(([field, resolve]) => [field, withoutKey(resolve, deps)])),
      featureVectors: vectorsField(deps, registry),
      deadLetters: (_root: unknown, args: { source: string; first: number }) => listDeadLetters(deps, registry, args),
      deadLetterCounts: () => countDeadLetters(deps),
    },
    Mutation: {
      push: (_root: unknown, { input }: { input: PushInput }) => pushEvents(deps, registry, input),
    },
    Subscription: {
      ...Object.fromEntries(
        entities.map((plan) => [
          plan.names.changed,
          entityChanges(plan, { ...deps, reader: deps.liveReader ?? deps.reader }),
        ]),
      ),
      featureUpdates: featureUpdates(registry, bus, limits.queuedEvents),
      freshnessAlerts: freshnessAlerts(bus, deps.incident, limits.queuedEvents),
    },
  };
}

function vectorsField(deps: ResolverDeps, registry: CompiledRegistry): Resolver<unknown> {
  const read: ReadVectors = (args, selected, budget) =>
    readFeatureVectors({ ...deps, budget, selected }, registry, args as unknown as VectorArguments);
  return typedResolver({ kind: 'vectors', read }, (_root, args, context: RequestContext, info) =>
    read(args, selectedFields(info), requestBudget(context, deps)),
  );
}

/** A view without a key, as a field of Query. */
function withoutKey(resolve: Resolver<EntityRow>, { reader }: ResolverDeps): Resolver<unknown> {
  return (_root, args, context: RequestContext, info) =>
    resolve({ key: [], reads: requestReads(context, reader) }, args, context, info);
}
