import { expect, inject } from 'vitest';
import { waitFor } from '../e2e/asof-process.ts';
import type { Fault } from './faults/fault.ts';
import { keepResult } from './report.ts';
import './settings.ts';
import { expectNothingLost } from './verify.ts';
import { untilApplied, type World } from './world.ts';

const recoveryMillis = 150_000;
/** A subscriber goes on from its cursor, so what is applied is told soon. */
const hearMillis = 30_000;
/** A client's reads have recovered when none has failed for so long. */
const goodMillis = 2_000;

/** Strikes while events come and a client reads; measures how all recovers, and fails when anything is lost or wrong. */
export async function strike(world: World, fault: Fault): Promise<void> {
  const { goneMillis } = inject('chaos');
  const { watcher, listener } = world;
  const good = () => (watcher.isGoodFor(goodMillis) ? true : undefined);
  const failures = () => JSON.stringify([...watcher.seen().failures]);
  await waitFor(good, recoveryMillis, undefined, failures);
  const listens = () => (listener.hasBegun() ? true : undefined);
  await waitFor(listens, hearMillis, undefined, () => 'the subscriber hears nothing');
  watcher.begin();
  listener.begin();
  const struckAt = Date.now();
  await fault.strike(world, { goneMillis });
  const mendedAt = Date.now();
  // What has just been hit may take a moment to be missed.
  const recovered = () => (Date.now() - mendedAt >= goodMillis ? good() : undefined);
  await waitFor(recovered, recoveryMillis, undefined, failures);
  const readsMillis = Math.max(0, Date.now() - mendedAt - goodMillis);
  await untilApplied(world, recoveryMillis);
  const appliedMillis = Date.now() - mendedAt;
  const seen = watcher.seen();
  const silentMillis = listener.longestSilenceMillis();
  await world.producer.stop();
  const records = await expectNothingLost(world, recoveryMillis);
  const allHeard = () => (listener.unheard().length === 0 ? true : undefined);
  await waitFor(allHeard, hearMillis, undefined, () => `the subscriber did not hear of ${listener.unheard()}`);
  expect(seen.wrong).toEqual([]);
  expect(seen.good).toBeGreaterThan(0);
  world.resumeProducer();
  keepResult({
    number: fault.number,
    fault: fault.name,
    failures: Object.fromEntries(seen.failures),
    good: seen.good,
    longestGapMillis: seen.longestGapMillis,
    silentMillis,
    lagged: listener.lagged(),
    faultMillis: mendedAt - struckAt,
    readsMillis,
    appliedMillis,
    records,
    loss: 0,
    wrong: seen.wrong.length,
  });
}
