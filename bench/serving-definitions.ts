import { collectDefinitions } from '../core/definitions/collect.ts';
import type { CompiledView } from '../core/definitions/compiled.ts';
import type { Definitions } from '../core/definitions/model.ts';
import type { CompiledRegistry } from '../core/definitions/registry-view.ts';
import { col, entity, featureService, featureView, rowSource, t } from '../core/index.ts';

/** What the benchmarks of serving read: finished rows of whole numbers, the shape that a user could write by hand. */
const customer = entity('customer', { key: { customer: t.int64 } });

export function featureNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `f${index}`);
}

/** One row view, `profile`, with so many features, and the service of all of them; and others of the same entity beside it, which nobody reads. */
export function servingDefinitions(features: number, others = 0): Definitions {
  const names = featureNames(features);
  const profiles = rowSource('profiles', {
    fields: { customer: t.int64, ...Object.fromEntries(names.map((name) => [name, t.int64])) },
    eventTime: 'at',
  });
  const profile = featureView('profile', {
    entity: customer,
    source: profiles,
    key: { customer: 'customer' },
    features: Object.fromEntries(names.map((name) => [name, col(name)])),
    owner: 'growth',
    freshness: '1h',
  });
  const vectors = featureService('profiles_of_customers', { version: 1, features: [profile] });
  const beside = Array.from({ length: others }, (_, index) =>
    featureView(`other_${index}`, {
      entity: customer,
      source: profiles,
      key: { customer: 'customer' },
      features: { value: col(names[index % names.length]!) },
    }),
  );
  return collectDefinitions({
    profile,
    vectors,
    ...Object.fromEntries(beside.map((view, index) => [`v${index}`, view])),
  });
}

export function profileOf(registry: CompiledRegistry): CompiledView {
  return registry.views.get('profile')![0]!;
}
