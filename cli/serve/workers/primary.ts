import { startWorkerProcess } from '../../../adapters/cluster/processes.ts';
import type { MaterializationJob } from '../../../core/ports/materializer.ts';
import { linkSignals } from '../../../core/time/linked-signal.ts';
import { createClosingStack } from '../../../runtime/closing-stack.ts';
import { reserveFreePort } from '../../../runtime/listening.ts';
import { createSummedMetrics } from '../../../runtime/summed-metrics.ts';
import { noTokens } from '../access.ts';
import type { AsofOptions, Readiness } from '../asof.ts';
import { openWhenServersAnswer } from '../await-servers.ts';
import type { Part, Shared } from '../parts/part.ts';
import { takeUpRevisions } from '../take-up.ts';
import { startCrew } from './crew.ts';
import { type OpenedPrimary, openPrimary } from './opened-primary.ts';
import { primaryCalls, primaryStreams } from './primary-calls.ts';

/** A process whose workers have the door. */
export interface Primary extends AsyncDisposable {
  /** Where they answer, when all of them can be asked; rejects with what keeps them from it. */
  readonly url: Promise<string>;
  readonly filled: Promise<readonly MaterializationJob[]>;
}

/** Of the grace that a process has to stop, beside the time in which it drains, what workers may take. */
const workersShare = 0.9;
/** Between two looks at what workers are told of. */
const lookMillis = 250;

/**
 * Starts the workers, and opens beside what they have in common. Closing it has the workers finish what they do, and closes
 * then what they did it with.
 */
export function startPrimary(options: AsofOptions): Primary {
  const { role, settings, stores, logger, metrics } = options;
  const { systemClock } = stores;
  const { graceMillis, drainMillis } = settings;
  const onError = (error: unknown): void => logger.error({ err: error }, 'work in the background failed');
  const stack = createClosingStack();
  const stopping = new AbortController();
  const followers = new Set<(readiness: Readiness) => void>();
  let parts: readonly Part[] = [];
  let waitsFor: string | null = 'it is starting';
  let found: (opened: OpenedPrimary) => void = () => {};
  const opened = new Promise<OpenedPrimary>((resolve) => {
    found = resolve;
  });

  const readiness = (): Readiness => ({
    reasons: waitsFor === null ? parts.flatMap((part) => part.unready?.() ?? []) : [waitsFor],
    notes: [...parts.flatMap((part) => part.notes?.() ?? []), ...stores.notes(), ...crew.notes()],
  });
  const summed = createSummedMetrics({ own: metrics, others: () => crew.members(), systemClock });
  const deps = {
    stores,
    opened,
    expose: summed.expose,
    followReadiness(tell: (readiness: Readiness) => void) {
      tell(readiness());
      followers.add(tell);
      return () => followers.delete(tell);
    },
  };
  const port = settings.port === 0 ? reserveFreePort(settings.host) : null;
  // Who asks for it hears of it.
  port?.catch(() => {});
  const crew = startCrew({
    count: settings.workers,
    port: async () => (port === null ? settings.port : (await port).give()),
    start: startWorkerProcess,
    offer: (link) => link.offer(primaryCalls(deps), primaryStreams(deps)),
    onEnded: summed.ended,
    onChange: () => tellReadiness(),
    systemClock,
    logger,
    metrics,
  });

  async function openAttempt(shared: Shared): Promise<OpenedPrimary> {
    const primary = await openPrimary(role, shared, options);
    const taken = primary.watcher?.current();
    for (const part of primary.parts) await part.start?.();
    if (primary.watcher !== null) {
      shared.stack.defer(takeUpRevisions(primary.parts, primary.watcher, { taken, onError }));
    }
    return primary;
  }

  async function open(): Promise<void> {
    // Before the definitions are applied: a port that is taken changes nothing.
    await crew.listening;
    const refused = new AbortController();
    crew.url.catch((error: unknown) => refused.abort(error));
    using ended = linkSignals(stopping.signal, refused.signal);
    const { opened: primary, stack: behind } = await openWhenServersAnswer(
      (attempt) => openAttempt({ settings, access: noTokens, stores, logger, metrics, stack: attempt, onError }),
      {
        systemClock,
        logger,
        signal: ended.signal,
        onWaiting: (reason) => {
          if (reason !== null) waitsFor = `it waits: ${reason}`;
        },
      },
    );
    stack.use(behind);
    parts = primary.parts;
    waitsFor = null;
    tellReadiness();
    found(primary);
  }

  let told = '';
  function tellReadiness(): void {
    const now = readiness();
    const text = JSON.stringify(now);
    if (text !== told) for (const tell of followers) tell(now);
    told = text;
  }

  async function watch(): Promise<void> {
    while (!stopping.signal.aborted) {
      tellReadiness();
      await systemClock.sleep(lookMillis, stopping.signal).catch(() => {});
    }
  }

  const opening = open();
  const watching = watch();
  const url = opening.then(() => crew.url);
  url.catch(() => {});
  return {
    url,
    filled: opened.then(({ filled }) => filled),
    async [Symbol.asyncDispose]() {
      stopping.abort(new Error('the process is stopping'));
      stack.defer(() => summed[Symbol.dispose]());
      try {
        await crew.stop(drainMillis + (graceMillis - drainMillis) * workersShare);
      } finally {
        // What is being opened is closed when it is open.
        await Promise.allSettled([opening, watching]);
        await stack[Symbol.asyncDispose]();
      }
    },
  };
}
