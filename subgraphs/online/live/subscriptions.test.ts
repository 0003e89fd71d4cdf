import { beforeEach, describe, expect, it } from 'vitest';
import { createOnlineWorld, noon, type OnlineWorld, type Subscriber } from '../../../test/online/online-world.ts';

let world: OnlineWorld;
let flights = 0;

const airportChanged = `subscription ($iata: [String!]!, $initial: Boolean) {
  airportChanged(iata: $iata, initial: $initial) { iata originDelays { landed1h meta { readAt } } }
}`;

function landing(secondsFromNoon: number, more: object = {}): Record<string, unknown> {
  const landedAt = new Date(noon + secondsFromNoon * 1_000).toISOString();
  return { flightId: ++flights, landedAt, origin: 'ATL', destination: 'ORD', delayMinutes: 10, fare: 1, ...more };
}

function values({ received }: Subscriber): unknown[] {
  return received.map(({ data, errors }) => {
    if (errors) return errors[0]!.message;
    const { iata, originDelays } = (data as Record<string, unknown>).airportChanged as {
      iata: string;
      originDelays: { landed1h: number; meta: { readAt: string } };
    };
    return [iata, originDelays.landed1h, originDelays.meta.readAt.slice(11, 19)];
  });
}

/** Lets what is already due run, at the same instant. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}

async function advance(millis: number): Promise<void> {
  await world.clock.advance(millis);
  await settle();
}

beforeEach(async () => {
  world = await createOnlineWorld();
});

describe('airportChanged', () => {
  it('tells of an event at the first grain boundary that includes it, once', async () => {
    const subscriber = await world.subscribe(airportChanged, { iata: ['ATL', 'ORD'] });
    await advance(400);
    await world.apply('landings', [landing(0.3)]);
    await advance(500);
    expect(values(subscriber)).toEqual([]);
    await advance(100);
    expect(values(subscriber)).toEqual([['ATL', 1, '12:00:01']]);
    await advance(30_000);
    expect(values(subscriber)).toHaveLength(1);
  });

  it('tells of a late event at once, and the same as a query at that moment', async () => {
    const subscriber = await world.subscribe(airportChanged, { iata: ['ATL'] });
    await advance(500);
    await world.apply('landings', [landing(-60)]);
    await settle();
    expect(values(subscriber)).toEqual([['ATL', 1, '12:00:00']]);
    expect(await world.data('{ airport(iata: "ATL") { originDelays { landed1h } } }')).toMatchObject({
      airport: { originDelays: { landed1h: 1 } },
    });
  });

  it('reads anew what it watches when messages were lost, and tells of what changed', async () => {
    const subscriber = await world.subscribe(airportChanged, { iata: ['ATL', 'ORD'] });
    await advance(500);
    await world.losingMessages(() => world.apply('landings', [landing(-60)]));
    await settle();
    expect(values(subscriber)).toEqual([['ATL', 1, '12:00:00']]);
  });

  it('tells of what time alone changes, when a window moves past an event', async () => {
    await world.apply('landings', [landing(-59 * 60)]);
    const subscriber = await world.subscribe(airportChanged, { iata: ['ATL'] });
    await advance(119_000);
    expect(values(subscriber)).toEqual([]);
    await advance(1_000);
    expect(values(subscriber)).toEqual([['ATL', 0, '12:02:00']]);
  });

  it('emits the present values first when asked to', async () => {
    await world.apply('landings', [landing(-60)]);
    const subscriber = await world.subscribe(airportChanged, { iata: ['ATL', 'ORD'], initial: true });
    await settle();
    expect(values(subscriber)).toEqual([
      ['ATL', 1, '12:00:00'],
      ['ORD', 0, '12:00:00'],
    ]);
  });

  it('reads a key once for all subscribers, and tells nobody of other keys or other views', async () => {
    const first = await world.subscribe(airportChanged, { iata: ['ATL'] });
    const second = await world.subscribe(airportChanged, { iata: ['ATL'] });
    expect(world.subgraph.watchedViews()).toBe(1);
    await advance(1_000);
    world.reads.length = 0;
    await world.apply('landings', [landing(-5, { origin: 'ORD' })]);
    await world.apply('facts', [{ iata: 'ATL', name: 'A', openedAt: null, validFrom: '2001-05-20', runways: null }]);
    await advance(2_000);
    expect(world.reads).toEqual([]);
    await world.apply('landings', [landing(-5)]);
    await settle();
    expect([values(first), values(second)]).toEqual([[['ATL', 1, '12:00:03']], [['ATL', 1, '12:00:03']]]);
    // What was read to see the change is what both are told.
    expect(world.reads).toHaveLength(1);
  });

  it('watches the views that a request-time feature reads, and composite keys', async () => {
    const haul = await world.subscribe(
      'subscription { airportChanged(iata: "ATL") { haul(distanceMiles: 2000) { longAndLate } } }',
    );
    const route = await world.subscribe(
      'subscription { routeChanged(keys: {origin: "ATL", destination: "ORD"}) { destination routeDelays { landed1h } } }',
    );
    await world.apply('landings', [landing(-5, { delayMinutes: 90 })]);
    await advance(1_000);
    expect(haul.received).toEqual([{ data: { airportChanged: { haul: { longAndLate: true } } } }]);
    expect(route.received).toEqual([{ data: { routeChanged: { destination: 'ORD', routeDelays: { landed1h: 1 } } } }]);
  });

  it('tells of a row at once, and again when it expires', async () => {
    const subscriber = await world.subscribe(
      'subscription { airportChanged(iata: "ATL") { airportFacts(maxAge: "1h") { name meta { status } } } }',
    );
    await world.apply('facts', [
      { iata: 'ATL', name: 'A', openedAt: null, validFrom: '2001-06-01T11:30:00Z', runways: null },
    ]);
    await advance(200);
    const facts = () => subscriber.received.map(({ data }) => (data!.airportChanged as unknown as Facts).airportFacts);
    expect(facts()).toEqual([{ name: 'A', meta: { status: 'PRESENT' } }]);
    await advance(1_800_000);
    expect(facts()).toEqual([
      { name: 'A', meta: { status: 'PRESENT' } },
      { name: null, meta: { status: 'EXPIRED' } },
    ]);
  });

  it('tells of what was applied before the subscription and comes into force after it', async () => {
    await advance(300);
    await world.apply('landings', [landing(0.2), landing(3.5)]);
    const subscriber = await world.subscribe(airportChanged, { iata: ['ATL'] });
    await advance(10_000);
    expect(values(subscriber)).toEqual([
      ['ATL', 1, '12:00:01'],
      ['ATL', 2, '12:00:04'],
    ]);
  });

  it('tells of every row that is dated ahead when it takes over', async () => {
    const row = (name: string, validFrom: string) => ({ iata: 'ATL', name, openedAt: null, validFrom, runways: null });
    const changes = 'subscription { airportChanged(iata: "ATL") { airportFacts { name } } }';
    const early = await world.subscribe(changes);
    await world.apply('facts', [
      row('one', '2001-06-01T12:10:00Z'),
      row('two', '2001-06-01T13:00:00Z'),
      row('three', '2001-06-01T14:00:00Z'),
    ]);
    await advance(1_000);
    const late = await world.subscribe(changes);
    for (let hour = 0; hour < 3; hour++) await advance(3_600_000);
    const names = (subscriber: Subscriber) =>
      subscriber.received.map(({ data }) => (data!.airportChanged as unknown as Facts).airportFacts.name);
    expect(names(early)).toEqual(['one', 'two', 'three']);
    expect(names(late)).toEqual(['one', 'two', 'three']);
  });

  it('leaves nothing behind when the subscribers have left', async () => {
    const subscribers = await Promise.all(['ATL', 'ORD'].map((iata) => world.subscribe(airportChanged, { iata })));
    expect([world.listening(), world.subgraph.watchedViews()]).toEqual([1, 2]);
    await subscribers[0]!.leave();
    expect([world.listening(), world.subgraph.watchedViews()]).toEqual([1, 1]);
    await subscribers[1]!.leave();
    await settle();
    expect([world.listening(), world.subgraph.watchedViews(), world.clock.sleeping]).toEqual([0, 0, 0]);
    const again = await world.subscribe(airportChanged, { iata: 'ATL' });
    await world.apply('landings', [landing(-5)]);
    await advance(1_000);
    expect(values(again)).toHaveLength(1);
  });

  it('refuses too many keys', async () => {
    const small = await createOnlineWorld({ limits: { watchedKeys: 1 } });
    await expect(small.subscribe(airportChanged, { iata: ['A', 'B'] })).rejects.toThrow(/at most 1; got 2/);
  });
});

interface Facts {
  readonly airportFacts: { readonly name: string | null; readonly meta: { readonly status: string } };
}

describe('featureUpdates', () => {
  const updates = `subscription ($views: [String!], $after: String) {
    featureUpdates(views: $views, after: $after) { view { name } version keys cursor lagged dropped }
  }`;
  const updatesOf = ({ received }: Subscriber) =>
    received.map(
      ({ data }) => data?.featureUpdates as unknown as { view: { name: string }; keys: unknown; cursor: string },
    );

  it('names the keys of each update, of the views asked for', async () => {
    const all = await world.subscribe(updates);
    const some = await world.subscribe(updates, { views: ['route_delays'] });
    await world.apply('landings', [landing(-5)]);
    await settle();
    expect(updatesOf(all).map(({ view }) => view.name)).toEqual(['network', 'origin_delays', 'route_delays']);
    expect(updatesOf(some)).toMatchObject([{ view: { name: 'route_delays' }, version: 1, keys: [['ATL', 'ORD']] }]);
    await Promise.all([all.leave(), some.leave()]);
    expect(world.listening()).toBe(0);
  });

  it('goes on after a cursor', async () => {
    const first = await world.subscribe(updates, { views: ['origin_delays'] });
    await world.apply('landings', [landing(-5)]);
    await settle();
    const [seen] = updatesOf(first);
    await first.leave();
    await world.apply('landings', [landing(-4, { origin: 'ORD' })]);
    const second = await world.subscribe(updates, { views: ['origin_delays'], after: seen!.cursor });
    await settle();
    expect(updatesOf(second)).toMatchObject([{ keys: [['ORD']], lagged: false, dropped: 0 }]);
  });

  it('says lagged with the first update after messages were lost', async () => {
    const subscriber = await world.subscribe(updates, { views: ['origin_delays'] });
    await world.apply('landings', [landing(-5)]);
    await settle();
    await world.losingMessages(() => world.apply('landings', [landing(-4)]));
    for (const seconds of [-3, -2]) await world.apply('landings', [landing(seconds)]);
    await settle();
    expect(updatesOf(subscriber)).toMatchObject([{ lagged: false }, { lagged: true }, { lagged: false }]);
  });

  it('resumes behind thousands of updates without a loss', async () => {
    const first = await world.subscribe(updates, { views: ['origin_delays'] });
    const update = (origin: string) =>
      world.bus.publish({
        kind: 'featureUpdate',
        view: 'origin_delays',
        version: 1,
        keys: [[origin]],
        eventTime: noon,
        arrival: noon,
      });
    await update('0');
    await settle();
    const [seen] = updatesOf(first);
    await first.leave();
    for (let origin = 1; origin <= 5_000; origin++) await update(String(origin));
    const second = await world.subscribe(updates, { views: ['origin_delays'], after: seen!.cursor });
    while (second.received.length < 5_000) await settle();
    expect(updatesOf(second).map(({ keys }) => keys)).toEqual(
      Array.from({ length: 5_000 }, (_, index) => [[String(index + 1)]]),
    );
  });

  it('names the nearest view when one is unknown', async () => {
    await expect(world.subscribe(updates, { views: ['origin_delay'] })).rejects.toThrow(
      /no view 'origin_delay'.*Did you mean 'origin_delays'/,
    );
  });
});

describe('freshnessAlerts', () => {
  it('tells of each transition as it was, whatever became of the incident since', async () => {
    const subscriber = await world.subscribe(
      'subscription { freshnessAlerts { id view { name } state slaMillis ageMillis firedAt resolvedAt lagged } }',
    );
    world.incidents.set('7', {
      id: '7',
      view: 'origin_delays',
      version: 1,
      state: 'RESOLVED',
      slaMillis: 300_000,
      ageMillis: 300_001,
      firedAt: noon,
      resolvedAt: noon + 5_000,
    });
    for (const state of ['FIRING', 'RESOLVED'] as const) {
      await world.bus.publish({ kind: 'freshnessAlert', incidentId: '7', state });
    }
    await settle();
    const alert = { id: '7', view: { name: 'origin_delays' }, slaMillis: 300_000, ageMillis: 300_001, lagged: false };
    expect(subscriber.received).toEqual([
      { data: { freshnessAlerts: { ...alert, state: 'FIRING', firedAt: iso(noon), resolvedAt: null } } },
      { data: { freshnessAlerts: { ...alert, state: 'RESOLVED', firedAt: iso(noon), resolvedAt: iso(noon + 5_000) } } },
    ]);
    await subscriber.leave();
    expect(world.listening()).toBe(0);
  });
});

function iso(instant: number): string {
  return new Date(instant).toISOString();
}
