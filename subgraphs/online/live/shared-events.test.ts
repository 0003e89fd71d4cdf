import { expect, it } from 'vitest';
import { createOnlineWorld } from '../../../test/online/online-world.ts';

const airportChanged = `subscription ($iata: [String!]!) {
  airportChanged(iata: $iata) { iata originDelays { landed1h meta { readAt } } }
}`;

it('makes one result for subscriptions that are alike, and for others one of their own', async () => {
  const world = await createOnlineWorld();
  const landing = (flightId: number, origin: string) => ({
    flightId,
    landedAt: new Date(world.clock.now() - 5_000).toISOString(),
    origin,
    destination: 'DEN',
    delayMinutes: 10,
    fare: 1,
  });
  const updates = 'subscription { featureUpdates { cursor keys } }';
  const subscribers = await Promise.all([
    world.subscribe(airportChanged, { iata: ['ATL', 'ORD'] }),
    world.subscribe(airportChanged, { iata: ['ATL', 'ORD'] }),
    world.subscribe(airportChanged, { iata: ['ATL'] }),
    world.subscribe('subscription { airportChanged(iata: "ATL") { originDelays { landed1h } } }'),
    world.subscribe(updates),
    world.subscribe(updates),
  ]);
  await world.clock.advance(1_000);
  await world.apply('landings', [landing(1, 'ATL'), landing(2, 'ORD')]);
  for (let turn = 0; turn < 5; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
  const [first, second, fewer, other, update, sameUpdate] = subscribers;
  expect(first!.received.map(({ data }) => data!.airportChanged)).toMatchObject([{ iata: 'ATL' }, { iata: 'ORD' }]);
  expect(second!.results.map((result, index) => result === first!.results[index])).toEqual([true, true]);
  expect(fewer!.received).toEqual([first!.received[0]]);
  expect(fewer!.results[0]).not.toBe(first!.results[0]);
  expect(other!.received).toEqual([{ data: { airportChanged: { originDelays: { landed1h: 1 } } } }]);
  expect(update!.results).not.toEqual([]);
  expect(sameUpdate!.results.every((result, index) => result === update!.results[index])).toBe(true);
});
