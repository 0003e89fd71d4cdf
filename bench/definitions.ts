import { collectDefinitions } from '../core/definitions/collect.ts';
import type { CompiledView, ServiceMember } from '../core/definitions/compiled.ts';
import {
  avg,
  col,
  countRows,
  entity,
  eventSource,
  feature,
  featureService,
  featureView,
  max,
  onDemandView,
  parquet,
  ratio,
  request,
  rowSource,
  t,
} from '../core/index.ts';
import { compileDefinitions } from '../core/registry/compile.ts';

const customer = entity('customer', { key: { customer: t.int64 } });
const airport = entity('airport', { key: { origin: t.string } });

export const rowSourceNames = ['profiles', 'accounts', 'scores'] as const;

const rowViews = rowSourceNames.map((name) =>
  featureView(name, {
    entity: customer,
    source: rowSource(`${name}_rows`, {
      fields: { customer: t.int64, x1: t.int64, x2: t.float64, x3: t.string },
      eventTime: 'dated',
      createdTime: 'written',
      deleted: 'gone',
      batch: parquet(`${name}.parquet`),
    }),
    key: { customer: 'customer' },
    features: { x1: col('x1'), x2: col('x2'), x3: col('x3') },
  }),
);

const landings = eventSource('landings', {
  fields: { flight: t.int64, origin: t.string, delay: t.int64 },
  eventTime: 'landed_at',
  eventId: 'flight',
  arrival: 'arrived_at',
  lateness: '1d',
  batch: parquet('landings.parquet'),
});

const late = col('delay').gt(15);
const windows = ['1h', '24h', '7d'] as const;
const delaysOver = (window: (typeof windows)[number]) => ({
  [`landed_${window}`]: countRows().over(window),
  [`mean_delay_${window}`]: avg('delay').over(window),
  [`worst_delay_${window}`]: max('delay').over(window),
  [`late_share_${window}`]: ratio(countRows().where(late), countRows()).over(window),
});
const features = Object.assign({}, ...windows.map(delaysOver)) as ReturnType<typeof delaysOver>;
const inOrder = ['landed', 'mean_delay', 'worst_delay', 'late_share'].flatMap((name) =>
  windows.map((window) => [`${name}_${window}`, features[`${name}_${window}`]!] as const),
);

const ofAirport = { entity: airport, source: landings, key: { origin: 'origin' } } as const;
const windowViews = [
  featureView('origin_delays', { ...ofAirport, features: Object.fromEntries(inOrder) }),
  ...windows.map((window) => featureView(`delays_${window}`, { ...ofAirport, features: delaysOver(window) })),
];

type DelayName = `${'landed' | 'mean_delay' | 'worst_delay' | 'late_share'}_${(typeof windows)[number]}`;
const delays = Object.fromEntries(inOrder) as Record<DelayName, (typeof features)[string]>;

/** Ten expressions over windowed features, in chains of up to three. */
const derivedFeatures = {
  above_day: feature('mean_delay_1h').sub(feature('mean_delay_24h')),
  above_week: feature('mean_delay_1h').sub(feature('mean_delay_7d')),
  day_above_week: feature('above_week').sub(feature('above_day')),
  far_above: feature('day_above_week').gt(10),
  share_of_day: feature('landed_1h').div(feature('landed_24h')),
  share_of_week: feature('landed_24h').div(feature('landed_7d')),
  is_busy: feature('share_of_day').gt(0.1).or(feature('share_of_week').gt(0.2)),
  worst_or_none: feature('worst_delay_1h').coalesce(0),
  worst_is_new: feature('worst_or_none').eq(feature('worst_delay_7d')),
  late_more: feature('late_share_1h').gt(feature('late_share_7d')),
};
const derivedView = featureView('derived_delays', {
  ...ofAirport,
  features: { ...delays, ...derivedFeatures },
});

/** As many over the same features, by a view of its own, with an input that each request brings. */
const [delaysView] = windowViews;
const of = (name: string) => delaysView!.feature(name);
const requestView = onDemandView('request_delays', {
  request: { distance: t.int64 },
  from: [delaysView!],
  features: {
    above_day: of('mean_delay_1h').sub(of('mean_delay_24h')),
    above_week: of('mean_delay_1h').sub(of('mean_delay_7d')),
    day_above_week: of('mean_delay_24h').sub(of('mean_delay_7d')),
    far_above: of('mean_delay_1h').sub(of('mean_delay_7d')).gt(10),
    share_of_day: of('landed_1h').div(of('landed_24h')),
    share_of_week: of('landed_24h').div(of('landed_7d')),
    is_long: request('distance').gt(1_000),
    per_mile: of('worst_delay_1h').div(request('distance')),
    worst_is_new: of('worst_delay_1h').coalesce(0).eq(of('worst_delay_7d')),
    late_more: of('late_share_1h').gt(of('late_share_7d')),
  },
});
const requestModel = featureService('request_model', { version: 1, features: [delaysView!, requestView] });

const registry = compileDefinitions(collectDefinitions({ rowViews, windowViews, derivedView, requestModel }));

export const requestService = registry.services.get('request_model')![0]!;

/** Version 1 of a view of this file. */
export function viewOf(name: string): CompiledView {
  const view = registry.views.get(name)?.at(-1);
  if (view === undefined) throw new Error(`there is no view ${name}`);
  return view;
}

/** The whole view as a member of a join. */
export function memberOf(name: string): ServiceMember {
  const view = viewOf(name);
  return {
    alias: name,
    view,
    joinColumns: view.key.map((part) => part.name),
    features: view.features.map((_, index) => index),
    maxAgeMillis: null,
  };
}
