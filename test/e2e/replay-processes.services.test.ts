import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { expect, it } from 'vitest';
import { readFlights } from '../oracle/flights-check.ts';
import { describeWithService } from '../services/find-program.ts';
import { waitFor } from './asof-process.ts';
import { delayFields, expectedDelays, flightsFile, readQuietly } from './flight-values.ts';
import { engines, flightsProcesses, shuffled, startEngines } from './flights-processes.ts';
import { ingests, processNames } from './separate-processes.ts';

describeWithService('a replay through processes of their own', engines, () => {
  it('has one data time in all of them, and the values that an independent program computes', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'asof-replay-processes-'));
    await using _folder = { [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
    const every = 10;
    const flights = readFlights(flightsFile, { every });
    await using servers = await startEngines();
    await using processes = await flightsProcesses(folder, {
      ...servers.variables,
      FLIGHTS_SLICE: String(3_000_000 / every),
      // A minute takes three seconds: most of it is quiet, also on a busy machine.
      FLIGHTS_SPEED: '20',
    });
    await Promise.all(shuffled(processNames).map((name) => processes.start(name)));
    await processes.whole(90_000);
    const sent = async (): Promise<number> => {
      const own = await Promise.all(ingests.map((name) => processes.partitions(name, 'landings')));
      return own.flatMap((partitions) => [...partitions.values()]).reduce((sum, next) => sum + next, 0);
    };
    await waitFor(async () => ((await sent()) >= 20 ? true : undefined), 90_000);
    const gateway = processes.of('gateway');
    const airports = await readQuietly(gateway, [...(await flights).keys()]);
    let landed = 0;
    for (const { iata, originDelays } of airports) {
      const { meta, ...delays } = originDelays;
      const t = Date.parse(meta.readAt);
      expect(delays, `${iata} at ${meta.readAt}`).toEqual(expectedDelays(await flights, { origin: iata }, t));
      landed += delays.landed1h ?? 0;
    }
    expect(landed).toBeGreaterThan(0);
    // What the offline process knows of that instant is the same, once it is flushed there.
    const time = airports[0]!.originDelays.meta.readAt;
    const past = await waitFor(async () => {
      const answer = await gateway.execute(
        `query($time: DateTime!) { airport(iata: "ATL") { asOf(time: $time) { originDelays { ${delayFields.join(' ')} } } } }`,
        { time },
      );
      const data = answer.data as { airport: { asOf: { originDelays: object } } };
      const { meta: _, ...now } = airports.find(({ iata }) => iata === 'ATL')!.originDelays;
      return isDeepStrictEqual(data.airport.asOf.originDelays, now) ? true : undefined;
    }, 20_000);
    expect(past).toBe(true);
  }, 300_000);
});
