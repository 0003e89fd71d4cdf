import { createManualClock } from '../../adapters/clock/manual-clock.ts';
import { collectDefinitions } from '../../core/definitions/collect.ts';
import { col, entity, featureView, rowSource, t } from '../../core/index.ts';
import { createOnlineReader } from '../../core/online/reader.ts';
import { compileDefinitions } from '../../core/registry/compile.ts';
import { createMapOnlineStore } from '../doubles/map-online-store.ts';

/*
 * Prints what docs/pitfalls/latency.md quotes: how often a store is asked for 100 entities' features from five views.
 * Nothing is stored: an absent value takes a round trip as well.
 */
const entities = 100;
const names = ['profile', 'spending', 'sessions', 'devices', 'refunds'];

const customer = entity('customer', { key: { customer: t.string } });
const views = Object.fromEntries(
  names.map((name) => {
    const source = rowSource(`${name}_rows`, { fields: { customer: t.string, amount: t.int64 }, eventTime: 'at' });
    return [
      name,
      featureView(name, {
        entity: customer,
        source,
        key: { customer: 'customer' },
        features: { amount: col('amount') },
      }),
    ];
  }),
);
const registry = compileDefinitions(collectDefinitions(views));
const compiled = names.map((name) => registry.views.get(name)!.at(-1)!);
const keys = Array.from({ length: entities }, (_, index) => [`customer-${index}`]);

const store = createMapOnlineStore();
const reader = createOnlineReader({ store, clock: createManualClock({ at: 1_000_000 }) });

async function count(what: string, work: () => Promise<void>): Promise<void> {
  store.calls.getMany = 0;
  await work();
  const trips = store.calls.getMany;
  console.log(`${what.padEnd(32)}${String(trips).padStart(5)} round trip${trips === 1 ? '' : 's'}`);
}

await count('a loop over entities and views', async () => {
  for (const key of keys) for (const view of compiled) await reader.read([{ view, key }]);
});
await count('a batch per view', async () => {
  for (const view of compiled) await reader.read(keys.map((key) => ({ view, key })));
});
await count('Asof', async () => {
  await reader.read(compiled.flatMap((view) => keys.map((key) => ({ view, key }))));
});
