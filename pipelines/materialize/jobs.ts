import { randomUUID } from 'node:crypto';
import type { SystemClock } from '../../core/ports/clocks.ts';
import type { MaterializationJob } from '../../core/ports/materializer.ts';
import type { RegistryStore } from '../../core/ports/registry-store.ts';

/** What a job may report while it runs. */
export interface JobProgress {
  /** Aborts when the process stops. */
  readonly signal: AbortSignal;
  /** Adds to what is still expected. */
  expect(records: number): void;
  done(records: number, keysWritten: number): void;
}

export type JobWork = (job: MaterializationJob, progress: JobProgress) => Promise<void>;

/** Materialization jobs one after the other, kept in the registry's `materializations`. */
export interface JobQueue {
  /** Stores the job as QUEUED; `finished` resolves with its last state and never rejects. */
  enqueue(
    kind: MaterializationJob['kind'],
    views: readonly string[],
    work: JobWork,
    fields?: Pick<MaterializationJob, 'discard'>,
  ): Promise<{ readonly job: MaterializationJob; readonly finished: Promise<MaterializationJob> }>;
  get(id: string): Promise<MaterializationJob | null>;
  list(limit: number): Promise<readonly MaterializationJob[]>;
  /** Jobs that an earlier process left unfinished, oldest first. */
  interrupted(): Promise<readonly MaterializationJob[]>;
  /** Ends an interrupted job; `reason` says what became of it. */
  cancel(job: MaterializationJob, reason: string): Promise<void>;
  /** Aborts what runs and waits for it; what is queued stays QUEUED. */
  stop(): Promise<void>;
}

export interface JobQueueDeps {
  readonly documents: RegistryStore;
  readonly systemClock: SystemClock;
  /** Told of every change of a job, progress included. */
  readonly onJob: (job: MaterializationJob) => void;
}

const recentJobs = 100;

export function createJobQueue({ documents, systemClock, onJob }: JobQueueDeps): JobQueue {
  const live = new Map<string, MaterializationJob>();
  const stopping = new AbortController();
  let tail: Promise<unknown> = Promise.resolve();

  const now = (): string => new Date(systemClock.nowMillis()).toISOString();
  const change = (id: string, fields: Partial<MaterializationJob>): MaterializationJob => {
    const job = { ...live.get(id)!, ...fields };
    live.set(id, job);
    onJob(job);
    return job;
  };
  const store = (job: MaterializationJob): Promise<void> => documents.putDocument('materializations', job.id, job);

  async function run(id: string, work: JobWork): Promise<MaterializationJob> {
    if (stopping.signal.aborted) return live.get(id)!;
    const started = change(id, { state: 'RUNNING' });
    try {
      await store(started);
      await work(started, {
        signal: stopping.signal,
        expect: (records) => void change(id, { recordsTotal: (live.get(id)!.recordsTotal ?? 0) + records }),
        done(records, keysWritten) {
          const job = live.get(id)!;
          change(id, { recordsDone: job.recordsDone + records, keysWritten: job.keysWritten + keysWritten });
        },
      });
      return await finish(id, { state: 'SUCCEEDED', finishedAt: now(), recordsTotal: live.get(id)!.recordsDone });
    } catch (error) {
      // A stopped job is not finished: the next start takes it up again.
      if (stopping.signal.aborted) return live.get(id)!;
      const message = error instanceof Error ? error.message : String(error);
      return await finish(id, { state: 'FAILED', finishedAt: now(), error: message });
    }
  }

  async function finish(id: string, fields: Partial<MaterializationJob>): Promise<MaterializationJob> {
    const job = change(id, fields);
    await store(job).catch(() => {});
    live.delete(id);
    return job;
  }

  return {
    async enqueue(kind, views, work, fields) {
      const job: MaterializationJob = {
        id: randomUUID(),
        kind,
        views,
        state: 'QUEUED',
        recordsDone: 0,
        recordsTotal: null,
        keysWritten: 0,
        createdAt: now(),
        finishedAt: null,
        error: null,
        ...fields,
      };
      live.set(job.id, job);
      await store(job);
      const finished = tail.then(() => run(job.id, work));
      tail = finished;
      return { job, finished };
    },
    async get(id) {
      return live.get(id) ?? ((await documents.getDocument('materializations', id)) as MaterializationJob | null);
    },
    async list(limit) {
      const stored = (await documents.listDocuments('materializations', limit)) as readonly MaterializationJob[];
      return stored.map((job) => live.get(job.id) ?? job);
    },
    async interrupted() {
      const stored = (await documents.listDocuments('materializations', recentJobs)) as readonly MaterializationJob[];
      return stored.filter(({ id, finishedAt }) => finishedAt === null && !live.has(id)).reverse();
    },
    cancel: (job, reason) => store({ ...job, state: 'CANCELLED', finishedAt: now(), error: reason }),
    async stop() {
      stopping.abort(new Error('the materializer is stopping'));
      await tail;
    },
  };
}
