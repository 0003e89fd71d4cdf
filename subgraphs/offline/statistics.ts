import { allFeatures } from '../../core/cells/cell-plan.ts';
import type { CompiledView, ServiceMember } from '../../core/definitions/compiled.ts';
import type { CompiledRegistry } from '../../core/definitions/registry-view.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import type { DataClock, SystemClock } from '../../core/ports/clocks.ts';
import type { OfflineStore } from '../../core/ports/offline-store.ts';
import { compareValues } from '../../core/values/compare.ts';
import { toJson } from '../../core/values/json.ts';
import type { Value, ValueType } from '../../core/values/types.ts';

/** What a feature's recent values look like. */
export interface FeatureStatistics {
  readonly feature: string;
  /** Rows looked at. */
  readonly rows: number;
  readonly nulls: number;
  /** As JSON; null without a value, and for types that have no order. */
  readonly min: unknown;
  readonly max: unknown;
  /** Null without a value, and for types that are no numbers. */
  readonly mean: number | null;
}

export interface StatisticsDeps {
  readonly offline: OfflineStore;
  readonly clock: DataClock;
  readonly systemClock: SystemClock;
}

const sampleRows = 1_000;

/** A join over recent history is not done again for so long. */
const keptMillis = 60_000;

/**
 * Statistics of a view's current version over its most recent history: the values served at the times of its newest
 * events, or, of a view of rows, now for the keys of its newest rows. All features, in declared order.
 */
export function createStatistics(
  deps: StatisticsDeps,
): (registry: CompiledRegistry, view: string) => Promise<readonly FeatureStatistics[]> {
  const kept = new WeakMap<CompiledView, { readonly until: number; readonly result: Promise<FeatureStatistics[]> }>();
  return (registry, name) => {
    const view = registry.views.get(name)?.at(-1);
    if (view === undefined) throw new AsofError('UNKNOWN_NAME', `there is no feature view "${name}"`);
    const known = kept.get(view);
    const now = deps.systemClock.nowMillis();
    if (known !== undefined && now < known.until) return known.result;
    const result = statisticsOf(deps, view);
    kept.set(view, { until: now + keptMillis, result });
    result.catch(() => kept.delete(view));
    return result;
  };
}

async function statisticsOf({ offline, clock }: StatisticsDeps, view: CompiledView): Promise<FeatureStatistics[]> {
  if (!view.offline) return [];
  const member: ServiceMember = {
    alias: view.name,
    view,
    joinColumns: view.key.map((_, index) => `k${index}`),
    features: allFeatures(view),
    maxAgeMillis: null,
  };
  const rows = offline.join({
    spine: { kind: 'sql', query: recentSpine(view, clock.now()), timeColumn: 't' },
    members: [member],
    mode: 'AS_SERVED',
    sources: [view.source],
    withStatus: false,
  });
  const summaries = view.features.map(({ name, type }) => new Summary(name, type));
  for await (const batch of rows) {
    for (const row of batch)
      for (const [index, summary] of summaries.entries()) summary.add(row.members[0]!.values[index]!);
  }
  return summaries.map((summary) => summary.finish());
}

/** The newest rows of the view's source as a spine: its key parts as k0, k1, …, and the time to read at as t. */
export function recentSpine({ key, source }: CompiledView, now: number): string {
  const columns = key.map(({ column }, index) => `${quoted(source.fields[column]!.name)} AS k${index}`);
  const { eventTime } = source.definition;
  const time =
    source.kind === 'events' && eventTime !== undefined ? quoted(eventTime) : `make_timestamp(${now * 1_000})`;
  const whole = key.map(({ column }) => `${quoted(source.fields[column]!.name)} IS NOT NULL`);
  const where = whole.length === 0 ? '' : ` WHERE ${whole.join(' AND ')}`;
  const order = eventTime === undefined ? '' : ` ORDER BY ${quoted(eventTime)} DESC`;
  const list = [...columns, `${time} AS t`].join(', ');
  return `SELECT ${list} FROM ${quoted(source.name)}${where}${order} LIMIT ${sampleRows}`;
}

/** A name in the spine's SQL; the store checks the query as it checks any other. */
function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

class Summary {
  readonly #feature: string;
  readonly #type: ValueType;
  #rows = 0;
  #nulls = 0;
  #sum = 0;
  #min: Value = null;
  #max: Value = null;

  constructor(feature: string, type: ValueType) {
    this.#feature = feature;
    this.#type = type;
  }

  add(value: Value): void {
    this.#rows++;
    if (value === null) {
      this.#nulls++;
      return;
    }
    if (isNumeric(this.#type)) this.#sum += Number(value);
    if (!isOrdered(this.#type)) return;
    if (this.#min === null || compareValues(this.#type, value, this.#min) < 0) this.#min = value;
    if (this.#max === null || compareValues(this.#type, value, this.#max) > 0) this.#max = value;
  }

  finish(): FeatureStatistics {
    const values = this.#rows - this.#nulls;
    return {
      feature: this.#feature,
      rows: this.#rows,
      nulls: this.#nulls,
      min: this.#min === null ? null : toJson(this.#type, this.#min),
      max: this.#max === null ? null : toJson(this.#type, this.#max),
      mean: values > 0 && isNumeric(this.#type) ? this.#sum / values : null,
    };
  }
}

function isNumeric({ kind }: ValueType): boolean {
  return kind === 'int32' || kind === 'int64' || kind === 'float64' || kind === 'decimal';
}

function isOrdered(type: ValueType): boolean {
  return isNumeric(type) || type.kind === 'string' || type.kind === 'bool' || type.kind === 'timestamp';
}
