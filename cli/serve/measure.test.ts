import { expect, it } from 'vitest';
import { collectDefinitions } from '../../core/definitions/collect.ts';
import { col, countRows, entity, eventSource, featureView, fn, onDemandView, request, t } from '../../core/index.ts';
import { planChange } from '../../core/registry/plan.ts';
import { createLogger } from '../../runtime/logging.ts';
import { createMetrics } from '../../runtime/metrics.ts';
import { createRegistryWatcher } from '../../runtime/registry-watcher.ts';
import { createMapRegistryStore } from '../../test/doubles/map-registry-store.ts';
import { watchExpressions, watchLiveBus } from './measure.ts';

const purchases = eventSource('purchases', { fields: { id: t.string, amount: t.int64 }, eventTime: 'at' });
const spending = featureView('spending', {
  entity: entity('user', { key: { id: t.string } }),
  source: purchases,
  key: { id: 'id' },
  features: { large_1h: countRows().where(col('amount').mul(2).gt(100)).over('1h') },
});
const offer = onDemandView('offer', {
  request: { price: t.string },
  features: { price: fn.toInt64(request('price')) },
});
const most = 2n ** 63n - 1n;

it('tells Prometheus what expressions counted, across revisions', async () => {
  const store = createMapRegistryStore();
  const apply = async (owner: string) => {
    const definitions = collectDefinitions({ spending, offer });
    const owned = { ...definitions, views: definitions.views.map((view) => ({ ...view, owner })) };
    const snapshot = await store.load();
    await store.apply(planChange(snapshot, owned, '2026-01-01T00:00:00.000Z').change, snapshot.revision);
  };
  await apply('a');
  await using watcher = await createRegistryWatcher({ store, onError: () => expect.unreachable() });
  const metrics = createMetrics();
  const stop = watchExpressions(metrics, watcher);
  const evaluate = () => {
    const { views, onDemandViews } = watcher.current().compiled;
    const where = views.get('spending')![0]!.accumulators[0]!.where!;
    expect(where.evaluate(['a', most])).toBeNull();
    expect(where.evaluate(['a', 51])).toBe(true);
    expect(onDemandViews.get('offer')!.features[0]!.expression.evaluate(['much'])).toBeNull();
  };
  const told = async () => {
    const { text } = await metrics.expose();
    return text.split('\n').filter((line) => line.startsWith('asof_expression_anomalies_total'));
  };
  expect(await told()).toEqual([]);
  evaluate();
  const series = (count: number) => [
    `asof_expression_anomalies_total{view="spending",version="1",feature="large_1h",role="where",reason="overflow"} ${count}`,
    `asof_expression_anomalies_total{view="offer",version="1",feature="price",role="value",reason="unreadable"} ${count}`,
  ];
  expect(await told()).toEqual(series(1));
  expect(await told()).toEqual(series(1));
  evaluate();
  // Nobody scraped in between.
  await apply('b');
  await watcher.refresh();
  expect(await told()).toEqual(series(2));
  evaluate();
  expect(await told()).toEqual(series(3));
  stop();
});

it('notes that the stream of live messages is away, until it is back', () => {
  const logger = createLogger({ name: 'test', level: 'silent' });
  const { events, notes } = watchLiveBus({ logger }, { nowMillis: () => Date.UTC(2026, 0, 1) });
  expect(notes()).toEqual([]);
  events.onContact!('writing', new Error('NOPERM xadd'));
  expect(notes()).toEqual([
    'writing the stream of live messages fails since 2026-01-01T00:00:00.000Z, subscribers hear later: NOPERM xadd',
  ]);
  events.onContact!('writing', null);
  expect(notes()).toEqual([]);
});
