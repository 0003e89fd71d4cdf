import { beforeEach, describe, expect, it } from 'vitest';
import { createOnlineWorld, noon, type OnlineWorld } from '../../test/online/online-world.ts';

let world: OnlineWorld;

function landing(flightId: number | string, minutesAgo: number, more: object = {}): Record<string, unknown> {
  const landedAt = new Date(noon - minutesAgo * 60_000).toISOString();
  return { flightId, landedAt, origin: 'ATL', destination: 'ORD', delayMinutes: 10, fare: '1.10', ...more };
}

beforeEach(async () => {
  world = await createOnlineWorld();
  await world.apply('landings', [
    landing(1, 30),
    landing(2, 20, { delayMinutes: 40, fare: 2.2 }),
    landing(3, 90),
    landing(4, 10, { origin: 'ORD', destination: 'ATL' }),
  ]);
  await world.apply('facts', [
    { iata: 'ATL', name: 'Hartsfield', openedAt: '1999-05-03', validFrom: '2001-05-20', runways: ['8L', '9R'] },
    { iata: 'ORD', name: "O'Hare", openedAt: '1999-05-03T00:00:00.000Z', validFrom: '2001-04-01', runways: null },
  ]);
  await world.clock.advance(1_000);
  world.reads.length = 0;
});

describe('typed reads', () => {
  it('answers every entity and view of a request by one read of the store, at one instant', async () => {
    const data = await world.data(`{
      airports(iata: ["ATL", "ORD", "XXX"]) {
        iata
        originDelays { landed1h meanDelay1h meta { status readAt } }
        airportFacts { name meta { readAt } }
        haul(distanceMiles: 1200) { isLong longAndLate meta { readAt } }
      }
      route(origin: "ATL", destination: "ORD") { origin destination routeDelays { landed1h meta { readAt } } }
      network { landed1m meta { readAt } }
    }`);
    expect(world.reads).toHaveLength(1);
    expect(data.airports).toMatchObject([
      { iata: 'ATL', originDelays: { landed1h: 2, meanDelay1h: 25 }, haul: { isLong: true, longAndLate: true } },
      { iata: 'ORD', originDelays: { landed1h: 1, meanDelay1h: 10 }, haul: { isLong: true, longAndLate: false } },
      { iata: 'XXX', originDelays: { landed1h: 0, meanDelay1h: null, meta: { status: 'NOT_FOUND' } } },
    ]);
    expect(data.route).toMatchObject({ origin: 'ATL', destination: 'ORD', routeDelays: { landed1h: 2 } });
    const instants = new Set(JSON.stringify(data).match(/(?<="readAt":")[^"]+/g));
    expect([...instants]).toEqual(['2001-06-01T12:00:01.000Z']);
  });

  it('resolves references from other subgraphs in that same read', async () => {
    const data = await world.data(
      `query ($refs: [_Any!]!) { _entities(representations: $refs) {
        ... on Airport { iata originDelays { landed1h } }
        ... on Route { origin routeDelays { landed1h } }
        ... on FeatureView { name }
      } }`,
      {
        refs: [
          { __typename: 'Airport', iata: 'ATL' },
          { __typename: 'Route', origin: 'ATL', destination: 'ORD' },
          { __typename: 'Airport', iata: 'ORD' },
          { __typename: 'FeatureView', name: 'origin_delays' },
        ],
      },
    );
    expect(world.reads).toHaveLength(1);
    expect(data._entities).toEqual([
      { iata: 'ATL', originDelays: { landed1h: 2 } },
      { origin: 'ATL', routeDelays: { landed1h: 2 } },
      { iata: 'ORD', originDelays: { landed1h: 1 } },
      { name: 'origin_delays' },
    ]);
  });

  it('takes composite keys as a list, in order, with repetitions', async () => {
    const data = await world.data(
      'query ($keys: [RouteKey!]!) { routes(keys: $keys) { origin routeDelays { landed1h byDelay1h } } }',
      {
        keys: [
          { origin: 'ORD', destination: 'ATL' },
          { origin: 'ATL', destination: 'ORD' },
          { origin: 'ORD', destination: 'ATL' },
        ],
      },
    );
    expect(data.routes).toMatchObject([
      { origin: 'ORD', routeDelays: { landed1h: 1, byDelay1h: { false: 1 } } },
      { origin: 'ATL', routeDelays: { landed1h: 2, byDelay1h: { false: 1, true: 1 } } },
      { origin: 'ORD', routeDelays: { landed1h: 1 } },
    ]);
  });

  it('says what each cell is, for all features of the view', async () => {
    const data = await world.data(`{ airport(iata: "XXX") {
      originDelays { meta { status eventTime ageMillis version fresh cells { name status defaulted } } view { name } }
    } }`);
    expect(data.airport).toEqual({
      originDelays: {
        meta: {
          status: 'NOT_FOUND',
          eventTime: null,
          ageMillis: null,
          version: 1,
          fresh: null,
          cells: [
            { name: 'landed_1h', status: 'PRESENT', defaulted: false },
            { name: 'mean_delay_1h', status: 'NULL', defaulted: false },
            { name: 'worst_delay_24h', status: 'NULL', defaulted: false },
            { name: 'fares_24h', status: 'NULL', defaulted: false },
          ],
        },
        view: { name: 'origin_delays' },
      },
    });
  });

  it('keeps every digit and type: decimals and instants as text, lists as lists', async () => {
    const data = await world.data(
      '{ airport(iata: "ATL") { originDelays { fares24h } airportFacts { name openedAt runways meta { eventTime ageMillis } } } }',
    );
    expect(data.airport).toEqual({
      originDelays: { fares24h: '4.40' },
      airportFacts: {
        name: 'Hartsfield',
        openedAt: '1999-05-03T00:00:00.000Z',
        runways: ['8L', '9R'],
        meta: { eventTime: '2001-05-20T00:00:00.000Z', ageMillis: 12.5 * 86_400_000 + 1_000 },
      },
    });
  });

  it('lets maxAge tighten, never loosen, and refuses it on aggregates', async () => {
    const facts = (iata: string, maxAge: string) =>
      `{ airport(iata: "${iata}") { airportFacts(maxAge: "${maxAge}") { name meta { status } } } }`;
    expect((await world.data(facts('ATL', '7d'))).airport).toEqual({
      airportFacts: { name: null, meta: { status: 'EXPIRED' } },
    });
    expect((await world.data(facts('ORD', '365d'))).airport).toMatchObject({
      airportFacts: { meta: { status: 'EXPIRED' } },
    });
    const refused = await world.query('{ airport(iata: "ATL") { iata originDelays(maxAge: "7d") { landed1h } } }');
    expect(refused.errors?.[0]?.message).toMatch(/origin_delays.*never expire/);
    expect(refused.data).toEqual({ airport: { iata: 'ATL', originDelays: null } });
  });

  it('names the versions there are when it is asked for another', async () => {
    const { errors } = await world.query('{ airport(iata: "ATL") { originDelays(version: 7) { landed1h } } }');
    expect(errors?.[0]?.message).toMatch(/'origin_delays' has no version 7.*expected one of 1; got 7/);
  });

  it('reads only the selected features', async () => {
    const data = await world.data(
      'query ($no: Boolean!) { airport(iata: "ATL") { ...A a: originDelays { worst: worstDelay24h } } } fragment A on Airport { originDelays { landed1h @skip(if: $no) ... on OriginDelays { meanDelay1h } } }',
      { no: true },
    );
    expect(data.airport).toEqual({ originDelays: { meanDelay1h: 25 }, a: { worst: 40 } });
    expect(world.reads).toHaveLength(1);
  });

  it('counts what all aliases of a request ask for together', async () => {
    const small = await createOnlineWorld({ limits: { listedKeys: 4, listedValues: 8, vectorRows: 3 } });
    const refused = async (text: string) =>
      (await small.query(text)).errors?.map(({ path, message }) => [path?.[0], /too many (\w+)/.exec(message)?.[1]]);
    const keys = '(iata: ["A", "B"])';
    expect(await refused(`{ a: airports${keys} { iata } b: airports${keys} { iata } }`)).toBeUndefined();
    expect(
      await refused(`{ a: airports${keys} { iata } b: airports${keys} { iata } c: airports${keys} { iata } }`),
    ).toEqual([['c', 'keys']]);
    const doubling = `fragment f on Airport { ...g ...g } fragment g on Airport { x: iata originDelays { landed1h } }`;
    expect(
      await refused(`{ airports${keys} { ...g } } ${doubling.slice(doubling.indexOf('fragment g'))}`),
    ).toBeUndefined();
    expect(await refused(`{ airports${keys} { ...f } } ${doubling}`)).toEqual([['airports', 'values']]);
    const vector =
      'featureVectors(service: "delay_model", keys: {origin: ["A", "B"], destination: "C"}, request: {distanceMiles: 1}) { rows }';
    expect(await refused(`{ a: ${vector} }`)).toBeUndefined();
    expect(await refused(`{ a: ${vector} b: ${vector} }`)).toEqual([['b', 'rows']]);
  });

  it('refuses too many keys', async () => {
    const small = await createOnlineWorld({ limits: { listedKeys: 2 } });
    const { errors } = await small.query('{ airports(iata: ["A", "B", "C"]) { iata } }');
    expect(errors?.[0]?.message).toMatch(/airports\.iata: too many keys.*at most 2; got 3/);
  });
});

describe('freshness of a view', () => {
  const report = {
    view: 'origin_delays',
    version: 1,
    slaMillis: 300_000,
    ageMillis: 400_000,
    stale: true,
    eventTimeLagMillis: 5,
    pipelineLatencyMillis: 7,
    backlog: 2 ** 40,
    state: 'FIRING',
    checkedAt: noon,
  } as const;

  it('is what the monitor reports, and null before it looked', async () => {
    world.reports.set('origin_delays', report);
    const refs = ['origin_delays', 'network'].map((name) => ({ __typename: 'FeatureView', name }));
    const data = await world.data(
      'query ($refs: [_Any!]!) { _entities(representations: $refs) { ... on FeatureView { freshness { stale state slaMillis backlog checkedAt } } } }',
      { refs },
    );
    expect(data._entities).toEqual([
      {
        freshness: {
          stale: true,
          state: 'FIRING',
          slaMillis: 300_000,
          backlog: 2 ** 40,
          checkedAt: '2001-06-01T12:00:00.000Z',
        },
      },
      { freshness: null },
    ]);
  });

  it('is also said beside values', async () => {
    const ask = '{ airport(iata: "ATL") { originDelays { meta { fresh } } } }';
    world.reports.set('origin_delays', report);
    expect((await world.data(ask)).airport).toEqual({ originDelays: { meta: { fresh: false } } });
    world.reports.set('origin_delays', { ...report, stale: false });
    expect((await world.data(ask)).airport).toEqual({ originDelays: { meta: { fresh: true } } });
  });
});
