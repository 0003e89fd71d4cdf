import { expect, it } from 'vitest';
import { createOnlineWorld, noon } from '../../../test/online/online-world.ts';

/** Lets what is already due run, at the same instant. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}

it('tells a subscriber at once after the clock was set back', async () => {
  let setBack = 0;
  const world = await createOnlineWorld({ setBackMillis: () => setBack });
  const subscriber = await world.subscribe(
    'subscription { airportChanged(iata: ["ATL"]) { originDelays { landed1h } } }',
  );
  const land = async (flightId: number) => {
    const landedAt = new Date(noon - 60_000).toISOString();
    await world.apply('landings', [
      { flightId, landedAt, origin: 'ATL', destination: 'ORD', delayMinutes: 10, fare: 1 },
    ]);
    await settle();
  };
  await land(1);
  setBack = 3_600_000;
  await land(2);
  await world.clock.advance(1_000);
  await settle();
  const counts = subscriber.received.map(({ data }) => data);
  expect(counts).toEqual([1, 2].map((landed1h) => ({ airportChanged: { originDelays: { landed1h } } })));
});
