import type { SystemClock } from '../../core/ports/clocks.ts';
import type { MaterializationJob } from '../../core/ports/materializer.ts';
import type { RegistryStore } from '../../core/ports/registry-store.ts';
import { isPassing } from '../ingest/poison.ts';
import { newJob } from './requests.ts';

/** What a job may report while it runs. */
export interface JobProgress {
  /** Aborts when the process stops. */
  readonly signal: AbortSignal;
  /** Adds to what is still expected. */
  expect(records: number): void;
  done(records: number, keysWritten: number): void;
  /** What it waits for; null = it goes on. */
  say(waiting: string | null): void;
}

export type JobWork = (job: MaterializationJob, progress: JobProgress) => Promise<void>;

/** Materialization jobs one after the other, kept in the registry's `materializations`. */
export interface JobQueue {
  /** Stores a job of this process's own; `finished` resolves with its last state and never rejects. */
  enqueue(views: readonly string[], work: JobWork): Promise<MaterializationJob>;
  /** Goes on with a job that was asked for, or that an earlier process left unfinished. */
  resume(job: MaterializationJob, work: JobWork): Promise<MaterializationJob>;
  /** The newest state of a job of this queue; undefined = it has none, or it is finished. */
  live(id: string): MaterializationJob | undefined;
  /** Jobs that are not finished and not of this queue, oldest first. */
  unfinished(): Promise<readonly MaterializationJob[]>;
  /** Ends a job that is not of this queue; `reason` says what became of it. */
  cancel(job: MaterializationJob, reason: string): Promise<void>;
  /** Aborts what runs and waits for it; what is queued stays QUEUED. */
  stop(): Promise<void>;
}

export interface JobQueueDeps {
  readonly documents: Pick<RegistryStore, 'putDocument' | 'listDocuments'>;
  readonly systemClock: SystemClock;
  /** Told of every change of a job, progress included. */
  readonly onJob: (job: MaterializationJob) => void;
}

const recentJobs = 100;

/** Other processes see a job's progress this often. */
const storeMillis = 1_000;

const firstPauseMillis = 1_000;
const longestPauseMillis = 60_000;

export function createJobQueue({ documents, systemClock, onJob }: JobQueueDeps): JobQueue {
  const live = new Map<string, MaterializationJob>();
  const stopping = new AbortController();
  const { signal } = stopping;
  let tail: Promise<unknown> = Promise.resolve();
  /** One write after another, so that none overtakes. */
  let storing: Promise<unknown> = Promise.resolve();
  let storedAt = 0;

  const now = (): string => new Date(systemClock.nowMillis()).toISOString();
  const store = (job: MaterializationJob): Promise<void> => {
    storedAt = systemClock.nowMillis();
    const stored = storing.then(() => documents.putDocument('materializations', job.id, job));
    storing = stored.catch(() => {});
    return stored;
  };
  const change = (id: string, fields: Partial<MaterializationJob>): MaterializationJob => {
    const job = { ...live.get(id)!, ...fields };
    live.set(id, job);
    onJob(job);
    const isNews =
      job.state === 'RUNNING' && ('waitsFor' in fields || systemClock.nowMillis() - storedAt >= storeMillis);
    if (isNews) store(job).catch(() => {});
    return job;
  };

  /** What is away comes back: until then the job says why it waits, and is tried again. */
  async function persist(id: string, work: JobWork, progress: JobProgress): Promise<void> {
    for (let pause = firstPauseMillis; ; pause = Math.min(2 * pause, longestPauseMillis)) {
      try {
        return await work(live.get(id)!, progress);
      } catch (error) {
        if (signal.aborted || !isPassing(error)) throw error;
        progress.say(`is tried again: ${messageOf(error)}`);
        await systemClock.sleep(pause, signal);
        progress.say(null);
      }
    }
  }

  async function run(id: string, work: JobWork): Promise<MaterializationJob> {
    if (signal.aborted) return live.get(id)!;
    const none = { recordsDone: 0, recordsTotal: null, keysWritten: 0, waitsFor: null };
    try {
      change(id, { ...none, state: 'RUNNING' });
      await persist(id, work, {
        signal,
        expect: (records) => void change(id, { recordsTotal: (live.get(id)!.recordsTotal ?? 0) + records }),
        done(records, keysWritten) {
          const job = live.get(id)!;
          change(id, { recordsDone: job.recordsDone + records, keysWritten: job.keysWritten + keysWritten });
        },
        say(waitsFor) {
          if (live.get(id)!.waitsFor !== waitsFor) change(id, { waitsFor });
        },
      });
      return await finish(id, { state: 'SUCCEEDED', recordsTotal: live.get(id)!.recordsDone });
    } catch (error) {
      // A stopped job is not finished: who leads next goes on with it.
      if (signal.aborted) return live.get(id)!;
      return await finish(id, { state: 'FAILED', error: messageOf(error) });
    }
  }

  async function finish(id: string, fields: Partial<MaterializationJob>): Promise<MaterializationJob> {
    const job = change(id, { ...fields, finishedAt: now(), waitsFor: null });
    await store(job).catch(() => {});
    live.delete(id);
    return job;
  }

  const add = (job: MaterializationJob, work: JobWork): Promise<MaterializationJob> => {
    live.set(job.id, job);
    const finished = tail.then(() => run(job.id, work));
    tail = finished;
    return finished;
  };

  return {
    async enqueue(views, work) {
      const job = { ...newJob('BACKFILL', views, systemClock), isAutomatic: true };
      live.set(job.id, job);
      await store(job);
      return await add(job, work);
    },
    resume: add,
    live: (id) => live.get(id),
    async unfinished() {
      const stored = (await documents.listDocuments('materializations', recentJobs)) as readonly MaterializationJob[];
      return stored.filter(({ id, finishedAt }) => finishedAt === null && !live.has(id)).reverse();
    },
    cancel: (job, reason) => store({ ...job, state: 'CANCELLED', finishedAt: now(), error: reason }),
    async stop() {
      stopping.abort(new Error('the materializer is stopping'));
      await tail;
      await storing;
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
