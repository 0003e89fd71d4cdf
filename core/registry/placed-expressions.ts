import type { Accumulator, CompiledExpression, CompiledFeature, CompiledView } from '../definitions/compiled.ts';
import type { CompiledRegistry } from '../definitions/registry-view.ts';

export const aggregateRoles = ['where', 'input', 'by'] as const;
export type AggregateRole = (typeof aggregateRoles)[number];

/** One expression of a compiled view, and where it stands. */
export interface PlacedExpression {
  readonly view: string;
  readonly version: number;
  /** Features share accumulators; the first that reads one stands for all. */
  readonly feature: string;
  /** Where it stands in an aggregate; null = it is the whole feature. */
  readonly role: AggregateRole | null;
  /** The aggregate; null = it is the whole feature. */
  readonly accumulator: Accumulator | null;
  readonly expression: CompiledExpression;
}

/** The expressions of every version that can be served, each once. */
export function expressionsOf({
  views,
  onDemandViews,
  services,
}: Pick<CompiledRegistry, 'views' | 'onDemandViews' | 'services'>): readonly PlacedExpression[] {
  // A service may pin a version of an on-demand view that is no longer the current one.
  const pinned = [...services.values()].flat().flatMap(({ onDemand }) => onDemand.map(({ view }) => view));
  const onDemand = [...new Set([...onDemandViews.values(), ...pinned])];
  return [
    ...[...views.values()].flat().flatMap(expressionsOfView),
    ...onDemand.flatMap(({ name: view, version, features }) =>
      features.map(({ name, expression }) => ({
        view,
        version,
        feature: name,
        role: null,
        accumulator: null,
        expression,
      })),
    ),
  ];
}

/** Of its aggregates, then of its derived features. */
export function expressionsOfView({
  name: view,
  version,
  accumulators,
  features,
}: CompiledView): readonly PlacedExpression[] {
  const aggregated = accumulators.flatMap((accumulator, index) => {
    const { name: feature } = features.find((one) => readsAccumulator(one, index))!;
    return aggregateRoles.flatMap((role) => {
      const expression = accumulator[role];
      return expression === null ? [] : [{ view, version, feature, role, accumulator, expression }];
    });
  });
  const derived = features.flatMap((feature) => {
    if (feature.kind !== 'derived') return [];
    const { name, expression } = feature;
    return [{ view, version, feature: name, role: null, accumulator: null, expression }];
  });
  return [...aggregated, ...derived];
}

function readsAccumulator(feature: CompiledFeature, index: number): boolean {
  if (feature.kind === 'aggregate') return feature.accumulator === index;
  return feature.kind === 'ratio' && (feature.numerator === index || feature.denominator === index);
}
