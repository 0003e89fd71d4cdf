import fc from 'fast-check';
import type { FeatureViewDefinition } from '../../core/definitions/model.ts';
import { aggregateView, columns, type Offered } from './aggregate-definitions.ts';
import { type EventHistory, eventHistory, type Row, shops, users } from './event-histories.ts';
import { boundaryInstant, millisOf, text } from './instants.ts';
import { rowCase } from './row-cases.ts';

/** One line of `asof try --cases`: what a failing case is kept as. */
export interface PropertyCase {
  readonly name: string;
  readonly mode: 'AS_SERVED' | 'EVENT_TIME';
  readonly definitions: object;
  readonly rows: { readonly [source: string]: readonly Row[] };
  readonly spine: readonly Row[];
}

export interface CaseSettings extends Offered {
  readonly mode: PropertyCase['mode'];
  /** Spine rows may ask with what was known at another time. */
  readonly withKnownAt: boolean;
}

/** A random case: of windowed aggregates mostly, else of rows. */
export function propertyCase(settings: CaseSettings): fc.Arbitrary<PropertyCase> {
  return fc.oneof({ weight: 3, arbitrary: aggregateCase(settings) }, { weight: 1, arbitrary: rowCase(settings) });
}

function aggregateCase(settings: CaseSettings): fc.Arbitrary<PropertyCase> {
  return fc.record({ view: aggregateView(settings), history: eventHistory }).chain(({ view, history }) =>
    fc.array(spineRow(view, history, settings.withKnownAt), { minLength: 1, maxLength: 8 }).map((spine) => ({
      name: 'aggregates',
      mode: settings.mode,
      definitions: definitionsOf(view, history),
      rows: { events: history.rows },
      spine,
    })),
  );
}

function definitionsOf(view: FeatureViewDefinition, { lateness, futureTolerance, hasId }: EventHistory): object {
  const key = Object.keys(view.key);
  return {
    asof: 1,
    entities:
      view.entity === undefined ? [] : [{ name: view.entity, key: columns.filter(({ name }) => key.includes(name)) }],
    sources: [
      {
        kind: 'events',
        name: 'events',
        fields: columns,
        eventTime: 'at',
        ...(hasId ? { eventId: 'id' } : {}),
        lateness,
        futureTolerance,
      },
    ],
    views: [view],
    onDemandViews: [],
    services: [],
  };
}

/** Instants at which something may change: around events and arrivals, and where a window leaves an event behind. */
function interestingInstants(view: FeatureViewDefinition, { rows }: EventHistory): fc.Arbitrary<number> {
  const times = rows.flatMap((row) => [Date.parse(String(row.at)), Date.parse(String(row.__arrival))]);
  if (times.length === 0) return boundaryInstant;
  const lengths = view.features.map((feature) => (feature.kind === 'column' ? 0 : millisOf(feature.window)));
  return fc
    .record({
      time: fc.constantFrom(...times),
      length: fc.constantFrom(0, 0, ...lengths),
      hop: fc.constantFrom(0, 0, 10_000, 60_000, 3_600_000, 86_400_000),
      delay: fc.constantFrom(0, millisOf(view.delay ?? '0s') || 0),
      nudge: fc.constantFrom(0, 0, 1, -1, 999, 1_000, 1_001),
    })
    .map(({ time, length, hop, delay, nudge }) => time + length + hop + delay + nudge);
}

function spineRow(view: FeatureViewDefinition, history: EventHistory, withKnownAt: boolean): fc.Arbitrary<Row> {
  const instant = fc.oneof({ weight: 4, arbitrary: interestingInstants(view, history) }, boundaryInstant);
  const keys = history.rows.map(({ user, shop }) => ({ user, shop }));
  const drawn = fc.record({
    user: fc.oneof(fc.constantFrom('a', 'b'), fc.constantFrom(...users), fc.constant(null)),
    shop: fc.oneof(fc.constantFrom(...shops), fc.constant(null)),
  });
  return fc
    .record({
      key: keys.length === 0 ? drawn : fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...keys) }, drawn),
      time: instant,
      knownAt: withKnownAt ? fc.option(instant, { freq: 2, nil: null }) : fc.constant(null),
    })
    .map(({ key, time, knownAt }) => ({
      ...key,
      __time: text(time),
      ...(knownAt === null ? {} : { __knownAt: text(knownAt) }),
    }));
}
