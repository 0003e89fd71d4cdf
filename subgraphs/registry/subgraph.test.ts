import { beforeEach, describe, expect, it } from 'vitest';
import { composeSupergraph } from '../../codegen/supergraph.ts';
import { createRegistryWorld, type RegistryWorld } from '../../test/registry/registry-world.ts';

let world: RegistryWorld;
beforeEach(async () => {
  world = await createRegistryWorld();
});

function query(text: string, variables: Record<string, unknown> = {}) {
  return world.query(text, variables);
}

function data(text: string, variables: Record<string, unknown> = {}) {
  return world.data(text, variables);
}

describe('registry subgraph', () => {
  it('composes by itself', () => {
    const { supergraphSdl } = composeSupergraph([{ name: 'registry', typeDefs: world.typeDefs }]);
    expect(supergraphSdl).toContain('type FeatureView');
  });

  it('shows every declared fact of a view', async () => {
    const { featureView } = await data(`{
      featureView(name: "origin_delays") {
        name description owner tags kind version retired online offline pii retention freshnessSla maxAge
        batchQuery streamTopic createdAt updatedAt
        entity { name key { name type } featureViews { name } }
        source { name kind lateness eventTime fields { name type } }
        key { name type column }
        features { name type transformation window default }
        versions { version hash }
        services { name version features joinColumns { name type } requestInputs { name type } }
      }
    }`);
    expect(featureView).toMatchObject({
      name: 'origin_delays',
      description: 'How late an airport runs now',
      owner: 'ops',
      tags: ['delay'],
      kind: 'AGGREGATE',
      version: 1,
      retired: false,
      online: true,
      retention: '30d',
      freshnessSla: '5m',
      maxAge: null,
      batchQuery: 'landings/*.parquet',
      streamTopic: 'landings',
      createdAt: '2026-01-01T00:00:00.000Z',
      entity: { name: 'airport', key: [{ name: 'iata', type: 'string' }] },
      source: { name: 'landings', kind: 'EVENTS', lateness: '1d', eventTime: 'landedAt' },
      key: [{ name: 'iata', type: 'string', column: 'origin' }],
      versions: [{ version: 1, hash: expect.stringMatching(/^[0-9a-f]{64}$/) }],
      services: [
        {
          name: 'delay_model',
          version: 1,
          joinColumns: expect.arrayContaining([{ name: 'origin', type: 'string' }]),
          requestInputs: [{ name: 'distanceMiles', type: 'int64' }],
        },
      ],
    });
    const features = (featureView as { features: { name: string }[] }).features;
    expect(features.find(({ name }) => name === 'late_share_24h')).toEqual({
      name: 'late_share_24h',
      type: 'float64',
      transformation: '(countRows() where delayMinutes > 15) / countRows()',
      window: '1d',
      default: null,
    });
  });

  it('answers null for unknown names, and resolves a view by its key for other subgraphs', async () => {
    expect(await data('{ featureView(name: "nope") { name } featureService(name: "nope") { name } }')).toEqual({
      featureView: null,
      featureService: null,
    });
    const text = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on FeatureView { name owner } } }`;
    const of = ['haul_of_old', 'airport_facts'].map((name) => ({ __typename: 'FeatureView', name }));
    expect(await data(text, { of })).toEqual({ _entities: [null, { name: 'airport_facts', owner: 'ops' }] });
  });

  it('lists by tag, owner, entity and text, page by page', async () => {
    const names = async (filter: string) => {
      const { featureViews } = await data(`{ featureViews(${filter}) { nodes { name } } }`);
      return (featureViews as { nodes: { name: string }[] }).nodes.map(({ name }) => name);
    };
    expect(await names('first: 100')).toEqual(['airport_facts', 'origin_delays', 'route_delays']);
    expect(await names('tag: "delay"')).toEqual(['origin_delays', 'route_delays']);
    expect(await names('owner: "nobody"')).toEqual([]);
    expect(await names('entity: "airport", tag: "delay"')).toEqual(['origin_delays']);
    expect(await names('text: "LATE route"')).toEqual(['route_delays']);
    expect(await names('text: "longitude"')).toEqual(['airport_facts']);

    const page = `query ($after: String) {
      featureViews(first: 2, after: $after) { totalCount edges { cursor node { name } } pageInfo { hasNextPage hasPreviousPage endCursor } }
    }`;
    const first = await data(page);
    expect(first.featureViews).toMatchObject({
      totalCount: 3,
      edges: [{ node: { name: 'airport_facts' } }, { node: { name: 'origin_delays' } }],
      pageInfo: { hasNextPage: true, hasPreviousPage: false },
    });
    const { endCursor } = (first.featureViews as { pageInfo: { endCursor: string } }).pageInfo;
    expect((await data(page, { after: endCursor })).featureViews).toMatchObject({
      edges: [{ node: { name: 'route_delays' } }],
      pageInfo: { hasNextPage: false, hasPreviousPage: true },
    });
    expect((await query(page, { after: 'x' })).errors?.[0]?.message).toMatch(/after: not a cursor/);
    expect((await query('{ featureViews(first: 101) { totalCount } }')).errors?.[0]?.message).toMatch(/0 to 100/);
    expect((await query('{ featureViews(first: -1) { totalCount } }')).errors?.[0]?.message).toMatch(/0 to 100/);
  });

  it('searches everything, names first', async () => {
    const { search } = await data('{ search(text: "airport") { nodes { kind name featureView { version } } } }');
    const nodes = (search as { nodes: { kind: string; name: string }[] }).nodes;
    expect(nodes.slice(0, 3)).toEqual([
      { kind: 'ENTITY', name: 'airport', featureView: null },
      { kind: 'FEATURE_VIEW', name: 'airport_facts', featureView: { version: 1 } },
      { kind: 'SOURCE', name: 'airports', featureView: null },
    ]);
    expect(nodes.map(({ name }) => name)).toContain('origin_delays');
  });

  it('lists entities, sources, on-demand views and services', async () => {
    const lists = await data(`{
      entities { nodes { name } } sources { nodes { name batchQuery featureViews { name } } }
      onDemandViews { nodes { name request { name type } features { name type transformation } } }
      featureServices { nodes { name versions features } }
    }`);
    expect(lists).toMatchObject({
      entities: { nodes: [{ name: 'airport' }, { name: 'route' }] },
      sources: {
        nodes: [
          { name: 'airports', batchQuery: 'airports.csv', featureViews: [{ name: 'airport_facts' }] },
          { name: 'landings', featureViews: [{ name: 'origin_delays' }, { name: 'route_delays' }] },
        ],
      },
      onDemandViews: {
        nodes: [
          {
            name: 'haul',
            request: [{ name: 'distanceMiles', type: 'int64' }],
            features: [
              { name: 'is_long', type: 'bool', transformation: 'request.distanceMiles > 1000' },
              { name: 'long_and_late', type: 'bool' },
            ],
          },
        ],
      },
      featureServices: { nodes: [{ name: 'delay_model', versions: [1] }] },
    });
    expect(JSON.stringify(lists.featureServices)).toContain('haul:is_long');
  });

  it('walks lineage up and down from a source, a view, a feature and a service', async () => {
    const names = async (args: string) => {
      const { lineage } = await data(`{ lineage(${args}) { nodes { id name } edges { from to } } }`);
      return lineage as { nodes: { id: string; name: string }[]; edges: { from: string; to: string }[] };
    };
    const up = await names('name: "delay_model", direction: UPSTREAM');
    const ids = up.nodes.map(({ id }) => id);
    expect(ids).toEqual(
      expect.arrayContaining([
        'SOURCE:landings',
        'SOURCE:airports',
        'FEATURE_VIEW:route_delays',
        'FEATURE:haul:is_long',
      ]),
    );
    expect(up.edges.every(({ from, to }) => ids.includes(from) && ids.includes(to))).toBe(true);
    const feature = await names('name: "origin_delays:mean_delay_1h"');
    expect(feature.nodes.map(({ id }) => id)).toEqual(
      expect.arrayContaining([
        'SOURCE:landings',
        'FEATURE_VIEW:origin_delays',
        'ON_DEMAND_VIEW:haul',
        'FEATURE_SERVICE:delay_model',
      ]),
    );
    const column = await data(`{
      lineage(name: "landings:delayMinutes", direction: DOWNSTREAM, depth: 1) { nodes { kind version } edges { to role } }
    }`);
    expect(column.lineage).toMatchObject({
      nodes: expect.arrayContaining([
        { kind: 'COLUMN', version: null },
        { kind: 'FEATURE', version: null },
      ]),
      edges: expect.arrayContaining([
        { to: 'FEATURE:origin_delays:mean_delay_1h', role: 'INPUT' },
        { to: 'FEATURE:origin_delays:late_share_1h', role: 'WHERE' },
      ]),
    });
    const near = await names('name: "landings", direction: DOWNSTREAM, depth: 1');
    const views = near.nodes.filter(({ id }) => id.startsWith('FEATURE_VIEW'));
    expect(views.map(({ name }) => name)).toEqual(['origin_delays', 'route_delays']);
    expect((await query('{ lineage(name: "orign_delays") { edges { from } } }')).errors?.[0]?.message).toMatch(
      /Did you mean 'origin_delays'/,
    );
  });
});
