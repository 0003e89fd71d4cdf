import avro from 'avsc';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSchemaRegistryCodecs } from '../../adapters/schema-registry/codecs.ts';
import { createSchemaRegistry } from '../../adapters/schema-registry/registry.ts';
import { startSchemaRegistry } from '../doubles/schema-registry-server.ts';
import { clicksDefinitions, clicksView, registryOf, start } from './clicks.ts';
import { createGround, type Ground, openWorld, type World } from './world.ts';

const schema = {
  type: 'record',
  name: 'Click',
  fields: [
    { name: 'clickId', type: 'long' },
    { name: 'userId', type: 'string' },
    { name: 'amount', type: 'int' },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
  ],
} satisfies avro.Schema;
const type = avro.Type.forSchema(schema);
const source = {
  ...clicksDefinitions.sources[0]!,
  stream: { kind: 'kafka', topic: 'clicks', format: 'avro' },
} as const;
const definitions = { ...clicksDefinitions, sources: [source] };

let ground: Ground;
let world: World | null = null;
beforeEach(async () => {
  ground = await createGround(start);
});
afterEach(async () => {
  await world?.close();
  world = null;
  await ground.remove();
});

async function push(...clicks: readonly (readonly [clickId: number, amount: number])[]): Promise<void> {
  const payloads = clicks.map(([clickId, amount]) =>
    Buffer.concat([Buffer.from([0, 0, 0, 0, 5]), type.toBuffer({ clickId, amount, userId: 'a', at: start })]),
  );
  await world!.log.append(
    'clicks',
    payloads.map((payload) => ({ key: 'a', payload })),
  );
}

test('a topic in Avro feeds views live, by catching up and by backfill; what is no Avro becomes a dead letter', async () => {
  await using registry = await startSchemaRegistry([
    { subject: 'clicks-value', version: 1, id: 5, schema: JSON.stringify(schema) },
  ]);
  const codecs = createSchemaRegistryCodecs(createSchemaRegistry({ url: registry.url }));
  world = await openWorld(ground, registryOf(definitions), { codecs });
  await world.ingest.start();
  await world.materializer.ensureReady(world.registry);
  await push([1, 5], [2, 6]);
  await world.push('clicks', ['{"clickId":3}']);
  await world.applied('clicks');
  const letters = await world.deadLetters.list('clicks', 5);
  expect(letters.map(({ offset, reason }) => [offset, reason])).toEqual([
    [2, 'expected a zero byte and a schema’s id; got 0x7b22636c69636b49'],
  ]);
  // A second source of the same topic, whose history is what the topic held.
  const again = { ...source, name: 'taps' };
  world.registry = registryOf(definitions, {
    ...definitions,
    sources: [source, again],
    views: [clicksView({}), clicksView({ name: 'taps', source: 'taps' })],
  });
  await world.ingest.registryChanged();
  await world.materializer.ensureReady(world.registry);
  await push([4, 7]);
  await world.applied('clicks');
  await ground.clock.advance(2_000);
  for (const view of ['user_clicks', 'taps']) {
    expect(await world.values(view, ['a'])).toMatchObject({ clicks_ever: 3, amount_ever: 18 });
  }
});

test('without a schema registry the topic waits, and says what is missing', async () => {
  world = await openWorld(ground, registryOf(definitions));
  await world.ingest.start();
  await push([1, 5]);
  while (world.errors.length === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(String(world.errors[0])).toMatch(/clicks: the topic's avro payloads cannot be read .*Set SCHEMA_REGISTRY_URL/);
  expect(await world.deadLetters.counts()).toEqual(new Map());
});
