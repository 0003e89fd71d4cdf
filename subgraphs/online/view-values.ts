import type { GraphQLFieldResolver } from 'graphql';
import { graphqlValueOf } from '../../codegen/graphql-types.ts';
import type { CompiledView, ViewReading } from '../../core/definitions/compiled.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import type { FreshnessMonitor } from '../../core/ports/freshness.ts';
import type { Value, ValueType } from '../../core/values/types.ts';
import type { RequestContext } from '../../runtime/context.ts';
import type { Batched } from '../../runtime/execution/batched.ts';
import { plainResolver } from '../../runtime/execution/plain-resolvers.ts';
import { type Described, typedResolver } from './direct/typed-fields.ts';
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
  const resolve: Resolver<EntityRow> = ({ key, reads }, given, _context, info): Batched<ViewValues> | ViewValues => {
    const { version: asked, maxAge }: ViewArguments = given;
    const version = plan.version(asked);
    const { features, positions } = askedFeatures(plan, version, selectedFields(info));
    const maxAgeMillis = tightenedMaxAge(version.view, maxAge);
    const origin = originOf(version);
    const request = { view: version.view, key, maxAgeMillis, ...(features && { features }) };
    const known = reads.known(request);
    if (known !== null) return { reading: known, positions, origin };
    return reads.load(request).map((reading) => ({ reading, positions, origin }));
  };
  return typedResolver({ kind: 'view', plan }, resolve);
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
    const { type } = features[place]!;
    const toGraphql = graphqlValueOf(type);
    const resolve = plainResolver<ViewValues>(({ positions, reading, origin }) => {
      const position = positions[place]!;
      if (position >= 0) return toGraphql(reading.values[position]!);
      const problem = origin.plan?.features[place];
      throw problem instanceof AsofError ? problem : new AsofError('INTERNAL', `field '${field}' was not read`);
    });
    return [field, typedResolver({ kind: 'feature', place, type }, resolve)];
  });
  const meta: Resolver<ViewValues> = (values) => values;
  return { ...Object.fromEntries(resolvers), meta: typedResolver({ kind: 'meta' }, meta) };
}

/** The fields of FeatureMeta, whose parent is the values that it describes. */
export function metaResolvers(freshness: FreshnessMonitor): Resolvers<ViewValues> {
  const described: Readonly<Record<string, { type: ValueType; read: (of: Described) => Value }>> = {
    status: { type: { kind: 'string' }, read: ({ status }) => status },
    eventTime: { type: { kind: 'timestamp' }, read: ({ eventTime }) => eventTime },
    readAt: { type: { kind: 'timestamp' }, read: ({ readAt }) => readAt },
    version: { type: { kind: 'int32' }, read: ({ version }) => version },
    ageMillis: {
      type: { kind: 'int64' },
      read: ({ eventTime, readAt }) => (eventTime === null ? null : readAt - eventTime),
    },
    fresh: {
      type: { kind: 'bool' },
      read({ view, version }) {
        const report = view === null ? null : freshness.report(view);
        if (report === null || report.slaMillis === null || report.version !== version) return null;
        return !report.stale;
      },
    },
  };
  const resolvers = Object.entries(described).map(([name, { type, read }]): [string, Resolver<ViewValues>] => {
    const resolve: Resolver<ViewValues> = ({ reading, origin }) => read({ ...reading, view: origin.view });
    return [name, typedResolver({ kind: 'described', type, read }, resolve)];
  });
  return {
    ...Object.fromEntries(resolvers),
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
