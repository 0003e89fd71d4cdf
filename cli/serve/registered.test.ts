import { expect, it } from 'vitest';
import { createManualClock } from '../../adapters/clock/manual-clock.ts';
import { createMemoryLiveBus } from '../../adapters/memory/live-bus.ts';
import { createClosingStack } from '../../runtime/closing-stack.ts';
import { createLogger } from '../../runtime/logging.ts';
import { createMetrics } from '../../runtime/metrics.ts';
import { createMapRegistryStore } from '../../test/doubles/map-registry-store.ts';
import { definitions } from '../../test/registry/registry-world.ts';
import { openRegistered } from './registered.ts';
import { readSettings } from './settings.ts';
import type { Stores } from './stores.ts';

it('says by note, metric and log that the registry is away, and knows what it read last', async () => {
  const logged: string[] = [];
  const logger = createLogger({
    name: 'test',
    level: 'info',
    destination: { write: (line) => void logged.push(line) },
  });
  const metrics = createMetrics();
  const settings = readSettings({});
  const registry = createMapRegistryStore();
  let tellContact: (lost: unknown) => void = () => {};
  const store = {
    ...registry,
    watch(onRevision: (revision: number) => void, onContact: (lost: unknown) => void = () => {}) {
      tellContact = onContact;
      return registry.watch(onRevision);
    },
  };
  const clock = createManualClock({ at: Date.UTC(2026, 0, 1) });
  const absent = () => expect.unreachable();
  const stores: Stores = {
    systemClock: clock,
    get clock() {
      return absent();
    },
    registry: async () => store,
    online: absent,
    ownBus: absent,
    offline: absent,
    log: absent,
    codecs: absent,
    bus: async () => createMemoryLiveBus(),
    deadLetters: absent,
    notes: () => [],
    [Symbol.asyncDispose]: async () => {},
  };
  const access = { authenticator: null, gatewayToken: () => null, [Symbol.asyncDispose]: async () => {} };
  await using stack = createClosingStack();
  const onError = () => expect.unreachable();
  const { registered, contact } = await openRegistered(
    { settings, stores, access, logger, metrics, stack, onError },
    definitions,
  );
  const away = async () => (await metrics.expose()).text.match(/^asof_registry_away (\d)$/m)?.[1];
  expect(contact.notes!()).toEqual([]);

  tellContact(new Error('PostgreSQL does not answer'));
  expect(contact.notes!()).toEqual([
    'the registry has not answered since 2026-01-01T00:00:00.000Z: what is served is that of revision 1',
  ]);
  expect(await away()).toBe('1');
  expect(logged.join()).toContain('PostgreSQL does not answer');
  expect([...registered.registry().views.keys()]).toContain('origin_delays');

  tellContact(null);
  expect(contact.notes!()).toEqual([]);
  expect(await away()).toBe('0');
  expect(logged.join()).toContain('answers again');
});
