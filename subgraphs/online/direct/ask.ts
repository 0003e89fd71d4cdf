import { AsofError } from '../../../core/errors/asof-error.ts';
import type { OnlineReadRequest } from '../../../core/online/reader.ts';
import type { Value } from '../../../core/values/types.ts';
import type { OnlineLimits } from '../deps.ts';
import { askedFeatures } from '../view-plan.ts';
import { type Arguments, tightenedMaxAge } from '../view-values.ts';
import type { DirectPlan, FixedText, RootField, ViewField } from './direct-plan.ts';

/** What one request asks for. */
export interface AskedReads {
  /** Field by field, key by key, view by view. */
  readonly requests: readonly OnlineReadRequest[];
  readonly fields: readonly (AskedEntities | FixedText)[];
}

export interface AskedEntities {
  readonly kind: 'entity';
  readonly root: RootField;
  readonly keys: readonly (readonly Value[])[];
  /** In the order of the selection. */
  readonly views: readonly AskedView[];
}

export interface AskedView {
  /** Everything of a read but its key. */
  readonly read: Omit<OnlineReadRequest, 'key'>;
  /** Of each typed field in a reading; none of those selected is −1. */
  readonly positions: readonly number[];
}

/** null = it is refused, and the executor says why. */
export function askFor(
  { fields }: DirectPlan,
  variables: Arguments,
  limits: Pick<OnlineLimits, 'listedKeys' | 'listedValues'>,
): AskedReads | null {
  try {
    let [keys, values] = [0, 0];
    const requests: OnlineReadRequest[] = [];
    const asked: (AskedEntities | FixedText)[] = [];
    for (const field of fields) {
      const one = field.kind === 'text' ? field : askEntities(field, variables);
      if (one === null) return null;
      asked.push(one);
      if (one.kind === 'text') continue;
      if (one.root.isList) {
        keys += one.keys.length;
        values += one.keys.length * one.root.selected;
      }
      if (keys > limits.listedKeys || values > limits.listedValues) return null;
      addRequests(one, requests);
    }
    return { requests, fields: asked };
  } catch (error) {
    if (error instanceof AsofError) return null;
    throw error;
  }
}

function askEntities(root: RootField, variables: Arguments): AskedEntities | null {
  const args = root.readArguments(variables);
  if (args === null) return null;
  const views: AskedView[] = [];
  for (const field of root.entity) {
    if (field.kind !== 'view') continue;
    const asked = askView(field, variables);
    if (asked === null) return null;
    views.push(asked);
  }
  return { kind: 'entity', root, keys: root.keysOf(args), views };
}

function askView(view: ViewField, variables: Arguments): AskedView | null {
  const args = view.readArguments(variables);
  if (args === null) return null;
  const version = view.plan.version(args.version as number | null | undefined);
  const { features, positions } = askedFeatures(view.plan, version, view.selected);
  if (view.leaves.some((leaf) => leaf.kind === 'feature' && positions[leaf.place]! < 0)) return null;
  const maxAgeMillis = tightenedMaxAge(version.view, args.maxAge as number | null | undefined);
  return { read: { view: version.view, maxAgeMillis, ...(features && { features }) }, positions };
}

function addRequests({ keys, views }: AskedEntities, requests: OnlineReadRequest[]): void {
  for (const key of keys) {
    // One shape for all: the reader meets each of its fields at the same place.
    for (const { read } of views) {
      const { view, maxAgeMillis = null, features } = read;
      requests.push(features === undefined ? { view, key, maxAgeMillis } : { view, key, maxAgeMillis, features });
    }
  }
}
