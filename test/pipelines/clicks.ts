import type { Definitions, FeatureDefinition, FeatureViewDefinition } from '../../core/definitions/model.ts';
import type { CompiledRegistry } from '../../core/definitions/registry-view.ts';
import { compileRegistry } from '../../core/registry/compile.ts';
import { versionsOf } from '../../core/registry/register.ts';
import { formatInstant } from '../../core/values/json.ts';

/** 2001-06-01T00:00:00Z. */
export const start = Date.UTC(2001, 5, 1);

/** Clicks from a topic alone. */
export const clicksDefinitions: Definitions = {
  asof: 1,
  entities: [{ name: 'user', key: [{ name: 'user_id', type: { kind: 'string' } }] }],
  sources: [
    {
      kind: 'events',
      name: 'clicks',
      fields: [
        { name: 'userId', type: { kind: 'string' } },
        { name: 'amount', type: { kind: 'int64' } },
        { name: 'clickId', type: { kind: 'int64' } },
      ],
      eventTime: 'at',
      eventId: 'clickId',
      lateness: '1d',
      futureTolerance: '5m',
      stream: { kind: 'kafka', topic: 'clicks' },
    },
  ],
  views: [clicksView({})],
  onDemandViews: [],
  functions: [],
  services: [],
};

/** The same with history in files. */
export const clicksWithHistory: Definitions = {
  ...clicksDefinitions,
  sources: clicksDefinitions.sources.map((source) => ({
    ...source,
    batch: { kind: 'ndjson', path: 'history/*.ndjson' },
  })),
};

export function clicksView(changes: Partial<FeatureViewDefinition>): FeatureViewDefinition {
  const window = (name: string, feature: Omit<Extract<FeatureDefinition, { kind: 'aggregate' }>, 'name' | 'kind'>) =>
    ({ name, kind: 'aggregate', ...feature }) as const;
  return {
    name: 'user_clicks',
    entity: 'user',
    source: 'clicks',
    key: { user_id: 'userId' },
    features: [
      window('clicks_1h', { aggregate: { function: 'countRows' }, window: '1h' }),
      window('clicks_ever', { aggregate: { function: 'countRows' }, window: 'lifetime' }),
      window('amount_ever', {
        aggregate: { function: 'sum', input: { op: 'col', name: 'amount' } },
        window: 'lifetime',
      }),
    ],
    freshness: '5m',
    online: true,
    offline: true,
    ...changes,
  };
}

/** The registry after these definitions were applied one after the other, the versions counted by hand. */
export function registryOf(...revisions: readonly Definitions[]): CompiledRegistry {
  const newest = revisions.at(-1)!;
  const names = new Set(newest.views.map(({ name }) => name));
  const views = revisions.flatMap((definitions, index) =>
    versionsOf(definitions, formatInstant(start))
      .filter(({ kind }) => kind === 'view')
      .map((version) => ({ ...version, version: index + 1 })),
  );
  const others = versionsOf(newest, formatInstant(start)).filter(({ kind }) => kind !== 'view');
  const distinct = views.filter(
    (view, index) => !views.slice(0, index).some(({ name, hash }) => name === view.name && hash === view.hash),
  );
  return compileRegistry({
    revision: revisions.length,
    versions: [...others, ...distinct],
    retired: views.filter(({ name }) => !names.has(name)).map(({ kind, name }) => ({ kind, name })),
  });
}

/** An event as the topic has it. */
export function click(clickId: number, userId: string, at: number, amount = 1): object {
  return { clickId, userId, at: formatInstant(at), amount };
}
