import fc from 'fast-check';
import type { FeatureViewDefinition } from '../../core/definitions/model.ts';
import { aggregateView, entitiesOf, eventColumns, type Offered } from './aggregate-definitions.ts';
import {
  type DrawnEvent,
  type EventSettings,
  eventSettings,
  eventsOf,
  instantsOf,
  placed,
  type Row,
  shops,
  users,
} from './event-histories.ts';
import { boundaryInstant, millisOf, notation } from './instants.ts';
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
  /**
   * How many independent histories, each with its own spine, are evaluated at once under the same definitions. They
   * share sources and stores and differ in a part of every key, so each is a random case of its own.
   */
  readonly worlds: number;
}

/**
 * Random cases: of windowed aggregates mostly, else of rows; some of a single world and views without a key; in some no
 * row asks with what was known at another time, even where rows may.
 */
export function propertyCase(settings: CaseSettings): fc.Arbitrary<PropertyCase> {
  return fc.boolean().chain((asks) => caseOf({ ...settings, withKnownAt: settings.withKnownAt && asks }));
}

function caseOf(settings: CaseSettings): fc.Arbitrary<PropertyCase> {
  const alone = { ...settings, worlds: 1 };
  return fc.oneof(
    { weight: 30, arbitrary: aggregateCase(settings, false) },
    { weight: 10, arbitrary: rowCase(settings, false) },
    { weight: 2, arbitrary: aggregateCase(alone, true) },
    { weight: 1, arbitrary: rowCase(alone, true) },
  );
}

function aggregateCase(settings: CaseSettings, isAlone: boolean): fc.Arbitrary<PropertyCase> {
  const view = (name: string) => aggregateView(name, settings, isAlone);
  return fc
    .record({ view: view('view'), other: fc.option(view('other'), { freq: 3, nil: null }), source: eventSettings })
    .chain(({ view: first, other, source }) => {
      const views = other === null ? [first] : [first, other];
      const world = eventsOf(source).chain((events) =>
        fc.record({
          events: fc.constant(events),
          spine: fc.array(spineRow(views, events, settings.withKnownAt), { minLength: 1, maxLength: 8 }),
        }),
      );
      return fc.array(world, { minLength: settings.worlds, maxLength: settings.worlds }).map((worlds) => ({
        name: 'aggregates',
        mode: settings.mode,
        definitions: definitionsOf(views, source),
        rows: {
          events: placed(
            worlds.map(({ events }) => events),
            source,
          ),
        },
        spine: worlds.flatMap(({ spine }, number) => spine.map((row) => ({ world: number, ...row }))),
      }));
    });
}

function definitionsOf(views: readonly FeatureViewDefinition[], source: EventSettings): object {
  const [{ key, name } = { key: {}, name: '' }] = views;
  return {
    asof: 1,
    entities: entitiesOf(views),
    sources: [
      {
        kind: 'events',
        name: 'events',
        fields: eventColumns(source.idType),
        eventTime: 'at',
        ...(source.idType === null ? {} : { eventId: 'id' }),
        lateness: source.lateness,
        futureTolerance: source.futureTolerance,
      },
    ],
    views,
    onDemandViews: [],
    // The same view a second time, for another user of the same row.
    services:
      'user' in key
        ? [
            {
              name: 'pair',
              version: 1,
              features: [{ view: name }, { view: name, alias: 'again', joinOn: { user: 'with' } }],
            },
          ]
        : [],
  };
}

/** Instants at which something may change: around events and arrivals, and where a window leaves an event behind. */
function interestingInstants(
  views: readonly FeatureViewDefinition[],
  events: readonly DrawnEvent[],
): fc.Arbitrary<number> {
  const times = instantsOf(events);
  if (times.length === 0) return boundaryInstant;
  const lengths = views.flatMap(({ features }) =>
    features.flatMap((feature) => ('window' in feature ? [millisOf(feature.window)] : [])),
  );
  return fc
    .record({
      time: fc.constantFrom(...times),
      length: fc.constantFrom(0, 0, ...lengths),
      hop: fc.constantFrom(0, 0, 10_000, 60_000, 3_600_000, 86_400_000),
      delay: fc.constantFrom(0, ...views.map(({ delay = '0s' }) => millisOf(delay))),
      nudge: fc.constantFrom(0, 0, 1, -1, 999, 1_000, 1_001),
    })
    .map(({ time, length, hop, delay, nudge }) => time + length + hop + delay + nudge);
}

const drawnKey = fc.record({
  user: fc.oneof(fc.constantFrom('a', 'b'), fc.constantFrom(...users), fc.constant(null)),
  shop: fc.oneof(fc.constantFrom(...shops), fc.constant(null)),
  day: fc.constantFrom('2024-03-30', '2024-03-31T01:30:00Z', null),
  price: fc.constantFrom('1.00', '0', null),
  ok: fc.constantFrom(true, false, null),
});

function spineRow(
  views: readonly FeatureViewDefinition[],
  events: readonly DrawnEvent[],
  withKnownAt: boolean,
): fc.Arbitrary<Row> {
  const instant = fc.oneof({ weight: 4, arbitrary: interestingInstants(views, events) }, boundaryInstant);
  const keys = events.map(({ values: { user, shop, day, price, ok } }) => ({ user, shop, day, price, ok }));
  return fc
    .record({
      key: keys.length === 0 ? drawnKey : fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...keys) }, drawnKey),
      other: fc.constantFrom('a', 'b', 'a|b', null),
      time: instant,
      write: notation,
      knownAt: withKnownAt ? fc.option(instant, { freq: 2, nil: null }) : fc.constant(null),
    })
    .map(({ key, other, time, write, knownAt }) => ({
      ...key,
      with: other,
      __time: write(time),
      ...(knownAt === null ? {} : { __knownAt: write(knownAt) }),
    }));
}
