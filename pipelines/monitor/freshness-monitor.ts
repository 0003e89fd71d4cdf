import type { CompiledView } from '../../core/definitions/compiled.ts';
import type { CompiledRegistry } from '../../core/definitions/registry-view.ts';
import { type AlertRule, type AlertStanding, calm, stepAlert } from '../../core/freshness/alert.ts';
import type { DataClock, SystemClock } from '../../core/ports/clocks.ts';
import type { EventLog } from '../../core/ports/event-log.ts';
import type { FreshnessMonitor, FreshnessReport } from '../../core/ports/freshness.ts';
import type { IngestProgress } from '../../core/ports/ingest-progress.ts';
import type { LiveBus } from '../../core/ports/live-bus.ts';
import type { RegistryStore } from '../../core/ports/registry-store.ts';
import { topicOf } from '../../core/records/topic.ts';
import type { Instant } from '../../core/values/types.ts';
import { createIncidents } from './incidents.ts';
import { noLag, type TopicLag, topicLag } from './staleness.ts';

export interface FreshnessMonitorDeps {
  readonly registry: () => CompiledRegistry;
  readonly log: Pick<EventLog, 'endOffsets' | 'read'>;
  readonly progress: IngestProgress;
  /** A version without its history yet is NOT_READY, not stale. */
  readonly isLive: (view: CompiledView) => boolean;
  readonly documents: RegistryStore;
  readonly bus: LiveBus;
  readonly clock: DataClock;
  readonly systemClock: SystemClock;
  /** A check that failed; the next one comes in its turn. */
  readonly onError: (error: unknown) => void;
  /** Told of each check's reports, before the next check. */
  readonly onChecked?: (reports: ReadonlyMap<string, FreshnessReport>) => Promise<void>;
  readonly settings?: Partial<MonitorSettings>;
}

export interface MonitorSettings {
  /** Between checks, on the SystemClock. */
  readonly intervalMillis: number;
  /** On the DataClock, as all ages are. */
  readonly forMillis: number;
  readonly keepFiringForMillis: number;
  /** The clear level as a share of the SLA. */
  readonly clearShare: number;
}

export interface RunningFreshnessMonitor extends FreshnessMonitor, AsyncDisposable {
  /** Checks now and then every interval. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** One check of every view; also for tests. */
  check(): Promise<void>;
  readonly reports: ReadonlyMap<string, FreshnessReport>;
}

const defaultSettings: MonitorSettings = {
  intervalMillis: 1_000,
  forMillis: 5_000,
  keepFiringForMillis: 15_000,
  clearShare: 0.8,
};

export function createFreshnessMonitor(deps: FreshnessMonitorDeps): RunningFreshnessMonitor {
  const { registry, log, progress, isLive, clock, systemClock } = deps;
  const settings = { ...defaultSettings, ...deps.settings };
  const incidents = createIncidents(deps.documents, deps.bus);
  const standings = new Map<string, AlertStanding>();
  let reports: ReadonlyMap<string, FreshnessReport> = new Map();
  let loaded: Promise<void> | null = null;
  let running: { readonly stop: AbortController; readonly done: Promise<void> } | null = null;
  let tail: Promise<void> = Promise.resolve();

  async function checkView(view: CompiledView, lag: TopicLag, now: Instant): Promise<FreshnessReport> {
    const sla = view.freshnessMillis;
    const state = sla === null || !isLive(view) ? 'OK' : await alert(view, sla, lag.ageMillis, now);
    const times = lag.times.get(view.source.name);
    return {
      view: view.name,
      version: view.version,
      slaMillis: sla,
      ageMillis: lag.ageMillis,
      stale: sla !== null && lag.ageMillis > sla,
      eventTimeLagMillis: times?.eventTimeLagMillis ?? null,
      pipelineLatencyMillis: times?.pipelineLatencyMillis ?? null,
      backlog: lag.backlog,
      state,
      checkedAt: now,
    };
  }

  async function alert(
    { name, version }: CompiledView,
    slaMillis: number,
    ageMillis: number,
    now: Instant,
  ): Promise<AlertStanding['state']> {
    const { forMillis, keepFiringForMillis, clearShare } = settings;
    const rule: AlertRule = {
      triggerMillis: slaMillis,
      clearMillis: slaMillis * clearShare,
      forMillis,
      keepFiringForMillis,
    };
    // An incident that was open when the process ended goes on: it fires no second time.
    const before = standings.get(name) ?? (incidents.open(name) === null ? calm : { state: 'FIRING', since: now });
    const { standing, transition } = stepAlert(before, rule, ageMillis, now);
    if (transition === 'FIRING') await incidents.fire({ view: name, version, slaMillis, ageMillis, firedAt: now });
    if (transition === 'RESOLVED') await incidents.resolve(name, now, ageMillis);
    // Only after the incident is stored and told: a failure repeats the step at the next check.
    standings.set(name, standing);
    return standing.state;
  }

  async function checkAll(): Promise<void> {
    loaded ??= incidents.load();
    await loaded.catch((error: unknown) => {
      loaded = null;
      throw error;
    });
    const now = clock.now();
    const current = [...registry().views.values()].flatMap((versions) => versions.at(-1) ?? []);
    const lags = new Map<string, TopicLag>();
    const checked = new Map<string, FreshnessReport>();
    for (const view of current) {
      const topic = topicOf(view.source);
      if (topic !== null && !lags.has(topic)) {
        lags.set(topic, await topicLag(log, topic, progress, now));
      }
      const lag = (topic === null ? undefined : lags.get(topic)) ?? noLag;
      checked.set(view.name, await checkView(view, lag, now));
    }
    const watched = new Set(current.flatMap(({ name, freshnessMillis }) => (freshnessMillis === null ? [] : name)));
    for (const view of incidents.openViews) {
      if (watched.has(view)) continue;
      await incidents.resolve(view, now, 0);
      standings.delete(view);
    }
    reports = checked;
    await deps.onChecked?.(checked);
  }

  const check = (): Promise<void> => {
    const turn = tail.then(checkAll);
    tail = turn.catch(() => {});
    return turn;
  };

  async function run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await check().catch(deps.onError);
      await systemClock.sleep(settings.intervalMillis, signal).catch(() => {});
    }
  }

  const monitor: RunningFreshnessMonitor = {
    check,
    report: (view) => reports.get(view) ?? null,
    get reports() {
      return reports;
    },
    async start() {
      if (running !== null) return;
      const stop = new AbortController();
      running = { stop, done: run(stop.signal) };
    },
    async stop() {
      const ending = running;
      running = null;
      ending?.stop.abort(new Error('the monitor is stopping'));
      await ending?.done;
    },
    [Symbol.asyncDispose]: () => monitor.stop(),
  };
  return monitor;
}
