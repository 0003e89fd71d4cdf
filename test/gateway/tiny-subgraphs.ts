import { buildSubgraphSchema } from '@apollo/subgraph';
import { type GraphQLSchema, parse } from 'graphql';
import type { CompiledRegistry } from '../../core/definitions/registry-view.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import { loaderKey, type RequestContext } from '../../runtime/context.ts';
import { scalarResolvers, scalarTypeDefs } from '../../runtime/scalars.ts';
import { createPushStream } from '../../runtime/streams.ts';

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])`;
const counter = loaderKey<{ reads: number }>('reads');

/** What the tests see of, and do to, the subgraphs. */
export interface TinyWorld {
  readonly subgraphs: readonly {
    readonly name: string;
    schemaFor(registry: CompiledRegistry): { typeDefs: string; schema: GraphQLSchema };
  }[];
  delayOf: Map<string, number>;
  /** Tells every subscriber. */
  publish(iata: string): void;
  listening(): number;
  readonly signals: AbortSignal[];
  /** Call one to answer the first, second, … query of `slow`. */
  readonly slowAnswers: ((answer: number) => void)[];
}

/** A registry that the tiny subgraphs read nothing of but its revision; revision 2 and up has one more field. */
export function registryAt(revision: number): CompiledRegistry {
  return {
    revision,
    entities: new Map(),
    sources: new Map(),
    views: new Map(),
    retiredViews: new Map(),
    onDemandViews: new Map(),
    services: new Map(),
  };
}

export function createTinyWorld(): TinyWorld {
  const delayOf = new Map([
    ['ATL', 7],
    ['ORD', 12],
  ]);
  const listeners = new Set<(iata: string) => void>();
  const signals: AbortSignal[] = [];
  const slowAnswers: ((answer: number) => void)[] = [];

  const views = `${link} ${scalarTypeDefs}
    type Query { featureView(name: String!): FeatureView }
    type FeatureView @key(fields: "name") { name: String! owner: String! }
    type Mutation { fail(kind: String!): Int  add(by: Int64!): Int64! }`;
  const viewResolvers = {
    ...scalarResolvers,
    Query: { featureView: (_: unknown, { name }: { name: string }) => ({ name, owner: 'ops' }) },
    FeatureView: {
      __resolveReference: ({ name }: { name: string }) => (name === 'gone' ? null : { name, owner: 'ops' }),
    },
    Mutation: {
      add: (_: unknown, { by }: { by: number | bigint }) => BigInt(by) + 1n,
      fail(_: unknown, { kind }: { kind: string }) {
        if (kind === 'expected') {
          throw new AsofError('UNKNOWN_NAME', 'unknown view', { path: 'views.x', got: 'x', remedy: 'Use another.' });
        }
        throw new Error('secret: postgres://user:hunter2@db/asof');
      },
    },
  };

  const airports = (revision: number) => `${link} ${scalarTypeDefs}
    type Query {
      airport(iata: String!): Airport
      airports(iata: [String!]!): [Airport]!
      slow: Int
      reads: Int!
    }
    type Airport @key(fields: "iata") {
      iata: String!
      delay: Int
      revision: Int!
      view: FeatureView
      missing: FeatureView
      promised: Promised
      ${revision > 1 ? 'added: String' : ''}
    }
    type Promised { view: FeatureView! }
    type FeatureView @key(fields: "name", resolvable: false) { name: String! }
    type Subscription { airportChanged(iata: [String!]!): Airport }`;
  const airportResolvers = (revision: number) => ({
    ...scalarResolvers,
    Query: {
      airport: (_: unknown, { iata }: { iata: string }) => (delayOf.has(iata) ? { iata } : null),
      airports: (_: unknown, { iata }: { iata: string[] }) =>
        iata.map((code) => (delayOf.has(code) ? { iata: code } : null)),
      slow: (_: unknown, __: unknown, { signal }: RequestContext) => {
        signals.push(signal);
        return new Promise((resolve) => slowAnswers.push(resolve));
      },
      reads: (_: unknown, __: unknown, { loaders }: RequestContext) =>
        ++loaders.of(counter, () => ({ reads: 0 })).reads,
    },
    Airport: {
      __resolveReference: ({ iata }: { iata: string }) => ({ iata }),
      delay: ({ iata }: { iata: string }, _: unknown, { loaders }: RequestContext) => {
        // A cache that outlived the event would give the first value for ever.
        const cache = loaders.of(loaderDelays, () => new Map<string, number | undefined>());
        if (!cache.has(iata)) cache.set(iata, delayOf.get(iata));
        const delay = cache.get(iata);
        if (delay === -1) throw new AsofError('UNAVAILABLE', 'no delay now');
        return delay;
      },
      revision: () => revision,
      added: () => 'new',
      view: () => ({ __typename: 'FeatureView', name: 'origin_delays' }),
      missing: () => ({ __typename: 'FeatureView', name: 'gone' }),
      promised: ({ iata }: { iata: string }) => ({ view: { name: iata === 'ORD' ? 'gone' : 'origin_delays' } }),
    },
    Subscription: {
      airportChanged: {
        subscribe(_: unknown, { iata }: { iata: string[] }) {
          const stream = createPushStream<{ airportChanged: { iata: string } }>({
            enqueue: (queue, value) => queue.push(value),
            onEnd: () => listeners.delete(listener),
          });
          const listener = (code: string) => {
            if (iata.includes(code)) stream.push({ airportChanged: { iata: code } });
          };
          listeners.add(listener);
          return stream.values;
        },
      },
    },
  });

  const past = `${link} ${scalarTypeDefs}
    type Query { pastReady: Boolean! }
    type Airport @key(fields: "iata") { iata: String! asOf(time: DateTime!): AirportAsOf }
    type AirportAsOf { time: DateTime! delay: Int }
    type FeatureView @key(fields: "name") { name: String! rows: Int64 }`;
  const pastResolvers = {
    ...scalarResolvers,
    Query: { pastReady: () => true },
    Airport: { asOf: ({ iata }: { iata: string }, { time }: { time: number }) => ({ time, delay: delayOf.get(iata) }) },
    FeatureView: { rows: () => 9_007_199_254_740_993n },
  };

  const subgraph = (name: string, sdlOf: (revision: number) => string, resolversOf: (revision: number) => object) => ({
    name,
    schemaFor({ revision }: CompiledRegistry) {
      const typeDefs = sdlOf(revision);
      const resolvers = resolversOf(revision) as Record<string, never>;
      return { typeDefs, schema: buildSubgraphSchema([{ typeDefs: parse(typeDefs), resolvers }]) };
    },
  });
  return {
    subgraphs: [
      subgraph(
        'registry',
        () => views,
        () => viewResolvers,
      ),
      subgraph('online', airports, airportResolvers),
      subgraph(
        'offline',
        () => past,
        () => pastResolvers,
      ),
    ],
    delayOf,
    publish: (iata) => {
      for (const listener of [...listeners]) listener(iata);
    },
    listening: () => listeners.size,
    signals,
    slowAnswers,
  };
}

const loaderDelays = loaderKey<Map<string, number | undefined>>('delays');
