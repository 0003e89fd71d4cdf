import type { Value } from '../../../core/values/types.ts';
import type { FieldPlan } from '../../../runtime/execution/plan.ts';
import type { SelectedFields } from '../selection.ts';
import type { ViewPlan } from '../view-plan.ts';
import type { ReadArguments } from './arguments.ts';
import type { Described, TypedField } from './typed-fields.ts';
import type { ValueText } from './value-text.ts';

/** A query of nothing but typed reads: what to read, and the text of the answer around what was read. */
export interface DirectPlan {
  readonly fields: readonly (RootField | FixedText)[];
}

/** `"key":"text"`, whatever is read. */
export interface FixedText {
  readonly kind: 'text';
  readonly text: string;
}

export interface RootField extends Extract<TypedField, { readonly kind: 'entity' }> {
  /** In paths. */
  readonly key: string;
  /** `"key":` */
  readonly name: string;
  readonly readArguments: ReadArguments;
  /** Fields selected below each entity, at any depth. */
  readonly selected: number;
  readonly entity: readonly (KeyField | ViewField | FixedText)[];
  readonly layout: EntitiesLayout;
}

export interface KeyField {
  readonly kind: 'key';
  readonly name: string;
  readonly index: number;
  readonly text: ValueText;
}

export interface ViewField {
  readonly kind: 'view';
  readonly name: string;
  readonly field: FieldPlan;
  readonly plan: ViewPlan;
  readonly readArguments: ReadArguments;
  readonly selected: SelectedFields;
  readonly leaves: readonly (FeatureLeaf | MetaLeaf | FixedText)[];
}

export interface FeatureLeaf {
  readonly kind: 'feature';
  readonly name: string;
  /** Among the features of the view's current version. */
  readonly place: number;
  readonly text: ValueText;
}

export interface MetaLeaf {
  readonly kind: 'meta';
  readonly name: string;
  readonly leaves: readonly (DescribedLeaf | FixedText)[];
}

export interface DescribedLeaf {
  readonly kind: 'described';
  readonly name: string;
  readonly read: (of: Described) => Value;
  readonly text: ValueText;
}

/**
 * The text of a field's entities, cut where values stand: whatever is fixed between two values is one text, because an
 * answer costs what it has pieces.
 */
export interface EntitiesLayout {
  /** Of the first entity, from the field's name on. */
  readonly first: readonly Step[];
  /** Of each further one, from the end of the one before on. */
  readonly next: readonly Step[];
  readonly end: string;
  /** Where there is no entity. */
  readonly none: string;
}

export type Step =
  | { readonly kind: 'text'; readonly before: string }
  | { readonly kind: 'key'; readonly before: string; readonly index: number; readonly text: ValueText }
  | ViewStep;

export interface ViewStep {
  readonly kind: 'view';
  readonly view: ViewField;
  /** Up to the view's object. */
  readonly before: string;
  /** Up to the first value in it: `before` and what the object begins with. */
  readonly opening: string;
  readonly leaves: readonly Leaf[];
  /** So much of the text that follows is still the object's: it is left out where there is none. */
  readonly rest: number;
}

export type Leaf =
  | { readonly kind: 'feature'; readonly before: string; readonly place: number; readonly text: ValueText }
  | {
      readonly kind: 'described';
      readonly before: string;
      readonly read: (of: Described) => Value;
      readonly text: ValueText;
    };
