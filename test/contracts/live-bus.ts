import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LiveBus, LiveEvent, LiveKind, LiveMessage, LiveSubscription } from '../../core/ports/live-bus.ts';

const revision = (number: number): LiveMessage => ({ kind: 'registryChange', revision: number });
const alert = (incidentId: string): LiveMessage => ({ kind: 'freshnessAlert', incidentId, state: 'FIRING' });

/** Subscribes, and resolves `got(count)` when so many events have come. */
function collect(
  bus: LiveBus,
  kinds: readonly LiveKind[],
  after?: string,
): { subscription: LiveSubscription; events: LiveEvent[]; got(count: number): Promise<LiveMessage[]> } {
  const events: LiveEvent[] = [];
  let check = (): void => {};
  const subscription = bus.subscribe(
    kinds,
    (event) => {
      events.push(event);
      check();
    },
    after,
  );
  return {
    subscription,
    events,
    got: (count) =>
      new Promise((resolve) => {
        check = () => {
          if (events.length >= count) resolve(events.map(({ message }) => message));
        };
        check();
      }),
  };
}

/** What every live bus must do. `open` gives an empty bus whose buffer holds `bufferSize` messages. */
export function liveBusContract(name: string, open: (bufferSize: number) => Promise<LiveBus>): void {
  describe(`${name} keeps the live bus's contract`, () => {
    let bus: LiveBus;
    beforeEach(async () => {
      bus = await open(5);
    });
    afterEach(async () => {
      await bus[Symbol.asyncDispose]();
    });

    it('delivers what is published afterwards, in order, of the kinds asked for', async () => {
      await bus.publish(revision(0));
      const revisions = collect(bus, ['registryChange']);
      const both = collect(bus, ['registryChange', 'freshnessAlert']);
      await bus.publish(revision(1));
      await bus.publish(alert('a'));
      await bus.publish(revision(2));
      expect(await both.got(3)).toEqual([revision(1), alert('a'), revision(2)]);
      expect(await revisions.got(2)).toEqual([revision(1), revision(2)]);
      expect(both.subscription.lagged).toBe(false);
    });

    it('stops at close', async () => {
      const closed = collect(bus, ['registryChange']);
      const open = collect(bus, ['registryChange']);
      await bus.publish(revision(1));
      await closed.got(1);
      closed.subscription.close();
      closed.subscription.close();
      await bus.publish(revision(2));
      await open.got(2);
      expect(closed.events).toHaveLength(1);
    });

    it('resumes behind a cursor, without loss or repetition, and runs on', async () => {
      const first = collect(bus, ['registryChange']);
      for (const number of [1, 2, 3]) await bus.publish(revision(number));
      await first.got(3);
      const { cursor } = first.events[0]!;
      const resumed = collect(bus, ['registryChange'], cursor);
      await bus.publish(revision(4));
      expect(await resumed.got(3)).toEqual([revision(2), revision(3), revision(4)]);
      expect(resumed.subscription.lagged).toBe(false);
      expect(resumed.events.map((event) => event.cursor).slice(0, 2)).toEqual([
        first.events[1]!.cursor,
        first.events[2]!.cursor,
      ]);
      const caughtUp = collect(bus, ['registryChange'], resumed.events[2]!.cursor);
      await bus.publish(revision(5));
      expect(await caughtUp.got(1)).toEqual([revision(5)]);
    });

    it('resumes behind a message of another kind', async () => {
      const all = collect(bus, ['registryChange', 'freshnessAlert']);
      await bus.publish(alert('a'));
      await bus.publish(revision(1));
      await all.got(2);
      const resumed = collect(bus, ['registryChange'], all.events[0]!.cursor);
      expect(await resumed.got(1)).toEqual([revision(1)]);
    });

    it('says lagged where the buffer no longer reaches, and delivers what it still has', async () => {
      const first = collect(bus, ['registryChange']);
      for (let number = 0; number < 7; number++) await bus.publish(revision(number));
      await first.got(7);
      const justInside = collect(bus, ['registryChange'], first.events[1]!.cursor);
      expect(justInside.subscription.lagged).toBe(false);
      expect(await justInside.got(5)).toEqual([2, 3, 4, 5, 6].map(revision));
      const beyond = collect(bus, ['registryChange'], first.events[0]!.cursor);
      expect(beyond.subscription.lagged).toBe(true);
      expect(await beyond.got(5)).toEqual([2, 3, 4, 5, 6].map(revision));
    });

    it('lets a subscriber close itself while events are delivered', async () => {
      const first = collect(bus, ['registryChange']);
      for (const number of [1, 2, 3]) await bus.publish(revision(number));
      await first.got(3);
      const seen: LiveMessage[] = [];
      const own: LiveSubscription = bus.subscribe(
        ['registryChange'],
        ({ message }) => {
          seen.push(message);
          own.close();
        },
        first.events[0]!.cursor,
      );
      await bus.publish(revision(4));
      await first.got(4);
      expect(seen).toEqual([revision(2)]);
    });

    it('refuses a cursor that it cannot have given', () => {
      for (const cursor of ['', 'x', '1', '../..', '\0', '9'.repeat(100)]) {
        expect(() => bus.subscribe(['registryChange'], () => {}, cursor), cursor).toThrowError(
          /after: the resume cursor is not one of ours/,
        );
      }
    });
  });
}
