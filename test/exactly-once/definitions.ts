import type { Definitions, FeatureDefinition, FeatureViewDefinition } from '../../core/definitions/model.ts';
import { registryOf } from '../pipelines/clicks.ts';

const string = { kind: 'string' } as const;
const amount = { kind: 'decimal', precision: 12, scale: 2 } as const;

function aggregate(
  name: string,
  window: string,
  definition: Extract<FeatureDefinition, { kind: 'aggregate' }>['aggregate'],
): FeatureDefinition {
  return { name, kind: 'aggregate', window, aggregate: definition };
}

const column = (name: string) => ({ op: 'col', name }) as const;

function view(
  definition: Pick<FeatureViewDefinition, 'name' | 'entity' | 'source' | 'key' | 'features'>,
): FeatureViewDefinition {
  return { ...definition, freshness: '5m', online: true, offline: true };
}

/** Two topics of events and one of rows, each partitioned by another column; views are keyed by that column, or otherwise. */
export const shopDefinitions: Definitions = {
  asof: 1,
  entities: [
    { name: 'user', key: [{ name: 'user_id', type: string }] },
    { name: 'product', key: [{ name: 'product_id', type: string }] },
  ],
  sources: [
    {
      kind: 'events',
      name: 'orders',
      fields: [
        { name: 'orderId', type: { kind: 'int64' } },
        { name: 'userId', type: string },
        { name: 'product', type: string },
        { name: 'amount', type: amount },
      ],
      eventTime: 'at',
      eventId: 'orderId',
      lateness: '1d',
      futureTolerance: '5m',
      stream: { kind: 'kafka', topic: 'orders' },
    },
    {
      kind: 'events',
      name: 'visits',
      fields: [
        { name: 'visitId', type: string },
        { name: 'userId', type: string },
        { name: 'page', type: string },
      ],
      eventTime: 'at',
      eventId: 'visitId',
      lateness: '1d',
      futureTolerance: '5m',
      stream: { kind: 'kafka', topic: 'visits' },
    },
    {
      kind: 'rows',
      name: 'profiles',
      fields: [
        { name: 'userId', type: string },
        { name: 'region', type: string },
        { name: 'points', type: { kind: 'int64' } },
      ],
      eventTime: 'at',
      stream: { kind: 'kafka', topic: 'profiles' },
    },
  ],
  views: [
    view({
      name: 'user_orders',
      entity: 'user',
      source: 'orders',
      key: { user_id: 'userId' },
      features: [
        aggregate('orders_ever', 'lifetime', { function: 'countRows' }),
        aggregate('orders_1h', '1h', { function: 'countRows' }),
        aggregate('spent_ever', 'lifetime', { function: 'sum', input: column('amount') }),
        aggregate('largest_24h', '24h', { function: 'max', input: column('amount') }),
        aggregate('last_3', '24h', { function: 'lastN', k: 3, input: column('product') }),
      ],
    }),
    view({
      name: 'product_orders',
      entity: 'product',
      source: 'orders',
      key: { product_id: 'product' },
      features: [
        aggregate('sold_ever', 'lifetime', { function: 'countRows' }),
        aggregate('mean_1h', '1h', { function: 'avg', input: column('amount') }),
        aggregate('buyers_24h', '24h', { function: 'countDistinct', input: column('userId'), cap: 1_000 }),
      ],
    }),
    view({
      name: 'user_visits',
      entity: 'user',
      source: 'visits',
      key: { user_id: 'userId' },
      features: [
        aggregate('visits_ever', 'lifetime', { function: 'countRows' }),
        aggregate('visits_1h', '1h', { function: 'countRows' }),
      ],
    }),
    view({
      name: 'user_profile',
      entity: 'user',
      source: 'profiles',
      key: { user_id: 'userId' },
      features: [
        { name: 'region', kind: 'column', column: 'region' },
        { name: 'points', kind: 'column', column: 'points' },
      ],
    }),
  ],
  onDemandViews: [],
  functions: [],
  services: [],
};

export const shopRegistry = registryOf(shopDefinitions);

export const shopTopics = ['orders', 'visits', 'profiles'] as const;
export type ShopTopic = (typeof shopTopics)[number];

/** Of all topics together. */
export const shopPartitions = 9;

export const consumerGroup = 'shop';
