import type { GraphQLFieldResolver } from 'graphql';
import { graphqlValueOf } from '../../codegen/graphql-types.ts';
import type { CompiledView, ViewReading } from '../../core/definitions/compiled.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import type { FreshnessMonitor } from '../../core/ports/freshness.ts';
import type { Value } from '../../core/values/types.ts';
import type { RequestContext } from '../../runtime/context.ts';
import type { RequestReads } from './request-reads.ts';
import { selectedFields } from './selection.ts';
import { askedFeatures, type VersionPlan, type ViewPlan } from './view-plan.ts';

export type Arguments = Readonly<Record<string, unknown>>;
export type Resolver<Parent> = GraphQLFieldResolver<Parent, RequestContext, Arguments>;
export type Resolvers<Parent> = Readonly<Record<string, Resolver<Parent>>>;

/** An entity while a request resolves it; its views are read together with everything else of the request. */
export interface EntityRow {
  readonly key: readonly Value[];
  readonly reads: RequestReads;
}

export interface ViewArguments {
  readonly version?: number | null;
  readonly maxAge?: number | null;
}

/** The values of a view of one key, whoever made them. */
export interface ViewValues {
  readonly reading: ViewReading;
  /** Of each typed field in `reading.values`; −1 = not read. */
  readonly positions: readonly number[];
  readonly origin: ReadingOrigin;
}

/** What all readings of one version have in common. */
export interface ReadingOrigin {
  /** The features by name, along a reading of all of them. */
  readonly features: readonly { readonly name: string }[];
  /** The view whose SLA counts; null where there is none. */
  readonly view: string | null;
  /** Why a field cannot be read; null where all can. */
  readonly plan: VersionPlan | null;
}

/** What `viewField` reads with these arguments. */
export function viewReads(
  plan: ViewPlan,
): (args: ViewArguments) => { view: CompiledView; maxAgeMillis: number | null }[] {
  return ({ version, maxAge }) => {
    const { view } = plan.version(version);
    return [{ view, maxAgeMillis: tightenedMaxAge(view, maxAge) }];
  };
}

/** Reads a view of a key: the arguments choose and tighten, the selection says what is needed. */
export function viewField(plan: ViewPlan): Resolver<EntityRow> {
  return async ({ key, reads }, given, _context, info): Promise<ViewValues> => {
    const { version: asked, maxAge }: ViewArguments = given;
    const version = plan.version(asked);
    const { features, positions } = askedFeatures(plan, version, selectedFields(info));
    const maxAgeMillis = tightenedMaxAge(version.view, maxAge);
    const reading = await reads.load({ view: version.view, key, maxAgeMillis, ...(features && { features }) });
    return { reading, positions, origin: originOf(version) };
  };
}

/** The smaller of the view's own maxAge and the one asked for; BAD_INPUT where values do not age. */
export function tightenedMaxAge(view: CompiledView, askedMillis: number | null | undefined): number | null {
  if (askedMillis === null || askedMillis === undefined) return view.maxAgeMillis;
  if (view.kind === 'rows') return Math.min(askedMillis, view.maxAgeMillis ?? askedMillis);
  throw new AsofError('BAD_INPUT', 'windowed aggregates never expire, so they take no maxAge', {
    path: `views.${view.name}`,
    remedy: 'Leave maxAge out; a shorter window is another feature.',
  });
}

/** The fields of a view's value type. */
export function viewTypeResolvers(plan: ViewPlan): Resolvers<ViewValues> {
  return {
    ...valueResolvers([...plan.fields.keys()], plan.current.features),
    view: () => ({ __typename: 'FeatureView', name: plan.current.name }),
  };
}

/** One resolver per typed field, and `meta`. */
export function valueResolvers(
  fieldNames: readonly string[],
  features: readonly Pick<CompiledView['features'][number], 'type'>[],
): Resolvers<ViewValues> {
  const resolvers = fieldNames.map((field, place): [string, Resolver<ViewValues>] => {
    const toGraphql = graphqlValueOf(features[place]!.type);
    return [
      field,
      ({ positions, reading, origin }) => {
        const position = positions[place]!;
        if (position >= 0) return toGraphql(reading.values[position]!);
        const problem = origin.plan?.features[place];
        throw problem instanceof AsofError ? problem : new AsofError('INTERNAL', `field '${field}' was not read`);
      },
    ];
  });
  return { ...Object.fromEntries(resolvers), meta: (values: ViewValues) => values };
}

/** The fields of FeatureMeta, whose parent is the values that it describes. */
export function metaResolvers(freshness: FreshnessMonitor): Resolvers<ViewValues> {
  return {
    status: ({ reading }) => reading.status,
    eventTime: ({ reading }) => reading.eventTime,
    readAt: ({ reading }) => reading.readAt,
    version: ({ reading }) => reading.version,
    ageMillis: ({ reading: { eventTime, readAt } }) => (eventTime === null ? null : readAt - eventTime),
    fresh({ reading, origin }) {
      const report = origin.view === null ? null : freshness.report(origin.view);
      if (report === null || report.slaMillis === null || report.version !== reading.version) return null;
      return !report.stale;
    },
    cells: ({ reading: { statuses, defaulted }, origin }) =>
      origin.features.map(({ name }, index) => ({ name, status: statuses[index], defaulted: defaulted[index] })),
  };
}

const origins = new WeakMap<VersionPlan, ReadingOrigin>();

function originOf(plan: VersionPlan): ReadingOrigin {
  const known = origins.get(plan);
  if (known !== undefined) return known;
  const origin = { features: plan.view.features, view: plan.view.name, plan };
  origins.set(plan, origin);
  return origin;
}
