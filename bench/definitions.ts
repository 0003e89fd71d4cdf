import { collectDefinitions } from '../core/definitions/collect.ts';
import type { CompiledView, ServiceMember } from '../core/definitions/compiled.ts';
import {
  avg,
  col,
  countRows,
  entity,
  eventSource,
  featureView,
  max,
  parquet,
  ratio,
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

const registry = compileDefinitions(collectDefinitions({ rowViews, windowViews }));

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
