import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LiveBus, LiveEvent, LiveKind, LiveMessage, LiveSubscription } from '../../core/ports/live-bus.ts';

export const revision = (number: number): LiveMessage => ({ kind: 'registryChange', revision: number });
const alert = (incidentId: string): LiveMessage => ({ kind: 'freshnessAlert', incidentId, state: 'FIRING' });

/** A subscriber and what it heard: messages in order, and 'gap'. */
export interface Collected {
  readonly subscription: LiveSubscription;
  readonly events: readonly LiveEvent[];
  readonly heard: readonly (LiveMessage | 'gap')[];
  /** Resolves with what was heard when so many events have come. */
  got(count: number): Promise<readonly (LiveMessage | 'gap')[]>;
}

export async function collect(bus: LiveBus, kinds: readonly LiveKind[], after?: string): Promise<Collected> {
  const events: LiveEvent[] = [];
  const heard: (LiveMessage | 'gap')[] = [];
  let check = (): void => {};
  const listener = {
    onEvent(event: LiveEvent) {
      events.push(event);
      heard.push(event.message);
      check();
    },
    onGap: () => void heard.push('gap'),
  };
  const subscription = await bus.subscribe(kinds, listener, after);
  return {
    subscription,
    events,
    heard,
    got: (count) =>
      new Promise((resolve) => {
        check = () => {
          if (events.length >= count) resolve(heard);
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
      const revisions = await collect(bus, ['registryChange']);
      const both = await collect(bus, ['registryChange', 'freshnessAlert']);
      await bus.publish(revision(1));
      await bus.publish(alert('a'));
      await bus.publish(revision(2));
      expect(await both.got(3)).toEqual([revision(1), alert('a'), revision(2)]);
      expect(await revisions.got(2)).toEqual([revision(1), revision(2)]);
    });

    it('keeps the order of calls that nobody waited for', async () => {
      const all = await collect(bus, ['registryChange']);
      const numbers = [0, 1, 2, 3, 4];
      await Promise.all(numbers.map((number) => bus.publish(revision(number))));
      expect(await all.got(5)).toEqual(numbers.map(revision));
      expect(new Set(all.events.map(({ cursor }) => cursor)).size).toBe(5);
    });

    it('delivers every kind of message as it was', async () => {
      const messages: LiveMessage[] = [
        {
          kind: 'featureUpdate',
          view: 'originDelays',
          version: 3,
          keys: [
            ['ATL', 1],
            ['Zürich "1"', '9007199254740993'],
            [true, '2001-06-01T00:00:00.000Z'],
          ],
          eventTime: 991_353_600_000,
          arrival: 991_353_600_123,
        },
        { kind: 'featureUpdate', view: 'empty', version: 1, keys: [], eventTime: 0, arrival: 0 },
        { kind: 'freshnessAlert', incidentId: 'a', state: 'RESOLVED' },
        { kind: 'datasetProgress', datasetId: 'd' },
        revision(7),
      ];
      const all = await collect(bus, ['featureUpdate', 'freshnessAlert', 'datasetProgress', 'registryChange']);
      for (const message of messages) await bus.publish(message);
      expect(await all.got(messages.length)).toEqual(messages);
    });

    it('stops at close', async () => {
      const closed = await collect(bus, ['registryChange']);
      const open = await collect(bus, ['registryChange']);
      await bus.publish(revision(1));
      await closed.got(1);
      closed.subscription.close();
      closed.subscription.close();
      await bus.publish(revision(2));
      await open.got(2);
      expect(closed.events).toHaveLength(1);
    });

    it('resumes behind a cursor, without loss or repetition, and runs on', async () => {
      const first = await collect(bus, ['registryChange']);
      for (const number of [1, 2, 3]) await bus.publish(revision(number));
      await first.got(3);
      const { cursor } = first.events[0]!;
      const resumed = await collect(bus, ['registryChange'], cursor);
      await bus.publish(revision(4));
      expect(await resumed.got(3)).toEqual([revision(2), revision(3), revision(4)]);
      expect(resumed.events.map((event) => event.cursor).slice(0, 2)).toEqual([
        first.events[1]!.cursor,
        first.events[2]!.cursor,
      ]);
      const caughtUp = await collect(bus, ['registryChange'], resumed.events[2]!.cursor);
      await bus.publish(revision(5));
      expect(await caughtUp.got(1)).toEqual([revision(5)]);
    });

    it('resumes behind a message of another kind', async () => {
      const all = await collect(bus, ['registryChange', 'freshnessAlert']);
      await bus.publish(alert('a'));
      await bus.publish(revision(1));
      await all.got(2);
      const resumed = await collect(bus, ['registryChange'], all.events[0]!.cursor);
      expect(await resumed.got(1)).toEqual([revision(1)]);
    });

    it('tells of a gap where the buffer no longer reaches, and delivers what it still has', async () => {
      const first = await collect(bus, ['registryChange']);
      for (let number = 0; number < 7; number++) await bus.publish(revision(number));
      await first.got(7);
      const newest = [2, 3, 4, 5, 6].map(revision);
      const justInside = await collect(bus, ['registryChange'], first.events[1]!.cursor);
      expect(await justInside.got(5)).toEqual(newest);
      const beyond = await collect(bus, ['registryChange'], first.events[0]!.cursor);
      expect(await beyond.got(5)).toEqual(['gap', ...newest]);
    });

    it('lets a subscriber close itself while events are delivered', async () => {
      const first = await collect(bus, ['registryChange']);
      for (const number of [1, 2, 3]) await bus.publish(revision(number));
      await first.got(3);
      const seen: LiveMessage[] = [];
      const own: LiveSubscription = await bus.subscribe(
        ['registryChange'],
        {
          onEvent({ message }) {
            seen.push(message);
            own.close();
          },
          onGap() {},
        },
        first.events[0]!.cursor,
      );
      await bus.publish(revision(4));
      const other = await collect(bus, ['registryChange'], first.events[0]!.cursor);
      await other.got(3);
      expect(seen).toEqual([revision(2)]);
    });

    it('refuses a cursor that it cannot have given', async () => {
      for (const cursor of ['', 'x', '1', '../..', '\0', '9'.repeat(100)]) {
        await expect(collect(bus, ['registryChange'], cursor), cursor).rejects.toThrowError(
          /after: the resume cursor is not one of ours/,
        );
      }
    });
  });
}
