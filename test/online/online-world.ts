import { type DocumentNode, type ExecutionResult, parse, validate } from 'graphql';
import { createManualClock, type ManualClock } from '../../adapters/clock/manual-clock.ts';
import { createMemoryLiveBus } from '../../adapters/memory/live-bus.ts';
import { createMemoryOnlineStore } from '../../adapters/memory/online-store.ts';
import { collectDefinitions } from '../../core/definitions/collect.ts';
import type { SourceRecord } from '../../core/definitions/compiled.ts';
import type { CompiledRegistry } from '../../core/definitions/registry-view.ts';
import { groupByKey } from '../../core/online/group-by-key.ts';
import { createOnlineReader, type OnlineReader } from '../../core/online/reader.ts';
import { markReady } from '../../core/online/ready.ts';
import { createOnlineWriter } from '../../core/online/writer.ts';
import type { DeadLetter } from '../../core/ports/dead-letters.ts';
import type { LogEntry } from '../../core/ports/event-log.ts';
import type { FreshnessIncident, FreshnessReport } from '../../core/ports/freshness.ts';
import type { LiveBus, LiveListener } from '../../core/ports/live-bus.ts';
import type { OnlineStore } from '../../core/ports/online-store.ts';
import { normalizeRecord } from '../../core/records/normalize.ts';
import { topicOf } from '../../core/records/topic.ts';
import { compileDefinitions } from '../../core/registry/compile.ts';
import { toJson } from '../../core/values/json.ts';
import { localPrincipal } from '../../runtime/access/principal.ts';
import { type Graph, isStream } from '../../runtime/graph.ts';
import { createSchemaGraph } from '../../runtime/schema-graph.ts';
import type { OnlineLimits } from '../../subgraphs/online/deps.ts';
import { createOnlineSubgraph, type OnlineSubgraph } from '../../subgraphs/online/subgraph.ts';
import * as definitions from './online-definitions.ts';

type Row = Readonly<Record<string, unknown>>;
export type Data = Record<string, never>;

/** The online subgraph over stores in memory, or one given, and a clock moved by hand. */
export interface OnlineWorld {
  readonly registry: CompiledRegistry;
  readonly subgraph: OnlineSubgraph;
  readonly graph: Graph;
  readonly clock: ManualClock;
  readonly reader: OnlineReader;
  readonly bus: LiveBus;
  /** One element per round trip to the store: how many keys it asked for. */
  readonly reads: number[];
  readonly appended: { readonly topic: string; readonly entries: readonly LogEntry[] }[];
  /** Topics and how many events of a push to them were refused. */
  readonly refused: readonly [string, number][];
  readonly letters: DeadLetter[];
  readonly reports: Map<string, FreshnessReport>;
  readonly incidents: Map<string, FreshnessIncident>;
  /** How many listeners the bus has. */
  listening(): number;
  /** Applies rows of a source to every view that reads it, and says so on the bus. They arrive now. */
  apply(source: string, rows: readonly Row[]): Promise<void>;
  /** Until it ends, what is said on the bus is lost; then the bus tells of a gap. */
  losingMessages(work: () => Promise<void>): Promise<void>;
  /** Runs one operation; throws on errors unless `expectErrors`. */
  query(text: string, variables?: Row): Promise<ExecutionResult<Data>>;
  data(text: string, variables?: Row): Promise<Data>;
  subscribe(text: string, variables?: Row): Promise<Subscriber>;
}

export interface Subscriber {
  /** Results that came so far. */
  readonly received: ExecutionResult<Data>[];
  /** The same as they came, not as a client reads them. */
  readonly results: readonly object[];
  leave(): Promise<void>;
}

export const noon = Date.parse('2001-06-01T12:00:00Z');

export interface OnlineWorldOptions {
  readonly limits?: Partial<OnlineLimits>;
  /** A module's exports; default: online-definitions.ts. */
  readonly definitions?: Record<string, unknown>;
  /** Default: one in memory. */
  readonly store?: OnlineStore;
  /** By how much the machine's clock has been set back. */
  readonly setBackMillis?: () => number;
}

export async function createOnlineWorld(options: OnlineWorldOptions = {}): Promise<OnlineWorld> {
  const registry = compileDefinitions(collectDefinitions(options.definitions ?? definitions));
  const clock = createManualClock({ at: noon });
  const memory = options.store ?? createMemoryOnlineStore();
  const reads: number[] = [];
  const store: OnlineStore = {
    ...memory,
    getMany: (keys: readonly string[]) => {
      reads.push(keys.length);
      return memory.getMany(keys);
    },
  };
  const memoryBus = createMemoryLiveBus();
  const listeners = new Set<LiveListener>();
  let isLosing = false;
  const bus: LiveBus = {
    ...memoryBus,
    publish: async (message) => {
      if (!isLosing) await memoryBus.publish(message);
    },
    async subscribe(kinds, listener, after) {
      const subscription = await memoryBus.subscribe(kinds, listener, after);
      listeners.add(listener);
      return {
        close() {
          listeners.delete(listener);
          subscription.close();
        },
      };
    },
  };
  const writer = createOnlineWriter({ store: memory, clock });
  for (const version of [...registry.views.values()].flat()) await markReady(memory, version);
  const appended: { topic: string; entries: readonly LogEntry[] }[] = [];
  const letters: DeadLetter[] = [];
  const refused: [string, number][] = [];
  const reports = new Map<string, FreshnessReport>();
  const incidents = new Map<string, FreshnessIncident>();
  const reader = createOnlineReader({ store, clock });
  const subgraph = createOnlineSubgraph({
    reader,
    clock,
    systemClock: { sleep: clock.sleep, nowMillis: () => clock.nowMillis() - (options.setBackMillis?.() ?? 0) },
    bus,
    log: {
      append: async (topic, entries) => {
        appended.push({ topic, entries });
        return entries.map((_, offset) => ({ partition: 0, offset, arrival: clock.stampArrival() }));
      },
    },
    freshness: { report: (view) => reports.get(view) ?? null },
    deadLetters: {
      put: async (more) => void letters.push(...more),
      list: async (source, limit) =>
        letters
          .filter((letter) => letter.source === source)
          .slice(-limit)
          .reverse(),
      counts: async () => {
        const counts = new Map<string, number>();
        for (const { source } of letters) counts.set(source, (counts.get(source) ?? 0) + 1);
        return counts;
      },
    },
    onRefused: (topic, events) => refused.push([topic, events]),
    incident: async (id) => incidents.get(id) ?? null,
    onBackgroundError: (error) => {
      throw error;
    },
    ...(options.limits && { limits: options.limits }),
  });
  const graph = createSchemaGraph(subgraph.schemaFor(registry));
  const { schema } = graph;
  const offsets = new Map<string, number>();

  /** The same object for the same text, as doors keep it. */
  const documents = new Map<string, DocumentNode>();

  const request = (text: string, variables: Row) => {
    const document = documents.get(text) ?? parse(text);
    documents.set(text, document);
    const problems = validate(schema, document);
    if (problems.length > 0) throw problems[0]!;
    const signal = new AbortController().signal;
    return graph.execute({
      document,
      operationName: null,
      variables,
      requestId: 'test',
      principal: localPrincipal,
      signal,
    });
  };

  const world: OnlineWorld = {
    registry,
    subgraph,
    graph,
    clock,
    reader,
    bus,
    reads,
    appended,
    letters,
    refused,
    reports,
    incidents,
    listening: () => listeners.size,
    async losingMessages(work) {
      isLosing = true;
      await work();
      isLosing = false;
      for (const listener of listeners) listener.onGap();
    },
    async apply(name, rows) {
      const source = registry.sources.get(name)!;
      const origin = topicOf(source) ?? name;
      const records = rows.map((row): SourceRecord => {
        const offset = offsets.get(origin) ?? 0;
        offsets.set(origin, offset + 1);
        const normalized = normalizeRecord(source, row, { origin, partition: 0, offset }, clock.stampArrival());
        if ('rejected' in normalized) throw new Error(normalized.rejected.reason);
        return normalized.record;
      });
      for (const view of [...registry.views.values()].flat().filter((one) => one.source.name === name)) {
        const groups = groupByKey(view, records);
        await writer.apply(view, groups);
        await bus.publish({
          kind: 'featureUpdate',
          view: view.name,
          version: view.version,
          keys: groups.map(({ key }) => key.map((part, index) => toJson(view.key[index]!.type, part))),
          eventTime: Math.max(...records.map(({ eventTime }) => eventTime)),
          arrival: Math.max(...records.map(({ knownTime }) => knownTime)),
        });
      }
    },
    async query(text, variables = {}) {
      const result = await request(text, variables);
      if (isStream(result)) throw new Error('a query gave a stream');
      return JSON.parse(JSON.stringify(result)) as ExecutionResult<Data>;
    },
    async data(text, variables) {
      const { data, errors } = await world.query(text, variables);
      if (errors !== undefined || !data) throw new Error(errors?.map(({ message }) => message).join('; '));
      return data;
    },
    async subscribe(text, variables = {}) {
      const stream = await request(text, variables);
      if (!isStream(stream)) throw stream.errors?.[0] ?? new Error('a subscription gave no stream');
      const received: ExecutionResult<Data>[] = [];
      const results: object[] = [];
      const listen = async (): Promise<void> => {
        for await (const result of stream) {
          results.push(result);
          received.push(JSON.parse(JSON.stringify(result)));
        }
      };
      const ended = listen();
      return {
        received,
        results,
        async leave() {
          await stream.return();
          await ended;
        },
      };
    },
  };
  return world;
}
