import type { CompiledRegistry } from '../../../core/definitions/registry-view.ts';
import { AsofError } from '../../../core/errors/asof-error.ts';
import type { DataClock, SystemClock } from '../../../core/ports/clocks.ts';
import type { LiveBus } from '../../../core/ports/live-bus.ts';
import type { Materializer } from '../../../core/ports/materializer.ts';
import type { OfflineStore } from '../../../core/ports/offline-store.ts';
import type { RegistryStore } from '../../../core/ports/registry-store.ts';
import { linkSignals } from '../../../core/time/linked-signal.ts';
import { type BuildDeps, buildDataset, pinnedPositions, requireHistory, spineOf } from './build.ts';
import { chooseFeatures } from './chosen-features.ts';
import { isFinished, type TrainingDataset } from './dataset.ts';
import { openDatasetFolder, type ServedFile } from './dataset-folder.ts';
import { checkSpine, type DatasetOrder, newDataset } from './order.ts';

export interface TrainingDatasetsDeps {
  readonly registry: () => CompiledRegistry;
  readonly offline: OfflineStore;
  readonly materializer: Pick<Materializer, 'hasHistory'>;
  readonly documents: RegistryStore;
  readonly bus: LiveBus;
  readonly clock: DataClock;
  readonly systemClock: SystemClock;
  /** Results lie here, a folder for each dataset. */
  readonly folder: string;
  readonly limits?: Partial<DatasetLimits>;
}

/** More is refused with LIMIT_EXCEEDED. */
export interface DatasetLimits {
  readonly inlineRows: number;
  readonly waitingJobs: number;
}

/** Training datasets as jobs, one at a time. */
export interface TrainingDatasets extends AsyncDisposable {
  /** Takes up what an earlier process left unfinished. */
  start(): Promise<void>;
  /** Checks the order and queues it. @throws AsofError for an order that cannot be met */
  create(order: DatasetOrder): Promise<TrainingDataset>;
  /**
   * Builds a dataset again from the very records it was made from, to the same bytes; files that were lost come back.
   * What is there stays where the job fails. UNKNOWN_NAME for an unknown id, CONFLICT for one that was never built.
   */
  rebuild(id: string): Promise<TrainingDataset>;
  /** UNKNOWN_NAME for an unknown id; a finished dataset stays as it is. */
  cancel(id: string): Promise<TrainingDataset>;
  get(id: string): Promise<TrainingDataset | null>;
  /** Newest first. */
  list(limit: number): Promise<readonly TrainingDataset[]>;
  preview(dataset: TrainingDataset, limit: number): Promise<readonly unknown[]>;
  /** A finished dataset's file for the HTTP host; null for any name that is not one. */
  datasetFile(id: string, file: string): Promise<ServedFile | null>;
}

const defaultLimits: DatasetLimits = { inlineRows: 100_000, waitingJobs: 100 };

/** Progress is told at most this often. */
const progressMillis = 200;

export function createTrainingDatasets(deps: TrainingDatasetsDeps): TrainingDatasets {
  const { documents, bus, clock, systemClock } = deps;
  const limits = { ...defaultLimits, ...deps.limits };
  const folders = openDatasetFolder(deps.folder);
  const live = new Map<string, { dataset: TrainingDataset; readonly cancel: AbortController }>();
  const stopping = new AbortController();
  let tail: Promise<void> = Promise.resolve();

  const now = (): string => new Date(systemClock.nowMillis()).toISOString();
  const tell = (id: string): Promise<void> => bus.publish({ kind: 'datasetProgress', datasetId: id });

  async function store(dataset: TrainingDataset): Promise<TrainingDataset> {
    await documents.putDocument('datasets', dataset.id, dataset);
    const job = live.get(dataset.id);
    if (job !== undefined) job.dataset = dataset;
    if (isFinished(dataset)) live.delete(dataset.id);
    await tell(dataset.id);
    return dataset;
  }

  function enqueue(dataset: TrainingDataset): void {
    live.set(dataset.id, { dataset, cancel: new AbortController() });
    tail = tail.then(() => run(dataset.id));
  }

  async function run(id: string): Promise<void> {
    const job = live.get(id);
    if (job === undefined || stopping.signal.aborted) return;
    using ended = linkSignals(job.cancel.signal, stopping.signal);
    const { signal } = ended;
    const current = (): TrainingDataset => job.dataset;
    try {
      const positions = current().positions ?? (await pinnedPositions(deps));
      await store({ ...current(), state: 'RUNNING', startedAt: now(), rowsDone: 0, positions });
      const build: BuildDeps = { ...deps, folders, signal, onProgress: progressOf(id) };
      const { rows, files } = await buildDataset(build, current());
      signal.throwIfAborted();
      await store({
        ...current(),
        state: 'SUCCEEDED',
        rows,
        files,
        rowsDone: rows,
        rowsTotal: rows,
        finishedAt: now(),
      });
    } catch (error) {
      // What the process's end interrupts is started again by the next one.
      if (stopping.signal.aborted) return;
      if (current().files.length === 0) await folders.remove(id);
      const cancelled = job.cancel.signal.aborted;
      const message = error instanceof Error ? error.message : String(error);
      const end = cancelled
        ? ({ state: 'CANCELLED', error: null } as const)
        : ({ state: 'FAILED', error: message } as const);
      await store({ ...current(), ...end, finishedAt: now() }).catch(() => live.delete(id));
    }
  }

  function progressOf(id: string): (done: number, total: number) => void {
    let toldAt = Number.NEGATIVE_INFINITY;
    return (rowsDone, rowsTotal) => {
      const job = live.get(id);
      if (job === undefined) return;
      job.dataset = { ...job.dataset, rowsDone, rowsTotal };
      if (systemClock.nowMillis() - toldAt < progressMillis) return;
      toldAt = systemClock.nowMillis();
      tell(id).catch(() => {});
    };
  }

  async function get(id: string): Promise<TrainingDataset | null> {
    return live.get(id)?.dataset ?? ((await documents.getDocument('datasets', id)) as TrainingDataset | null);
  }

  async function existing(id: string): Promise<TrainingDataset> {
    const dataset = await get(id);
    if (dataset === null) throw new AsofError('UNKNOWN_NAME', `there is no training dataset "${id}"`, { path: 'id' });
    return dataset;
  }

  return {
    async start() {
      const stored = (await documents.listDocuments('datasets', limits.waitingJobs)) as readonly TrainingDataset[];
      const interrupted = stored.filter((dataset) => !isFinished(dataset) && !live.has(dataset.id));
      for (const dataset of [...interrupted].reverse()) enqueue({ ...dataset, state: 'QUEUED' });
    },
    async create(order) {
      const chosen = chooseFeatures(deps.registry(), order);
      const dataset = newDataset(order, chosen, { createdAt: now(), knownUntil: clock.now() });
      const rows = order.spine.rows ?? null;
      if (rows !== null && rows.length > limits.inlineRows) throw tooMany(rows.length, limits.inlineRows);
      if (live.size >= limits.waitingJobs) throw tooManyJobs(limits.waitingJobs);
      await requireHistory(deps.materializer, chosen);
      // Everything that can be refused is refused now, not when the job's turn comes.
      const spine = spineOf(dataset.spine, rows, chosen);
      if (spine.kind === 'sql') await checkSpine(deps, spine, chosen);
      await folders.create(dataset.id, rows);
      await documents.putDocument('datasets', dataset.id, dataset);
      enqueue(dataset);
      return dataset;
    },
    async rebuild(id) {
      const dataset = await existing(id);
      if (live.has(id)) return dataset;
      // Datasets of earlier releases were stored without positions.
      if (dataset.files.length === 0 || !dataset.positions) throw neverBuilt(dataset);
      if (live.size >= limits.waitingJobs) throw tooManyJobs(limits.waitingJobs);
      const queued: TrainingDataset = { ...dataset, state: 'QUEUED', error: null, startedAt: null, finishedAt: null };
      await documents.putDocument('datasets', id, queued);
      enqueue(queued);
      return queued;
    },
    async cancel(id) {
      const dataset = await existing(id);
      const job = live.get(id);
      if (job === undefined) return dataset;
      job.cancel.abort(new AsofError('CANCELLED', 'the dataset was cancelled'));
      if (job.dataset.state !== 'QUEUED') return job.dataset;
      if (dataset.files.length === 0) await folders.remove(id);
      return await store({ ...job.dataset, state: 'CANCELLED', finishedAt: now() });
    },
    get,
    async list(limit) {
      const stored = (await documents.listDocuments('datasets', limit)) as readonly TrainingDataset[];
      return stored.map((dataset) => live.get(dataset.id)?.dataset ?? dataset);
    },
    preview: (dataset, limit) =>
      dataset.state === 'SUCCEEDED' ? folders.preview(dataset.id, limit) : Promise.resolve([]),
    async datasetFile(id, file) {
      const dataset = folders.isId(id) ? await get(id) : null;
      const known = dataset?.files.find(({ name }) => name === file);
      return known === undefined ? null : folders.served(id, known);
    },
    async [Symbol.asyncDispose]() {
      stopping.abort(new AsofError('CANCELLED', 'the process is stopping'));
      await tail;
    },
  };
}

function neverBuilt({ id, state }: TrainingDataset): AsofError {
  return new AsofError('CONFLICT', `the training dataset "${id}" cannot be built again`, {
    path: 'id',
    expected: 'a dataset that was built once and keeps the positions it was built from',
    got: state,
    remedy: 'Create it anew.',
  });
}

function tooMany(rows: number, limit: number): AsofError {
  return new AsofError('LIMIT_EXCEEDED', 'the spine has too many inline rows', {
    path: 'spine.rows',
    expected: `at most ${limit} rows`,
    got: String(rows),
    remedy: 'Select them with SQL, or split them.',
  });
}

function tooManyJobs(limit: number): AsofError {
  return new AsofError('LIMIT_EXCEEDED', 'too many training datasets wait', {
    expected: `at most ${limit} unfinished jobs`,
    remedy: 'Wait until one is finished, or cancel one.',
  });
}
