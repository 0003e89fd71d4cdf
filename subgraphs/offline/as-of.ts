import { graphqlTypeOf, graphqlValueOf } from '../../codegen/graphql-types.ts';
import type { CompiledView, ViewReading } from '../../core/definitions/compiled.ts';
import type { EntityDefinition } from '../../core/definitions/model.ts';
import type { CompiledRegistry } from '../../core/definitions/registry-view.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import { type GraphqlNames, graphqlNames } from '../../core/names/graphql-names.ts';
import type { DataClock, SystemClock } from '../../core/ports/clocks.ts';
import type { Materializer } from '../../core/ports/materializer.ts';
import type { OfflineStore } from '../../core/ports/offline-store.ts';
import { parseValue } from '../../core/values/parse.ts';
import type { Instant, Value } from '../../core/values/types.ts';
import type { RequestContext } from '../../runtime/context.ts';
import { untilPast } from '../../runtime/past-instant.ts';
import { asOfTypeName, viewsWithPast } from './as-of-sdl.ts';
import { pastReads } from './past-reads.ts';

export interface AsOfDeps {
  readonly offline: OfflineStore;
  readonly materializer: Pick<Materializer, 'hasHistory'>;
  readonly clock: DataClock;
  readonly systemClock: SystemClock;
}

type FieldResolver = (parent: never, args: never, context: RequestContext) => unknown;
type Resolvers = Record<string, Record<string, FieldResolver>>;

/** A key with its instant; what `AirportAsOf` is resolved from. */
interface PastKey {
  readonly parts: Readonly<Record<string, unknown>>;
  readonly key: readonly Value[];
  readonly time: Instant;
  readonly knownAt: Instant | null;
}

/** Resolvers for `asOfSdl`. */
export function asOfResolvers(deps: AsOfDeps, registry: CompiledRegistry, names = graphqlNames(registry)): Resolvers {
  const resolvers: Resolvers = {};
  for (const entity of registry.entities.values()) {
    const typed = names.entities.get(entity.name)!;
    const parts = (parent: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
      Object.fromEntries(typed.keys.map((name) => [name, parent[name]]));
    resolvers[typed.type] = {
      __resolveReference: (reference: Readonly<Record<string, unknown>>) => reference,
      async asOf(parent: Readonly<Record<string, unknown>>, args: AsOfArguments): Promise<PastKey> {
        return { parts: parts(parent), key: keyOf(entity, typed.keys, parent), ...(await instants(deps, args)) };
      },
    };
    resolvers[asOfTypeName(typed.type)] = {
      ...Object.fromEntries(typed.keys.map((name) => [name, ({ parts }: PastKey) => parts[name]])),
      ...viewFields(deps, registry, names, entity.name),
    };
  }
  if (viewsWithPast(registry, null).length > 0) {
    resolvers.Query = {
      asOf: async (_: unknown, args: AsOfArguments): Promise<PastKey> => ({
        parts: {},
        key: [],
        ...(await instants(deps, args)),
      }),
    };
    resolvers[asOfTypeName(null)] = viewFields(deps, registry, names, null);
  }
  for (const view of [...registry.views.values()].flatMap((versions) => versions.at(-1) ?? [])) {
    if (view.offline) resolvers[names.views.get(view.name)!.type] = valueResolvers(view, names);
  }
  return resolvers;
}

interface AsOfArguments {
  readonly time: Instant;
  readonly knownAt?: Instant | null;
}

async function instants(
  deps: AsOfDeps,
  { time, knownAt = null }: AsOfArguments,
): Promise<Pick<PastKey, 'time' | 'knownAt'>> {
  await untilPast(deps, 'time', time);
  if (knownAt !== null) await untilPast(deps, 'knownAt', knownAt);
  return { time, knownAt };
}

function keyOf(
  entity: EntityDefinition,
  names: readonly string[],
  parent: Readonly<Record<string, unknown>>,
): readonly Value[] {
  return entity.key.map(({ name, type }, index) => {
    const part = parent[names[index]!];
    return part === null || part === undefined ? null : parseValue(type, part, `${entity.name}.${name}`);
  });
}

interface ViewArguments {
  readonly version?: number | null;
  readonly maxAge?: number | null;
}

/** A reading with the version it is of, as the resolvers of its value type take it. */
interface PastValues {
  readonly view: CompiledView;
  readonly reading: ViewReading;
}

function viewFields(
  deps: AsOfDeps,
  registry: CompiledRegistry,
  names: GraphqlNames,
  entity: string | null,
): Record<string, FieldResolver> {
  const fields = viewsWithPast(registry, entity).map((current) => [
    names.views.get(current.name)!.field,
    async (
      { key, time, knownAt }: PastKey,
      { version, maxAge }: ViewArguments,
      context: RequestContext,
    ): Promise<PastValues> => {
      const view = version == null ? current : versionOf(registry, current.name, version);
      if (maxAge != null && view.kind === 'aggregate') throw neverExpires(view);
      const reads = pastReads(context, deps);
      return { view, reading: await reads.load({ view, key, time, knownAt, maxAgeMillis: maxAge ?? null }) };
    },
  ]);
  return Object.fromEntries(fields);
}

function neverExpires({ name }: CompiledView): AsofError {
  return new AsofError('BAD_INPUT', 'windowed aggregates never expire', {
    path: `${name}.maxAge`,
    expected: 'no maxAge',
    remedy: 'Leave maxAge out, or read a row view.',
  });
}

function versionOf(registry: CompiledRegistry, name: string, version: number): CompiledView {
  const versions = registry.views.get(name)!;
  const found = versions.find((view) => view.version === version);
  if (found !== undefined) return found;
  throw new AsofError('UNKNOWN_NAME', `the view "${name}" has no version ${version}`, {
    path: `${name}.version`,
    expected: `one of ${versions.map((view) => view.version).join(', ')}`,
    got: String(version),
  });
}

/** Features by name: an older version may lack one that the type has, or have it with another type. */
function valueResolvers(current: CompiledView, names: GraphqlNames): Record<string, FieldResolver> {
  const typed = names.views.get(current.name)!.features;
  const features = current.features.map(({ name, type }, index) => {
    const toGraphql = graphqlValueOf(type);
    return [
      typed[index]!,
      ({ view, reading }: PastValues) => {
        const place = view === current ? index : placeOf(view, name, graphqlTypeOf(type));
        return toGraphql(reading.values[place] ?? null);
      },
    ];
  });
  return {
    ...Object.fromEntries(features),
    meta: ({ view, reading }: PastValues) => ({
      status: reading.status,
      eventTime: reading.eventTime,
      ageMillis: reading.eventTime === null ? null : reading.readAt - reading.eventTime,
      readAt: reading.readAt,
      fresh: null,
      version: reading.version,
      cells: view.features.map(({ name }, index) => ({
        name,
        status: reading.statuses[index],
        defaulted: reading.defaulted[index],
      })),
    }),
    view: ({ view }: PastValues) => ({ __typename: 'FeatureView', name: view.name }),
  };
}

function placeOf(view: CompiledView, name: string, type: string): number {
  const place = view.features.findIndex((feature) => feature.name === name);
  const path = `views.${view.name}.features.${name}`;
  if (place < 0) {
    throw new AsofError('UNKNOWN_NAME', `version ${view.version} of this view has no such feature`, {
      path,
      remedy: 'Leave it out of the selection, or read the current version.',
    });
  }
  const own = graphqlTypeOf(view.features[place]!.type);
  if (own === type) return place;
  throw new AsofError('BAD_INPUT', `version ${view.version} of this feature has another type`, {
    path,
    expected: type,
    got: own,
    remedy: 'Make a training dataset of a service with this version.',
  });
}
