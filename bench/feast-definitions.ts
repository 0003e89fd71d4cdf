import { collectDefinitions } from '../core/definitions/collect.ts';
import type { Definitions } from '../core/definitions/model.ts';
import { col, entity, featureService, featureView, rowSource, t } from '../core/index.ts';

/** What Feast's own benchmarks read; `baselines/feast/definitions.py` has the same for Feast. */
export const [viewCount, featuresPerView] = [25, 10];
export const featureCount = viewCount * featuresPerView;
/** So many features each. */
export const serviceSizes = [50, 100, 150, 200, 250] as const;

const customer = entity('customer', { key: { customer: t.int64 } });

/** 25 views of 10 whole numbers each from one source of 250 columns, and services of the first 50 to 250. */
export function feastDefinitions(): Definitions {
  const names = Array.from({ length: featureCount }, (_, index) => `feature_${index}`);
  const rows = rowSource('rows', {
    fields: { customer: t.int64, ...Object.fromEntries(names.map((name) => [name, t.int64])) },
    eventTime: 'event_timestamp',
  });
  const views = Array.from({ length: viewCount }, (_, index) =>
    featureView(`stats_${index}`, {
      entity: customer,
      source: rows,
      key: { customer: 'customer' },
      features: Object.fromEntries(
        names.slice(index * featuresPerView, (index + 1) * featuresPerView).map((name) => [name, col(name)]),
      ),
    }),
  );
  const services = serviceSizes.map((size) =>
    featureService(`service_${size}`, { version: 1, features: views.slice(0, size / featuresPerView) }),
  );
  const named = [...views, ...services].map((one, index) => [`d${index}`, one]);
  return collectDefinitions(Object.fromEntries(named));
}
