import { describe, expect, it } from 'vitest';
import { dataClockContract } from '../../test/contracts/data-clock.ts';
import { createDataTime } from './data-time.ts';
import { createManualClock } from './manual-clock.ts';
import { createReadingClock } from './reading-clock.ts';

dataClockContract('a clock that only reads', (at) => {
  let millis = at;
  return {
    clock: createReadingClock({ nowMillis: () => millis }, at),
    move(by) {
      millis += by;
    },
  };
});

describe('createReadingClock', () => {
  it('is never behind what the stamping clock showed at its beginning', () => {
    const systemClock = createManualClock({ at: 1_000 });
    expect(createReadingClock(systemClock, 5_000).now()).toBe(5_000);
  });

  it('reads no later than what is stamped afterwards in another process', async () => {
    const systemClock = createManualClock({ at: 1_000 });
    const raw = () => systemClock.nowMillis();
    const stamping = createDataTime({ raw, floor: 0, onGrant() {}, readElsewhere: true });
    const reading = createReadingClock(systemClock, stamping.now());
    for (let round = 0; round < 5; round++) {
      const read = reading.readInstant();
      expect(stamping.stampArrival()).toBeGreaterThan(read);
      await systemClock.advance(round);
    }
  });
});
