import type { FieldNode, FragmentDefinitionNode, GraphQLResolveInfo, SelectionSetNode } from 'graphql';

/** The fields selected below a field, through fragments, by name. */
export type SelectedFields = ReadonlyMap<string, readonly FieldNode[]>;

type Fragments = Readonly<Record<string, FragmentDefinitionNode>>;

/** graphql-js hands the same array of nodes to every item of a list, so the walk is done once for each selection. */
const known = new WeakMap<readonly FieldNode[], SelectedFields>();

/**
 * What is selected below the field being resolved. `@skip` and `@include` are not looked at: what they leave out is
 * then asked for in vain, never the other way round.
 */
export function selectedFields(info: Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments'>): SelectedFields {
  const before = known.get(info.fieldNodes);
  if (before !== undefined) return before;
  const selected = fieldsBelow(info.fieldNodes, info.fragments);
  known.set(info.fieldNodes, selected);
  return selected;
}

/** The same for nodes found by `selectedFields`. */
export function fieldsBelow(nodes: readonly FieldNode[], fragments: Fragments): SelectedFields {
  const selected = new Map<string, FieldNode[]>();
  const collect = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      if (selection.kind === 'Field') {
        const same = selected.get(selection.name.value);
        if (same === undefined) selected.set(selection.name.value, [selection]);
        else same.push(selection);
      } else if (selection.kind === 'InlineFragment') {
        collect(selection.selectionSet);
      } else {
        const fragment = fragments[selection.name.value];
        if (fragment !== undefined) collect(fragment.selectionSet);
      }
    }
  };
  for (const { selectionSet } of nodes) if (selectionSet !== undefined) collect(selectionSet);
  return selected;
}

const counted = new WeakMap<readonly FieldNode[], number>();

/** How many fields are selected below the field being resolved, at any depth, fragments laid out. */
export function countFields({ fieldNodes, fragments }: Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments'>): number {
  const before = counted.get(fieldNodes);
  if (before !== undefined) return before;
  const ofFragment = new Map<string, number>();
  const countBelow = (set: SelectionSetNode | undefined): number => {
    let fields = 0;
    for (const selection of set?.selections ?? []) {
      if (selection.kind === 'Field') fields += 1 + countBelow(selection.selectionSet);
      else if (selection.kind === 'InlineFragment') fields += countBelow(selection.selectionSet);
      else {
        const { value } = selection.name;
        const count = ofFragment.get(value) ?? countBelow(fragments[value]?.selectionSet);
        ofFragment.set(value, count);
        fields += count;
      }
    }
    return fields;
  };
  const fields = fieldNodes.reduce((sum, { selectionSet }) => sum + countBelow(selectionSet), 0);
  counted.set(fieldNodes, fields);
  return fields;
}
