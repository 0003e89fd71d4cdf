import {
  Counter,
  collectDefaultMetrics,
  Gauge,
  Histogram,
  type MetricObjectWithValues,
  type MetricValue,
  Registry,
} from 'prom-client';
import { DurationHistogram } from './duration-histogram.ts';

/** How an operation of GraphQL came. */
export type Transport = 'http' | 'ws';

export interface OperationLabels {
  readonly operation: string;
  readonly transport: Transport;
}

/** What a process has counted, as plain data that other processes can sum up. */
export type Counts = readonly MetricObjectWithValues<MetricValue<string>>[];

/** What one process counts. Names follow Prometheus: units at the end, `_total` for counters. */
export interface Metrics {
  /** Labels: operation (query, mutation, subscription), transport (http, ws), outcome (ok, error). */
  readonly operations: Counter<'operation' | 'transport' | 'outcome'>;
  /** Seconds of queries and mutations; for subscriptions, of each event. */
  readonly operationSeconds: DurationHistogram<'operation' | 'transport'>;
  /** Of gRPC, as its other servers name them; each message of a stream is counted. `grpc_code`: OK or another status. */
  readonly grpcHandled: Counter<'grpc_service' | 'grpc_method' | 'grpc_code'>;
  readonly grpcSeconds: DurationHistogram<'grpc_service' | 'grpc_method'>;
  readonly requestsRefused: Counter;
  readonly subscriptionsOpen: Gauge;
  readonly socketsOpen: Gauge;
  /** Seconds of one fetch of the gateway from a subgraph. */
  readonly subgraphSeconds: DurationHistogram<'subgraph'>;
  /** Supergraph swaps; outcome: swapped, unchanged, refused. */
  readonly supergraphUpdates: Counter<'outcome'>;
  /** 1 while a subgraph at a URL does not answer the gateway, else 0. */
  readonly subgraphAway: Gauge<'subgraph'>;
  /** 1 while the registry's store does not answer, and what was read of it last is served; else 0. */
  readonly registryAway: Gauge;
  /** Records by what became of them: applied, duplicate, late, rejected. */
  readonly ingestRecords: Counter<'source' | 'outcome'>;
  readonly ingestBatchSeconds: Histogram<'source'>;
  /** Calls of users' functions that gave NULL; reason: thrown, type, steps, time, memory. */
  readonly functionFailures: Counter<'function' | 'version' | 'reason'>;
  /** Results of expressions that became NULL though their arguments had values; reason: overflow, notFinite, unreadable. */
  readonly expressionAnomalies: Counter<'view' | 'version' | 'feature' | 'role' | 'reason'>;
  /** Commands without a reply; reason: deadline, connection, open (not sent, see the breaker). */
  readonly onlineUnanswered: Counter<'server' | 'reason'>;
  /** Above 0 while a server of the online store is left alone because it failed: for reads, writes, or both. */
  readonly onlineBreakerOpen: Gauge<'server'>;
  /** Keys that readers asked for where states are kept in memory; outcome: hit, miss. */
  readonly onlineCacheKeys: Counter<'outcome'>;
  /** Of the partitions that are this process's to apply, the next offset. */
  readonly ingestNextOffset: Gauge<'topic' | 'partition'>;
  /** Unapplied records per view. */
  readonly ingestBacklog: Gauge<'view'>;
  /** Age of a view's oldest unapplied record. */
  readonly freshnessAgeSeconds: Gauge<'view'>;
  /** Workers of this process that were started again because they had ended. */
  readonly workerRestarts: Counter;
  /** Runs before each scrape, for gauges that are read rather than counted. */
  onExpose(update: () => void): void;
  /** The text that Prometheus scrapes, with its content type. */
  expose(): Promise<Exposed>;
  /** The same as plain data. */
  counts(): Promise<Counts>;
}

/** What Prometheus reads. */
export interface Exposed {
  readonly contentType: string;
  readonly text: string;
}

const fastBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** One registry per call, so that two in one process never collide. */
export function createMetrics(options: { defaultMetrics?: boolean } = {}): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const updates: (() => void)[] = [];
  const update = (): void => {
    for (const one of updates) one();
  };
  if (options.defaultMetrics === true) collectDefaultMetrics({ register: registry, prefix: 'asof_' });
  return {
    operations: new Counter({
      name: 'asof_graphql_operations_total',
      help: 'GraphQL operations by kind, transport and outcome.',
      labelNames: ['operation', 'transport', 'outcome'],
      registers,
    }),
    operationSeconds: new DurationHistogram({
      name: 'asof_graphql_operation_duration_seconds',
      help: 'Time to answer a query or mutation.',
      bounds: fastBuckets,
      register: registry,
    }),
    grpcHandled: new Counter({
      name: 'grpc_server_handled_total',
      help: 'gRPC messages answered, by status.',
      labelNames: ['grpc_service', 'grpc_method', 'grpc_code'],
      registers,
    }),
    grpcSeconds: new DurationHistogram({
      name: 'grpc_server_handling_seconds',
      help: 'Time to answer a gRPC message.',
      bounds: fastBuckets,
      register: registry,
    }),
    requestsRefused: new Counter({
      name: 'asof_requests_refused_total',
      help: 'Requests that were refused because too many were under way.',
      registers,
    }),
    subscriptionsOpen: new Gauge({
      name: 'asof_graphql_subscriptions_open',
      help: 'Live subscriptions.',
      registers,
    }),
    socketsOpen: new Gauge({ name: 'asof_websockets_open', help: 'Open WebSockets.', registers }),
    subgraphSeconds: new DurationHistogram({
      name: 'asof_subgraph_fetch_duration_seconds',
      help: 'Time of one fetch of the gateway from a subgraph.',
      bounds: fastBuckets,
      register: registry,
    }),
    supergraphUpdates: new Counter({
      name: 'asof_supergraph_updates_total',
      help: 'Changes of the supergraph by outcome.',
      labelNames: ['outcome'],
      registers,
    }),
    subgraphAway: new Gauge({
      name: 'asof_subgraph_away',
      help: '1 while a subgraph does not answer the gateway.',
      labelNames: ['subgraph'],
      aggregator: 'max',
      registers,
    }),
    registryAway: new Gauge({
      name: 'asof_registry_away',
      help: '1 while the store of the registry does not answer.',
      aggregator: 'max',
      registers,
    }),
    ingestRecords: new Counter({
      name: 'asof_ingest_records_total',
      help: 'Records read from event logs by what became of them.',
      labelNames: ['source', 'outcome'],
      registers,
    }),
    ingestBatchSeconds: new Histogram({
      name: 'asof_ingest_batch_duration_seconds',
      help: 'Time to apply one batch.',
      labelNames: ['source'],
      buckets: fastBuckets,
      registers,
    }),
    functionFailures: new Counter({
      name: 'asof_function_failures_total',
      help: 'Calls of user functions that gave NULL, by reason.',
      labelNames: ['function', 'version', 'reason'],
      registers,
    }),
    expressionAnomalies: new Counter({
      name: 'asof_expression_anomalies_total',
      help: 'Results of expressions that became NULL though their arguments had values, by reason.',
      labelNames: ['view', 'version', 'feature', 'role', 'reason'],
      registers,
    }),
    onlineUnanswered: new Counter({
      name: 'asof_online_store_unanswered_total',
      help: 'Commands to servers of the online store that had no reply, by reason.',
      labelNames: ['server', 'reason'],
      registers,
    }),
    onlineBreakerOpen: new Gauge({
      name: 'asof_online_store_breaker_open',
      help: 'Above 0 while a server of the online store is not asked because it failed.',
      labelNames: ['server'],
      aggregator: 'max',
      registers,
    }),
    onlineCacheKeys: new Counter({
      name: 'asof_online_cache_keys_total',
      help: 'Keys asked for of the online store where states are kept in memory, by outcome.',
      labelNames: ['outcome'],
      registers,
    }),
    ingestNextOffset: new Gauge({
      name: 'asof_ingest_next_offset',
      help: 'The next offset to apply, of the partitions that are this process’s.',
      labelNames: ['topic', 'partition'],
      aggregator: 'max',
      registers,
    }),
    ingestBacklog: new Gauge({
      name: 'asof_ingest_backlog_records',
      help: 'Records that wait to be applied to a view.',
      labelNames: ['view'],
      aggregator: 'max',
      registers,
    }),
    freshnessAgeSeconds: new Gauge({
      name: 'asof_freshness_age_seconds',
      help: 'Age by arrival of the oldest record not yet applied to a view.',
      labelNames: ['view'],
      aggregator: 'max',
      registers,
    }),
    workerRestarts: new Counter({
      name: 'asof_worker_restarts_total',
      help: 'Workers that were started again because they had ended.',
      registers,
    }),
    onExpose: (one) => void updates.push(one),
    async expose() {
      update();
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
    async counts() {
      update();
      return registry.getMetricsAsJSON();
    },
  };
}
