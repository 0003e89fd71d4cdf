import { getNamedType, isObjectType } from 'graphql';
import type { FieldPlan, ObjectPlan } from '../../../runtime/execution/plan.ts';
import type { FixedPlan } from '../../../runtime/execution/planned-execution.ts';
import { countFields, selectedFields } from '../selection.ts';
import { argumentReaderOf } from './arguments.ts';
import type { DescribedLeaf, DirectPlan, FixedText, RootField, ViewField } from './direct-plan.ts';
import { layOut } from './layout.ts';
import { typedFieldOf } from './typed-fields.ts';
import { valueTextOf } from './value-text.ts';

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
    if (typed?.kind !== 'entity' || !areAll(entity)) return null;
    const selected = countFields({ fieldNodes: field.nodes, fragments: plan.fragments });
    const root = { ...typed, key: field.key, name: named(field), readArguments, selected, entity };
    return { ...root, layout: layOut(root) };
  }

  function entityField(field: FieldPlan): RootField['entity'][number] | null {
    if (field.field === null) return typename(field);
    const name = named(field);
    const typed = typedFieldOf(field.field.resolve);
    if (typed?.kind === 'key') return { kind: 'key', name, index: typed.index, text: valueTextOf(typed.type) };
    const readArguments = argumentReaderOf(field);
    if (typed?.kind !== 'view') return null;
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
