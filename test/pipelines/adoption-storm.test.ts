import { expect, test } from 'vitest';
import { runAdoptionStorm } from './adoption-storm.ts';
import { viewsOf } from './group-world.ts';

/** `ASOF_STORMS=1000 ASOF_SEED=…` is the test in earnest. */
const storms = Number(process.env.ASOF_STORMS ?? 25);
const first = Number(process.env.ASOF_SEED ?? 1);

test('whatever happens to members, fillers and the store, what is served in the end is what the oracle says', {
  timeout: 20_000 + storms * 2_000,
}, async () => {
  for (let seed = first; seed < first + storms; seed++) {
    const { world, told } = await runAdoptionStorm(seed, 40);
    for (const view of viewsOf(world)) {
      const { served, expected } = await world.readings(view);
      expect(served, `seed ${seed}, version ${view.version}: ${told.join(' ')}`).toEqual(expected);
    }
  }
});
