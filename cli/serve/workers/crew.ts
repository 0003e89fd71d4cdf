import { setMaxListeners } from 'node:events';
import { type ErrorForm, fromErrorForm } from '../../../adapters/cluster/error-form.ts';
import { asking, type Link } from '../../../adapters/cluster/link.ts';
import type { HowEnded, WorkerProcess } from '../../../adapters/cluster/processes.ts';
import { AsofError } from '../../../core/errors/asof-error.ts';
import type { SystemClock } from '../../../core/ports/clocks.ts';
import { keepRunning } from '../../../runtime/keep-running.ts';
import type { Logger } from '../../../runtime/logging.ts';
import type { Metrics } from '../../../runtime/metrics.ts';
import type { CountedProcess } from '../../../runtime/summed-metrics.ts';
import type { WorkerCalls } from './worker-calls.ts';

/** The workers of a primary process, each started again when it ends. */
export interface Crew {
  /**
   * Where they answer, when each of them can be asked. Rejects with what the first told that ended, when none could be asked
   * until then.
   */
  readonly url: Promise<string>;
  /** Resolves when the port is theirs; rejects as `url` does. */
  readonly listening: Promise<void>;
  /** Those that can be asked for what they have counted. */
  members(): readonly CountedProcess[];
  /** Which are away, one sentence each. */
  notes(): readonly string[];
  /** Has each finish what it does. UNAVAILABLE when some had to be ended; rejects with what one told that failed at it. */
  stop(graceMillis: number): Promise<void>;
}

export interface CrewDeps {
  readonly count: number;
  readonly start: () => WorkerProcess;
  /** Where they are to listen; asked for by each just before. */
  readonly port: () => Promise<number>;
  /** What workers may ask beside of what concerns their coming and going. */
  readonly offer: (link: Link) => void;
  readonly onEnded: (member: CountedProcess) => void;
  /** The notes are others than before. */
  readonly onChange: () => void;
  readonly systemClock: SystemClock;
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'workerRestarts'>;
}

/** What a worker asks first, and tells of itself. */
export type CrewCalls = {
  hello(): Promise<Hello>;
  listens(): Promise<void>;
  ready(url: string): Promise<void>;
  failed(error: ErrorForm): Promise<void>;
};

export interface Hello {
  /** From 1 on; one that is started again has the number of its predecessor. */
  readonly worker: number;
  /** Whether others answer meanwhile. */
  readonly listensLast: boolean;
  /** Where all of them listen. */
  readonly port: number;
}

interface Running {
  readonly process: WorkerProcess;
  readonly counted: CountedProcess;
  /** Whether it listens: what is said to a process before is lost. */
  isThere: boolean;
  isReady: boolean;
  /** Whether it was ended on purpose, before it had begun. */
  isDismissed: boolean;
}

interface Place {
  readonly worker: number;
  starts: number;
  running: Running | null;
  awaySinceMillis: number;
}

export function startCrew(deps: CrewDeps): Crew {
  const { systemClock, logger, metrics } = deps;
  const stopping = new AbortController();
  const { signal } = stopping;
  // Each that waits to begin again listens.
  setMaxListeners(0, signal);
  const failures: unknown[] = [];
  const places = Array.from({ length: deps.count }, (_, index): Place => {
    return { worker: index + 1, starts: 0, running: null, awaySinceMillis: systemClock.nowMillis() };
  });
  let wasReady = false;
  const listening = settledLater<void>();
  const url = settledLater<string>();
  const refuse = (error: unknown): void => {
    listening.reject(error);
    url.reject(error);
  };

  async function run(place: Place): Promise<void> {
    const { worker } = place;
    place.starts++;
    const process = deps.start();
    const calls = asking<WorkerCalls>(process.link);
    const counted: CountedProcess = { name: `worker ${worker}`, counts: () => calls.call('counts') };
    const running: Running = { process, counted, isThere: false, isReady: false, isDismissed: false };
    place.running = running;
    let failure: unknown = null;
    const offered: CrewCalls = {
      async hello() {
        running.isThere = true;
        return { worker, listensLast: place.starts > 1, port: await deps.port() };
      },
      async listens() {
        listening.resolve();
      },
      async ready(at) {
        running.isReady = true;
        wasReady = true;
        deps.onChange();
        if (places.every((one) => one.running?.isReady === true)) url.resolve(at);
      },
      async failed(error) {
        failure = fromErrorForm(error);
      },
    };
    process.link.offer(offered);
    deps.offer(process.link);
    const how = await process.ended;
    place.running = null;
    place.awaySinceMillis = systemClock.nowMillis();
    deps.onEnded(counted);
    deps.onChange();
    const why = failure ?? endedBy(worker, how);
    const told = failure === null ? {} : { err: failure };
    if (signal.aborted) {
      if (wasReady && !running.isDismissed && (failure !== null || how.code !== 0)) failures.push(why);
    } else if (wasReady) {
      logger.error({ worker, pid: process.pid, ...how, ...told }, 'a worker has ended and is started again');
    } else {
      // The others would fail in the same way.
      refuse(why);
      stopping.abort(why);
    }
  }

  const running = places.map((place) =>
    keepRunning(() => run(place), {
      systemClock,
      signal,
      onPause(pauseMillis) {
        metrics.workerRestarts.inc();
        if (pauseMillis > 0)
          logger.warn({ worker: place.worker, pauseMillis }, 'a worker that ends again and again waits');
      },
    }),
  );

  return {
    listening: listening.promise,
    url: url.promise,
    members: () => places.flatMap(({ running: one }) => (one?.isThere === true ? one.counted : [])),
    notes: () =>
      places.flatMap((place) => {
        if (place.running?.isReady === true) return [];
        const since = new Date(place.awaySinceMillis).toISOString();
        return [`worker ${place.worker} is away since ${since}: ${place.running === null ? 'it waits' : 'it starts'}`];
      }),
    async stop(graceMillis) {
      const isOver = new AsofError('CANCELLED', 'the process is stopping');
      stopping.abort(isOver);
      refuse(isOver);
      const left = places.flatMap((place) => place.running ?? []);
      for (const one of left) {
        one.isDismissed = !one.isThere;
        if (one.isDismissed) one.process.kill();
        else {
          asking<WorkerCalls>(one.process.link)
            .call('stop')
            .catch(() => {});
        }
      }
      const done = new AbortController();
      const grace = systemClock.sleep(graceMillis, done.signal).then(
        () => {
          failures.push(tooLate(graceMillis));
          for (const { process } of left) process.kill();
        },
        () => {},
      );
      await Promise.all(running);
      done.abort();
      await grace;
      if (failures.length > 0) throw failures[0];
    },
  };
}

/** Whoever waits for it hears what becomes of it; what comes after the first changes nothing. */
function settledLater<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<T>((resolves, rejects) => {
    resolve = resolves;
    reject = rejects;
  });
  promise.catch(() => {});
  return { promise, resolve, reject };
}

function endedBy(worker: number, { code, signal }: HowEnded): AsofError {
  return new AsofError('UNAVAILABLE', `worker ${worker} has ended`, {
    got: signal === null ? `exit code ${code}` : `signal ${signal}`,
    remedy: 'The log says what it was at.',
  });
}

function tooLate(graceMillis: number): AsofError {
  return new AsofError('UNAVAILABLE', 'workers could not stop in time and are ended', {
    expected: `an end within ${graceMillis} ms, a part of ASOF_GRACE_MILLIS`,
  });
}
