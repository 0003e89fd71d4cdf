import type { CellStatus } from '../../../core/definitions/compiled.ts';
import type { Instant, Value, ValueType } from '../../../core/values/types.ts';
import type { FeatureVectors } from '../feature-vectors.ts';
import type { RequestBudget } from '../request-budget.ts';
import type { ViewPlan } from '../view-plan.ts';

/** What a field of the typed API is, for those who answer it without calling its resolver. */
export type TypedField =
  /** One entity by its key, or a list of them by theirs; `keysOf` throws BAD_INPUT for arguments that name none. */
  | {
      readonly kind: 'entity';
      readonly isList: boolean;
      readonly keysOf: (args: Readonly<Record<string, unknown>>) => readonly (readonly Value[])[];
    }
  /** A part of an entity's key. */
  | { readonly kind: 'key'; readonly index: number; readonly type: ValueType }
  | { readonly kind: 'view'; readonly plan: ViewPlan }
  /** A feature of a view's current version, by its place among them. */
  | { readonly kind: 'feature'; readonly place: number; readonly type: ValueType }
  /** What is known of a reading beside its values. */
  | { readonly kind: 'meta' }
  /** Feature vectors. */
  | { readonly kind: 'vectors'; readonly read: ReadVectors }
  | { readonly kind: 'described'; readonly type: ValueType; readonly read: (of: Described) => Value };

/** @param selected fields below it; rejects where the executor would have an error */
export type ReadVectors = (
  args: Readonly<Record<string, unknown>>,
  selected: { has(field: string): boolean },
  budget: RequestBudget,
) => Promise<FeatureVectors>;

/** A reading without its values. */
export interface Described {
  readonly status: CellStatus;
  readonly eventTime: Instant | null;
  readonly readAt: Instant;
  readonly version: number;
  /** The view whose SLA counts; null where there is none. */
  readonly view: string | null;
}

const typed = new WeakMap<object, TypedField>();

/** Says of a resolver which field it resolves; it has to resolve it as that kind of field is answered directly. */
export function typedResolver<R extends object>(field: TypedField, resolve: R): R {
  typed.set(resolve, field);
  return resolve;
}

/** null = only its resolver knows. */
export function typedFieldOf(resolve: object | undefined): TypedField | null {
  return resolve === undefined ? null : (typed.get(resolve) ?? null);
}
