import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { createOnlineWorld } from '../../../test/online/online-world.ts';

const rounds = 20;
const subscribers = 200;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

async function heapBytes(): Promise<number> {
  for (let turn = 0; turn < 5; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

it('leaves neither listeners nor memory behind, however often subscribers come and go under load', async () => {
  const world = await createOnlineWorld();
  const changes = `subscription ($iata: [String!]!) {
    airportChanged(iata: $iata, initial: true) { iata originDelays { landed1h } }
  }`;
  const updates = 'subscription { featureUpdates { cursor keys } }';
  let flights = 0;
  const landing = (origin: string) => {
    flights += 1;
    const landedAt = new Date(world.clock.now() - 5_000).toISOString();
    return { flightId: flights, landedAt, origin, destination: 'ORD', delayMinutes: 10, fare: 1 };
  };
  const round = async (): Promise<void> => {
    const open = await Promise.all(
      Array.from({ length: subscribers }, (_, index) =>
        index % 4 === 0 ? world.subscribe(updates) : world.subscribe(changes, { iata: [`A${index % 50}`] }),
      ),
    );
    // Some leave while events are under way.
    const leaving = open.splice(0, subscribers / 2).map((subscriber) => subscriber.leave());
    await world.apply('landings', [landing('A1'), landing('A2')]);
    await world.clock.advance(1_000);
    await world.apply('landings', [landing('A3')]);
    await Promise.all([...leaving, ...open.map((subscriber) => subscriber.leave())]);
    expect([world.listening(), world.subgraph.watchedViews()]).toEqual([0, 0]);
  };
  for (let warmup = 0; warmup < 3; warmup++) await round();
  const before = await heapBytes();
  for (let done = 0; done < rounds; done++) await round();
  const grown = (await heapBytes()) - before;
  expect([world.listening(), world.subgraph.watchedViews(), world.clock.sleeping]).toEqual([0, 0, 0]);
  // A subscriber with its buffers takes more than 2 kB: 4,000 of them would be far above this.
  expect(grown).toBeLessThan(4_000_000);
}, 60_000);
