import { expect, it } from 'vitest';
import { createManualClock } from '../adapters/clock/manual-clock.ts';
import { createMetrics } from './metrics.ts';
import { createSummedMetrics } from './summed-metrics.ts';

function world() {
  const systemClock = createManualClock({ at: 0 });
  const own = createMetrics();
  const workers = [1, 2].map((number) => {
    const metrics = createMetrics();
    const process = { name: `worker ${number}`, counts: async () => structuredClone(await metrics.counts()) };
    return { metrics, process };
  });
  const others = workers.map(({ process }) => process);
  const summed = createSummedMetrics({ own, others: () => others, systemClock });
  const lines = async () => (await summed.expose()).text.split('\n');
  return { systemClock, own, workers, others, summed, lines };
}

it('adds up what is counted and what is open, and takes the worst of what is away or waits', async () => {
  const { own, workers, lines } = world();
  own.ingestBacklog.set({ view: 'v' }, 7);
  for (const [index, { metrics }] of workers.entries()) {
    metrics.operations.inc({ operation: 'query', transport: 'http', outcome: 'ok' }, index + 1);
    metrics.operationSeconds.of({ operation: 'query', transport: 'http' }).observe(0.002);
    metrics.socketsOpen.set(2);
    metrics.subgraphAway.set({ subgraph: 'offline' }, 1);
    metrics.registryAway.set(index);
  }
  expect(await lines()).toEqual(
    expect.arrayContaining([
      'asof_graphql_operations_total{operation="query",transport="http",outcome="ok"} 3',
      'asof_graphql_operation_duration_seconds_bucket{operation="query",transport="http",le="0.001"} 0',
      'asof_graphql_operation_duration_seconds_bucket{operation="query",transport="http",le="0.0025"} 2',
      'asof_graphql_operation_duration_seconds_count{operation="query",transport="http"} 2',
      'asof_graphql_operation_duration_seconds_sum{operation="query",transport="http"} 0.004',
      'asof_websockets_open 4',
      'asof_subgraph_away{subgraph="offline"} 1',
      'asof_registry_away 1',
      'asof_ingest_backlog_records{view="v"} 7',
    ]),
  );
});

it('does not lose what one had counted that has ended, but what was open there', async () => {
  const { workers, others, summed, lines } = world();
  for (const { metrics } of workers) {
    metrics.requestsRefused.inc(5);
    metrics.socketsOpen.set(2);
  }
  await lines();
  const [one] = others.splice(0, 1);
  summed.ended(one!);
  expect(await lines()).toEqual(expect.arrayContaining(['asof_requests_refused_total 10', 'asof_websockets_open 2']));
  const third = { ...one!, name: 'worker 3' };
  others.push(third);
  await lines();
  for (const more of others.splice(0, 2)) summed.ended(more);
  expect(await lines()).toEqual(expect.arrayContaining(['asof_requests_refused_total 15', 'asof_websockets_open 0']));
});

it('goes on without one that does not answer, and says so', async () => {
  const { systemClock, workers, others, lines } = world();
  for (const { metrics } of workers) metrics.requestsRefused.inc(5);
  await lines();
  others[0]!.counts = () => new Promise(() => {});
  for (const { metrics } of workers) metrics.requestsRefused.inc(1);
  const asked = lines();
  await expect.poll(() => systemClock.sleeping).toBeGreaterThan(0);
  await systemClock.advance(1_000);
  const text = await asked;
  expect(text[0]).toMatch(/^# worker 1 has not answered within 1000 ms/);
  expect(text).toContain('asof_requests_refused_total 11');
});
