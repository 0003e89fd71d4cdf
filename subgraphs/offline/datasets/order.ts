import { randomUUID } from 'node:crypto';
import { AsofError } from '../../../core/errors/asof-error.ts';
import { missingRequestInput } from '../../../core/on-demand/request-input.ts';
import type { JoinMode } from '../../../core/ports/offline-store.ts';
import type { BuildDeps } from './build.ts';
import type { ChosenFeatures, FeatureChoice } from './chosen-features.ts';
import type { StoredSpine, TimeRange, TrainingDataset } from './dataset.ts';

export interface DatasetOrder extends FeatureChoice {
  readonly name: string;
  readonly spine: {
    readonly sql?: string | null | undefined;
    readonly rows?: readonly unknown[] | null | undefined;
    readonly timeColumn: string;
    readonly knownAtColumn?: string | null | undefined;
  };
  readonly mode: JoinMode;
  readonly withStatus: boolean;
  readonly between?: { readonly start?: number | null; readonly end?: number | null } | null | undefined;
}

/** The dataset that is ordered, as it waits. */
export function newDataset(
  order: DatasetOrder,
  { service, members, names }: ChosenFeatures,
  times: Pick<TrainingDataset, 'createdAt' | 'knownUntil'>,
): TrainingDataset {
  return {
    ...times,
    id: randomUUID(),
    name: order.name,
    state: 'QUEUED',
    service: service?.name ?? null,
    serviceVersion: service?.version ?? null,
    requested: service === null ? (order.features ?? null) : null,
    features: names,
    members: members.map(({ alias, view, features }) => ({
      alias,
      view: view.name,
      version: view.version,
      hash: view.hash,
      features: features.map((index) => view.features[index]!.name),
    })),
    spine: storedSpine(order.spine),
    mode: order.mode,
    withStatus: order.withStatus,
    between: order.between ? rangeOf(order.between) : null,
    positions: null,
    rowsDone: 0,
    rowsTotal: null,
    rows: null,
    files: [],
    startedAt: null,
    finishedAt: null,
    error: null,
  };
}

function storedSpine({ sql, rows, timeColumn, knownAtColumn }: DatasetOrder['spine']): StoredSpine {
  if (typeof sql === 'string' && !rows) {
    if (knownAtColumn == null) return { kind: 'sql', sql, timeColumn };
    throw new AsofError('BAD_INPUT', 'a SQL spine has no knownAt column', {
      path: 'spine.knownAtColumn',
      remedy: 'Give the rows inline, or leave it out: the row’s time is taken.',
    });
  }
  if (rows && typeof sql !== 'string') {
    return { kind: 'rows', count: rows.length, timeColumn, knownAtColumn: knownAtColumn ?? null };
  }
  throw new AsofError('BAD_INPUT', 'the spine is not clear', {
    path: 'spine',
    expected: 'exactly one of sql and rows',
    got: rows ? 'both' : 'neither',
  });
}

function rangeOf({ start = null, end = null }: { start?: number | null; end?: number | null }): TimeRange {
  if (start === null || end === null || start < end) return { start, end };
  throw new AsofError('BAD_INPUT', 'the time range is empty', { path: 'between', expected: 'start before end' });
}

/** The spine's query must have the join keys, the inputs and the time. */
export async function checkSpine(
  { offline, registry }: Pick<BuildDeps, 'offline' | 'registry'>,
  spine: { readonly kind: 'sql'; readonly query: string; readonly timeColumn: string },
  { joinColumns, requestInputs }: ChosenFeatures,
): Promise<void> {
  const columns = (await offline.describeSpine(spine, [...registry().sources.values()])).map(({ name }) => name);
  for (const name of [spine.timeColumn, ...joinColumns.map((field) => field.name)]) {
    if (columns.includes(name)) continue;
    throw new AsofError('BAD_INPUT', `the spine has no column "${name}"`, {
      path: 'spine.sql',
      expected: `the column "${name}"`,
      got: columns.join(', '),
    });
  }
  for (const input of requestInputs) {
    if (!columns.includes(input.name))
      throw missingRequestInput(input, 'spine.sql', `a query of ${columns.join(', ')}`);
  }
}
