import { collectDefinitions } from '../core/definitions/collect.ts';
import type { CompiledView } from '../core/definitions/compiled.ts';
import { avg, col, countRows, entity, eventSource, featureView, kafka, max, rowSource, sum, t } from '../core/index.ts';
import { compileDefinitions } from '../core/registry/compile.ts';

/** What the benchmarks of streams ingest: the same messages as rows and as events, each in a topic of its name. */
const customer = entity('customer', { key: { customer: t.string } });

const fields = { id: t.int64, customer: t.string, amount: t.int64, sent: t.int64 };

const profiles = rowSource('profiles', { fields, eventTime: 'at', stream: kafka('profiles') });

const profile = featureView('profile', {
  entity: customer,
  source: profiles,
  key: { customer: 'customer' },
  features: { amount: col('amount'), sent: col('sent') },
});

const payments = eventSource('payments', {
  fields,
  eventTime: 'at',
  eventId: 'id',
  lateness: '1d',
  stream: kafka('payments'),
});

const windows = ['1h', '24h', '7d'] as const;

/** Four aggregates over three windows. */
const spending = featureView('spending', {
  entity: customer,
  source: payments,
  key: { customer: 'customer' },
  features: Object.fromEntries(
    windows.flatMap((window) => [
      [`payments_${window}`, countRows().over(window)],
      [`spent_${window}`, sum('amount').over(window)],
      [`mean_${window}`, avg('amount').over(window)],
      [`largest_${window}`, max('amount').over(window)],
    ]),
  ),
});

export type StreamTopic = 'profiles' | 'payments';

export function streamRegistryOf(topic: StreamTopic) {
  return compileDefinitions(collectDefinitions(topic === 'profiles' ? { profile } : { spending }));
}

/** The only view of the topic. */
export function streamViewOf(topic: StreamTopic): CompiledView {
  return streamRegistryOf(topic).views.get(topic === 'profiles' ? 'profile' : 'spending')![0]!;
}
