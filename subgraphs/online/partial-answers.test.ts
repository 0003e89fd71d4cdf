import { beforeEach, describe, expect, it } from 'vitest';
import { onlineKey, shardOf } from '../../core/online/keys.ts';
import { createShardedStore, type ShardedStore } from '../../test/doubles/sharded-store.ts';
import { createOnlineWorld, noon, type OnlineWorld } from '../../test/online/online-world.ts';

let store: ShardedStore;
let world: OnlineWorld;
/** An airport of each shard. */
let left: string;
let right: string;

function landing(flightId: number, origin: string): Record<string, unknown> {
  const landedAt = new Date(noon - 60_000).toISOString();
  return { flightId, landedAt, origin, destination: 'X', delayMinutes: 10, fare: '1.10' };
}

beforeEach(async () => {
  store = createShardedStore();
  world = await createOnlineWorld({ store });
  const view = world.registry.views.get('origin_delays')!.at(-1)!;
  const airportOf = (shard: string): string => {
    const airports = Array.from({ length: 100 }, (_, index) => `A${index}`);
    return airports.find((iata) => shardOf(onlineKey(view, [iata], store.shards)) === shard)!;
  };
  left = airportOf('left');
  right = airportOf('right');
  await world.apply('landings', [landing(1, left), landing(2, right)]);
  await world.clock.advance(1_000);
});

describe('while one shard is away', () => {
  const airports = `query($iata: [String!]!) {
    airports(iata: $iata) { iata originDelays { landed1h meta { status } } haul(distanceMiles: 2000) { isLong } }
  }`;

  it('its keys are errors of their own fields, and the others are answered', async () => {
    store.away.add('right');
    const { data, errors } = await world.query(airports, { iata: [left, right] });
    expect(data!.airports).toEqual([
      { iata: left, originDelays: { landed1h: 1, meta: { status: 'PRESENT' } }, haul: { isLong: true } },
      { iata: right, originDelays: null, haul: null },
    ]);
    expect(errors).toMatchObject([
      { path: ['airports', 1, 'originDelays'], message: expect.stringMatching(/did not answer for this key/) },
      { path: ['airports', 1, 'haul'], message: expect.stringMatching(/did not answer for this key/) },
    ]);
    store.away.clear();
    expect((await world.data(airports, { iata: [right] })).airports).toMatchObject([{ originDelays: { landed1h: 1 } }]);
  });

  const vectors = (select: string): string => `query($keys: JSON) {
    featureVectors(service: "delay_model", keys: $keys, request: {distanceMiles: 2000}) { names values ${select} }
  }`;

  it('vectors say so in their statuses', async () => {
    store.away.add('right');
    const keys = { origin: [left, right], destination: ['X', 'X'] };
    const { featureVectors } = await world.data(vectors('statuses'), { keys });
    const { names, values, statuses } = featureVectors as unknown as Record<string, unknown[]>;
    const cellsOf = (name: string) => [values![names!.indexOf(name)], statuses![names!.indexOf(name)]];
    expect(cellsOf('origin_delays.landed_1h')).toEqual([
      [1, null],
      ['PRESENT', 'UNAVAILABLE'],
    ]);
    // Reads nothing of the store.
    expect(cellsOf('haul.is_long')).toEqual([
      [true, true],
      ['PRESENT', 'PRESENT'],
    ]);
  });

  it('vectors without statuses fail rather than pass nulls for values', async () => {
    store.away.add('right');
    const ask = (origin: string) => world.query(vectors(''), { keys: { origin, destination: left } });
    expect((await ask(right)).errors).toMatchObject([
      { message: expect.stringMatching(/did not answer for [12] of 2 reads/) },
    ]);
  });

  it('subscribers keep what they were told, and hear of changes when it is back', async () => {
    const subscriber = await world.subscribe(
      `subscription { airportChanged(iata: ["${right}"]) { originDelays { landed1h } } }`,
    );
    await world.clock.advance(1_000);
    store.away.add('right');
    await world.apply('landings', [landing(3, right)]);
    await world.clock.advance(3_000);
    expect(subscriber.received).toEqual([]);
    store.away.clear();
    await world.clock.advance(2_000);
    expect(subscriber.received).toMatchObject([{ data: { airportChanged: { originDelays: { landed1h: 2 } } } }]);
    await subscriber.leave();
  });
});

describe('after one shard lost its data', () => {
  it('its keys are NOT_READY, the others as before, also new ones', async () => {
    await store.lose('right');
    const query = `query($iata: [String!]!) { airports(iata: $iata) { originDelays { landed1h meta { status } } } }`;
    const read = async () => (await world.data(query, { iata: [left, right] })).airports;
    const notReady = { originDelays: { landed1h: null, meta: { status: 'NOT_READY' } } };
    const whole = { originDelays: { landed1h: 1, meta: { status: 'PRESENT' } } };
    expect(await read()).toEqual([whole, notReady]);
    // What the stream writes meanwhile is a part, and never served as if it were whole.
    await world.apply('landings', [landing(3, right)]);
    await world.clock.advance(1_000);
    expect(await read()).toEqual([whole, notReady]);
  });
});
