import { parse } from 'graphql';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FreshnessIncident } from '../../core/ports/freshness.ts';
import { createGateway, type Gateway } from '../../gateway/gateway.ts';
import { localParts } from '../../gateway/subgraph.ts';
import { localPrincipal } from '../../runtime/access/principal.ts';
import { isStream } from '../../runtime/graph.ts';
import { createLogger } from '../../runtime/logging.ts';
import { createMetrics } from '../../runtime/metrics.ts';
import { createOnlineSubgraph } from '../../subgraphs/online/subgraph.ts';
import { click, clicksDefinitions, registryOf, start } from './clicks.ts';
import { createGround, type Ground, openWorld, type World } from './world.ts';

interface Alert {
  readonly state: string;
  readonly slaMillis: number;
  readonly resolvedAt: string | null;
  readonly dropped: number;
  readonly view: { readonly name: string; readonly freshness: { readonly backlog: number } };
}

let ground: Ground;
let world: World;
let gateway: Gateway;
let alerts: Alert[];
let leave: () => Promise<void>;

beforeEach(async () => {
  ground = await createGround(start);
  const registry = registryOf(clicksDefinitions);
  world = await openWorld(ground, registry);
  await world.ingest.start();
  await world.materializer.ensureReady(registry);
  const online = createOnlineSubgraph({
    reader: world.reader,
    clock: ground.clock,
    systemClock: ground.clock,
    bus: ground.bus,
    log: world.log,
    freshness: world.monitor,
    deadLetters: world.deadLetters,
    incident: async (id) => (await ground.documents.getDocument('incidents', id)) as FreshnessIncident | null,
  });
  const logger = createLogger({ name: 'test', level: 'silent' });
  gateway = createGateway({ metrics: createMetrics(), logger });
  await gateway.update(localParts([online], registry));
  ({ alerts, leave } = await subscribed());
});
afterEach(async () => {
  await leave();
  await world.close();
  await ground.remove();
});

async function subscribed(): Promise<{ alerts: Alert[]; leave: () => Promise<void> }> {
  const stream = await gateway.current().execute({
    document: parse(
      'subscription { freshnessAlerts { state slaMillis resolvedAt dropped view { name freshness { backlog } } } }',
    ),
    operationName: null,
    variables: {},
    requestId: 'test',
    principal: localPrincipal,
    signal: new AbortController().signal,
  });
  if (!isStream(stream)) throw new Error(JSON.stringify(stream.errors));
  const received: Alert[] = [];
  const listening = (async () => {
    for await (const { data, errors } of stream) {
      if (errors !== undefined) throw errors[0];
      received.push(JSON.parse(JSON.stringify(data)).freshnessAlerts);
    }
  })();
  return {
    alerts: received,
    leave: async () => {
      await stream.return();
      await listening;
    },
  };
}

/** As the monitor would by itself; the SLA of the view is five minutes. */
async function pass(minutes: number): Promise<void> {
  for (let second = 0; second < minutes * 60; second += 5) {
    await ground.clock.advance(5_000);
    await world.monitor.check();
  }
  // What was published reaches the subscriber in turns of its own.
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
}

async function eventEachMinute(minutes: number, firstId: number): Promise<void> {
  for (let id = firstId; id < firstId + minutes; id++) {
    await world.push('clicks', [click(id, 'a', start)]);
    await pass(1);
  }
}

test('an ingest that stops while events arrive fires one alert, and resolves it once when it runs again', async () => {
  await world.push('clicks', [click(1, 'a', start)]);
  await world.applied('clicks');
  await pass(10);
  expect(alerts).toEqual([]);

  await world.ingest.pause();
  await eventEachMinute(12, 2);
  expect(alerts).toMatchObject([
    { state: 'FIRING', slaMillis: 300_000, resolvedAt: null, view: { name: 'user_clicks' } },
  ]);
  expect(alerts[0]!.view.freshness.backlog).toBeGreaterThan(0);

  world.ingest.resume();
  await world.applied('clicks');
  await eventEachMinute(5, 100);
  expect(alerts.map(({ state, dropped }) => [state, dropped])).toEqual([
    ['FIRING', 0],
    ['RESOLVED', 0],
  ]);
  expect(alerts[1]!.resolvedAt).not.toBeNull();
});

test('an idle source fires none', async () => {
  await world.push('clicks', [click(1, 'a', start)]);
  await world.applied('clicks');
  await pass(120);
  expect(alerts).toEqual([]);
});
