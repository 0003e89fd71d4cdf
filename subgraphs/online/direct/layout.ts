import type { EntitiesLayout, Leaf, RootField, Step, ViewField } from './direct-plan.ts';

export function layOut({ name, isList, entity }: Omit<RootField, 'layout'>): EntitiesLayout {
  const steps: Step[] = [];
  let pending = '{';
  entity.forEach((field, index) => {
    if (index > 0) pending += ',';
    if (field.kind === 'text') {
      pending += field.text;
      return;
    }
    const before = pending + field.name;
    if (field.kind === 'key') {
      steps.push({ kind: 'key', before, index: field.index, text: field.text });
      pending = '';
    } else {
      const { leaves, end } = layOutView(field);
      const opening = leaves.length > 0 ? before + leaves[0]!.before : before;
      steps.push({ kind: 'view', view: field, before, opening, leaves, rest: end.length });
      pending = end;
    }
  });
  if (steps.length === 0) {
    steps.push({ kind: 'text', before: pending });
    pending = '';
  }
  const end = `${pending}}`;
  return {
    first: behind(`${name}${isList ? '[' : ''}`, steps),
    next: behind(`${end},`, steps),
    end: `${end}${isList ? ']' : ''}`,
    none: `${name}[]`,
  };
}

function layOutView({ leaves: fields }: ViewField): { readonly leaves: readonly Leaf[]; readonly end: string } {
  const leaves: Leaf[] = [];
  let pending = '{';
  const add = (leaf: Leaf): void => {
    leaves.push({ ...leaf, before: pending + leaf.before });
    pending = '';
  };
  fields.forEach((field, index) => {
    if (index > 0) pending += ',';
    if (field.kind === 'text') pending += field.text;
    else if (field.kind === 'feature') add({ ...field, before: field.name });
    else {
      pending += `${field.name}{`;
      field.leaves.forEach((leaf, i) => {
        if (i > 0) pending += ',';
        if (leaf.kind === 'text') pending += leaf.text;
        else add({ ...leaf, before: leaf.name });
      });
      pending += '}';
    }
  });
  return { leaves, end: `${pending}}` };
}

function behind(text: string, [first, ...others]: readonly Step[]): readonly Step[] {
  const before = text + first!.before;
  return [
    first!.kind === 'view' ? { ...first!, before, opening: text + first!.opening } : { ...first!, before },
    ...others,
  ];
}
