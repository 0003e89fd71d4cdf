import { getNamedType, isObjectType } from 'graphql';
import type { Value } from '../../../core/values/types.ts';
import type { FieldPlan, ObjectPlan } from '../../../runtime/execution/plan.ts';
import type { FixedPlan } from '../../../runtime/execution/planned-execution.ts';
import { countFields, type SelectedFields, selectedFields } from '../selection.ts';
import type { ViewPlan } from '../view-plan.ts';
import { argumentReaderOf, type ReadArguments } from './arguments.ts';
import { type Described, type TypedField, typedFieldOf } from './typed-fields.ts';
import { type ValueText, valueTextOf } from './value-text.ts';

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

/** null = something else is selected, too. */
export function compileReads({ plan }: FixedPlan): DirectPlan | null {
  const below = ({ field, nodes }: FieldPlan): ObjectPlan | null => {
    const type = getNamedType(field!.type);
    return isObjectType(type) ? plan.objectPlan(type, nodes) : null;
  };

  function rootField(field: FieldPlan): RootField | FixedText | null {
    if (field.field === null) return typename(field);
    const typed = typedFieldOf(field.field.resolve);
    const readArguments = argumentReaderOf(field);
    const entity = below(field)?.fields.map(entityField) ?? [null];
    if (typed?.kind !== 'entity' || readArguments === null || !areAll(entity)) return null;
    const selected = countFields({ fieldNodes: field.nodes, fragments: plan.fragments });
    return { ...typed, key: field.key, name: named(field), readArguments, selected, entity };
  }

  function entityField(field: FieldPlan): RootField['entity'][number] | null {
    if (field.field === null) return typename(field);
    const name = named(field);
    const typed = typedFieldOf(field.field.resolve);
    if (typed?.kind === 'key') return { kind: 'key', name, index: typed.index, text: valueTextOf(typed.type) };
    const readArguments = argumentReaderOf(field);
    if (typed?.kind !== 'view' || readArguments === null) return null;
    const leaves = below(field)?.fields.map(leaf) ?? [null];
    if (!areAll(leaves)) return null;
    const selected = selectedFields({ fieldNodes: field.nodes, fragments: plan.fragments });
    return { kind: 'view', name, field, plan: typed.plan, readArguments, selected, leaves };
  }

  function leaf(field: FieldPlan): ViewField['leaves'][number] | null {
    if (field.field === null) return typename(field);
    const name = named(field);
    const typed = typedFieldOf(field.field.resolve);
    if (typed?.kind === 'feature') return { kind: 'feature', name, place: typed.place, text: valueTextOf(typed.type) };
    const leaves = typed?.kind === 'meta' ? (below(field)?.fields.map(described) ?? [null]) : [null];
    return areAll(leaves) ? { kind: 'meta', name, leaves } : null;
  }

  const fields = plan.root.fields.map(rootField);
  return areAll(fields) ? { fields } : null;
}

function described(field: FieldPlan): DescribedLeaf | FixedText | null {
  if (field.field === null) return typename(field);
  const typed = typedFieldOf(field.field.resolve);
  if (typed?.kind !== 'described') return null;
  return { kind: 'described', name: named(field), read: typed.read, text: valueTextOf(typed.type) };
}

function typename(field: FieldPlan): FixedText {
  return { kind: 'text', text: `${named(field)}${JSON.stringify(field.parentType.name)}` };
}

function named({ key }: FieldPlan): string {
  return `${JSON.stringify(key)}:`;
}

function areAll<T>(found: readonly (T | null)[]): found is readonly T[] {
  return !found.includes(null);
}
