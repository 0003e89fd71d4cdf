import { expect, it } from 'vitest';
import { createOnlineWorld } from '../../../test/online/online-world.ts';

it('tells of a key at once when others were just read, and of one that changes all the time ten times a second', async () => {
  const world = await createOnlineWorld();
  const subscriber = await world.subscribe(
    'subscription { airportChanged(iata: ["ATL", "ORD"]) { iata originDelays { landed1h } } }',
  );
  let flights = 0;
  const land = (origin: string) => {
    flights += 1;
    const landedAt = new Date(world.clock.now() - 5_000).toISOString();
    const landing = { flightId: flights, landedAt, origin, destination: 'DEN', delayMinutes: 10, fare: 1 };
    return world.apply('landings', [landing]);
  };
  const told = () =>
    subscriber.received.map(({ data }) => {
      const { iata, originDelays } = data!.airportChanged as unknown as { iata: string; originDelays: object };
      return [iata, ...Object.values(originDelays)];
    });
  const advance = async (millis: number) => {
    await world.clock.advance(millis);
    for (let turn = 0; turn < 5; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
  };
  await advance(1_000);
  await land('ATL');
  await advance(0);
  expect(told()).toEqual([['ATL', 1]]);
  await land('ATL');
  await land('ORD');
  await advance(10);
  expect(told().slice(1)).toEqual([['ORD', 1]]);
  await land('ATL');
  await advance(80);
  expect(told().slice(2)).toEqual([]);
  await advance(10);
  expect(told().slice(2)).toEqual([['ATL', 3]]);
});
