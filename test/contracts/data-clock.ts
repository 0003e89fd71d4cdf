import { describe, expect, it } from 'vitest';
import type { DataClock } from '../../core/ports/clocks.ts';
import type { Instant } from '../../core/values/types.ts';

/** A clock under test, and the hand that moves the time it follows. */
export interface MovableDataClock {
  readonly clock: DataClock;
  /** Moves the system's time; a negative number sets it back. */
  move(systemMillis: number): void | Promise<void>;
}

/** What every data clock must do. `open` gives one that stands at or after `at`, at whatever speed. */
export function dataClockContract(name: string, open: (at: Instant) => MovableDataClock): void {
  describe(`${name} keeps the data clock's contract`, () => {
    const at = Date.UTC(2001, 5, 1);

    it('gives whole milliseconds that move on with the system’s time', async () => {
      const { clock, move } = open(at);
      const before = clock.now();
      expect(before).toBeGreaterThanOrEqual(at);
      await move(1_000);
      expect(clock.now()).toBeGreaterThan(before);
      await move(0.4);
      for (const instant of [clock.now(), clock.readInstant(), clock.stampArrival()]) {
        expect(Number.isSafeInteger(instant)).toBe(true);
      }
    });

    it('stamps arrivals after every read instant given out, though time stands still', () => {
      const { clock } = open(at);
      for (let round = 0; round < 20; round++) {
        const read = clock.readInstant();
        const arrival = clock.stampArrival();
        expect(arrival).toBeGreaterThan(read);
        expect(clock.readInstant(arrival)).toBe(arrival);
      }
    });

    it('lets equal arrivals be, while nobody reads', () => {
      const { clock } = open(at);
      const arrival = clock.stampArrival();
      expect(clock.stampArrival()).toBe(arrival);
    });

    it('reads at the newest applied arrival where that is later, and stamps after it', () => {
      const { clock } = open(at);
      const ahead = clock.now() + 5_000;
      expect(clock.readInstant(ahead)).toBe(ahead);
      expect(clock.readInstant(at - 1)).toBeGreaterThanOrEqual(at);
      expect(clock.now()).toBeLessThan(ahead);
      expect(clock.stampArrival()).toBeGreaterThan(ahead);
    });

    it('never goes back when the system’s time does', async () => {
      const { clock, move } = open(at);
      await move(60_000);
      const [now, arrival] = [clock.now(), clock.stampArrival()];
      await move(-30_000);
      expect(clock.now()).toBeGreaterThanOrEqual(now);
      expect(clock.stampArrival()).toBeGreaterThanOrEqual(arrival);
      expect(clock.readInstant()).toBeGreaterThanOrEqual(now);
    });

    it('tells how long to wait for an instant, neither too short nor a tick too long', async () => {
      const { clock, move } = open(at);
      await move(100);
      expect(clock.systemMillisUntil(clock.now())).toBe(0);
      expect(clock.systemMillisUntil(at - 1)).toBe(0);
      const target = clock.now() + 7_777;
      const wait = clock.systemMillisUntil(target);
      await move(wait - 1);
      expect(clock.now()).toBeLessThan(target);
      await move(1);
      expect(clock.now()).toBeGreaterThanOrEqual(target);
      expect(clock.systemMillisUntil(target)).toBe(0);
    });
  });
}
