import { AsofError } from '../../core/errors/asof-error.ts';
import { nearest } from '../../core/errors/nearest.ts';
import type { LiveBus } from '../../core/ports/live-bus.ts';
import type { MaterializationJob, Materializer } from '../../core/ports/materializer.ts';
import type { RequestContext } from '../../runtime/context.ts';
import { connectionOf, pageSize } from './connection.ts';
import { datasetProgress, type ProgressEvent } from './dataset-progress.ts';
import type { JobState, TrainingDataset } from './datasets/dataset.ts';
import type { DatasetOrder } from './datasets/order.ts';
import type { TrainingDatasets } from './datasets/training-datasets.ts';
import type { ExplainInput, FeatureExplanation } from './explain.ts';
import { explanationResolvers } from './explanation-type.ts';
import type { FeatureStatistics } from './statistics.ts';

/** Lists are looked through this far back. */
const recentJobs = 1_000;

export interface OfflineResolverDeps {
  readonly datasets: TrainingDatasets;
  readonly materializer: Materializer;
  readonly bus: LiveBus;
  /** See `createStatistics`. */
  readonly statistics: (view: string) => Promise<readonly FeatureStatistics[]>;
  /** See `explainFeature`. */
  readonly explain: (input: ExplainInput, signal: AbortSignal) => Promise<FeatureExplanation>;
}

/** Resolvers for schema/offline.graphql. */
export function offlineResolvers(deps: OfflineResolverDeps) {
  const { datasets, materializer } = deps;
  return {
    Query: {
      trainingDataset: (_: unknown, { id }: { id: string }) => datasets.get(id),
      async trainingDatasets(_: unknown, { first, after, state }: DatasetListArguments) {
        const all = await datasets.list(recentJobs);
        const chosen = state == null ? all : all.filter((dataset) => dataset.state === state);
        return connectionOf(chosen, pageSize(first, 'first'), after ?? null);
      },
      explain: (_: unknown, { input }: { input: ExplainInput }, { signal }: RequestContext) =>
        deps.explain(input, signal),
      materialization: (_: unknown, { id }: { id: string }) => materializer.get(id),
      materializations: (_: unknown, { first }: { first: number }) => materializer.list(pageSize(first, 'first')),
    },
    Mutation: {
      createTrainingDataset: (_: unknown, { input }: { input: DatasetOrder }) =>
        payload('dataset', () => datasets.create(input)),
      cancelTrainingDataset: (_: unknown, { input }: { input: { id: string } }) =>
        payload('dataset', () => datasets.cancel(input.id)),
      rebuildTrainingDataset: (_: unknown, { input }: { input: { id: string } }) =>
        payload('dataset', () => datasets.rebuild(input.id)),
      materialize: (_: unknown, { input }: ViewsArguments) =>
        payload('job', () => materializer.materialize(input.views)),
      backfill: (_: unknown, { input }: ViewsArguments) => payload('job', () => materializer.backfill(input.views)),
      rebuild: (_: unknown, { input }: { input: { views?: readonly string[] | null; discard: boolean } }) =>
        payload('job', () => materializer.rebuild(input.views ?? null, input)),
    },
    Subscription: {
      trainingDatasetProgress: {
        subscribe: (_: unknown, { id, after }: { id: string; after?: string | null }) =>
          datasetProgress(deps, id, after ?? null),
        resolve: (event: ProgressEvent) => event,
      },
    },
    TrainingDataset: {
      views: ({ members }: TrainingDataset) =>
        members.map(({ view, version, hash }) => ({ view: viewReference(view), version, hash })),
      spineSql: ({ spine }: TrainingDataset) => (spine.kind === 'sql' ? spine.sql : null),
      timeColumn: ({ spine }: TrainingDataset) => spine.timeColumn,
      files: ({ id, files }: TrainingDataset) =>
        files.map((file) => ({ ...file, url: `/datasets/${id}/${encodeURIComponent(file.name)}` })),
      preview: (dataset: TrainingDataset, { limit }: { limit: number }) =>
        datasets.preview(dataset, pageSize(limit, 'limit')),
    },
    FeatureExplanation: explanationResolvers,
    Materialization: {
      views: ({ views }: MaterializationJob) => views.map(viewReference),
    },
    FeatureView: {
      __resolveReference: ({ name }: { name: string }) => viewReference(name),
      async statistics({ name }: { name: string }, { features }: { features?: readonly string[] | null }) {
        const all = await deps.statistics(name);
        return features == null ? all : features.map((feature) => statisticsOf(all, name, feature));
      },
      materializations: ({ name }: { name: string }, { first }: { first: number }) =>
        jobsOf(materializer, name, pageSize(first, 'first')),
      datasets: async ({ name }: { name: string }, { first }: { first: number }) =>
        (await datasets.list(recentJobs))
          .filter(({ members }) => members.some(({ view }) => view === name))
          .slice(0, pageSize(first, 'first')),
    },
  };
}

interface DatasetListArguments {
  readonly first: number;
  readonly after?: string | null;
  readonly state?: JobState | null;
}

interface ViewsArguments {
  readonly input: { readonly views: readonly string[] };
}

/** Codes of failures that are the caller's to mend: they are data; everything else is an error. */
const expectedCodes: ReadonlySet<string> = new Set([
  'BAD_INPUT',
  'UNKNOWN_NAME',
  'LIMIT_EXCEEDED',
  'CONFLICT',
  'NOT_READY',
]);

async function payload(field: 'dataset' | 'job', work: () => Promise<unknown>): Promise<Record<string, unknown>> {
  try {
    return { [field]: await work(), errors: [] };
  } catch (error) {
    if (!(error instanceof AsofError) || !expectedCodes.has(error.code)) throw error;
    const { path = null, remedy = null } = error.details;
    return { [field]: null, errors: [{ code: error.code, message: error.message, path, remedy }] };
  }
}

function viewReference(name: string): { __typename: 'FeatureView'; name: string } {
  return { __typename: 'FeatureView', name };
}

function statisticsOf(all: readonly FeatureStatistics[], view: string, feature: string): FeatureStatistics {
  const found = all.find((statistics) => statistics.feature === feature);
  if (found !== undefined) return found;
  const names = all.map((statistics) => statistics.feature);
  const closest = nearest(feature, names);
  throw new AsofError('UNKNOWN_NAME', `the view "${view}" has no feature "${feature}"`, {
    path: 'features',
    expected: `one of ${names.join(', ')}`,
    ...(closest === null ? {} : { remedy: `Did you mean "${closest}"?` }),
  });
}

async function jobsOf(materializer: Materializer, view: string, first: number): Promise<readonly MaterializationJob[]> {
  const jobs = await materializer.list(recentJobs);
  return jobs.filter(({ views }) => views.includes(view)).slice(0, first);
}
