import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CompiledView } from '../../core/definitions/compiled.ts';
import { clicksRegistry, type OfflineGraph, openOfflineGraph } from '../../test/pipelines/offline-graph.ts';
import { recentSpine } from './statistics.ts';

let graph: OfflineGraph;

beforeEach(async () => {
  graph = await openOfflineGraph();
});
afterEach(() => graph.close());

const statistics = `query ($of: [_Any!]!, $features: [String!]) {
  _entities(representations: $of) {
    ... on FeatureView { statistics(features: $features) { feature rows nulls min max mean } }
  }
}`;
const of = [{ __typename: 'FeatureView', name: 'user_clicks' }];

test('summarize the values at the newest events', async () => {
  const { data, errors } = await graph.run(statistics, { of });
  expect(errors).toBeUndefined();
  // Read at 0 s for a and b, where nothing came before, and at 60 s for a, where click 1 had come before.
  expect(data._entities[0].statistics).toEqual([
    { feature: 'clicks_1h', rows: 3, nulls: 0, min: 0, max: 1, mean: 1 / 3 },
    { feature: 'clicks_ever', rows: 3, nulls: 0, min: 0, max: 1, mean: 1 / 3 },
    { feature: 'amount_ever', rows: 3, nulls: 2, min: 5, max: 5, mean: 5 },
  ]);
});

test('of chosen features, by name', async () => {
  const { data } = await graph.run(statistics, { of, features: ['amount_ever'] });
  expect(data._entities[0].statistics.map(({ feature }: { feature: string }) => feature)).toEqual(['amount_ever']);
  const { errors } = await graph.run(statistics, { of, features: ['amount_evr'] });
  expect(errors[0].message).toContain('Did you mean "amount_ever"?');
});

test('names in the spine are quoted', () => {
  const view = clicksRegistry.views.get('user_clicks')![0]!;
  const fields = view.source.fields.map((field) => (field.name === 'userId' ? { ...field, name: 'a"b; --' } : field));
  const named: CompiledView = { ...view, source: { ...view.source, name: 'x"y', fields } };
  expect(recentSpine(named, 0)).toBe(
    'SELECT "a""b; --" AS k0, "at" AS t FROM "x""y" WHERE "a""b; --" IS NOT NULL ORDER BY "at" DESC LIMIT 1000',
  );
});
