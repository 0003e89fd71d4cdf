import type {
  CompiledOnDemandFeature,
  CompiledOnDemandView,
  CompiledService,
  CompiledView,
  OnDemandInput,
  ServiceMember,
} from '../definitions/compiled.ts';
import type { FeatureServiceDefinition, OnDemandViewDefinition, ViewReference } from '../definitions/model.ts';
import { aliasOf } from '../definitions/validate-references.ts';
import { compileInScope } from '../expressions/compile.ts';
import { leavesOf } from '../expressions/leaves.ts';
import { onDemandScope } from '../expressions/scope.ts';
import type { UserFunctionScope } from '../expressions/user-functions.ts';
import { parseDuration } from '../time/duration.ts';
import type { Field } from '../values/types.ts';
import { defaultOf } from './compile-view.ts';
import { inputsUsed } from './inputs-used.ts';

/** Finds what references name, in the version they ask for. */
export interface References {
  /** UNKNOWN_NAME when no registered version has the view, the version or the features. */
  view(reference: ViewReference, path: string): CompiledView;
  /** null = no on-demand view has this name. */
  onDemandView(reference: ViewReference, path: string): CompiledOnDemandView | null;
  readonly functions: UserFunctionScope;
}

export interface OnDemandParts {
  readonly definition: OnDemandViewDefinition;
  readonly version: number;
  readonly hash: string;
}

export function compileOnDemandView(
  { definition, version, hash }: OnDemandParts,
  references: References,
): CompiledOnDemandView {
  const path = `onDemandViews.${definition.name}`;
  const inputs = onDemandInputs(definition, references, path);
  const scope = onDemandScope(inputs, references.functions);
  const features = definition.features.map((feature): CompiledOnDemandFeature => {
    const featurePath = `${path}.features.${feature.name}`;
    const expression = compileInScope(feature.expression, scope, `${featurePath}.expression`);
    return {
      name: feature.name,
      type: expression.type,
      defaultValue: defaultOf(feature, expression.type, featurePath),
      expression,
      uses: inputsUsed(feature.expression, inputs),
    };
  });
  return { name: definition.name, version, hash, request: definition.request, inputs, features, from: definition.from };
}

/** The request inputs as declared, then each feature that some expression reads. */
function onDemandInputs(
  definition: OnDemandViewDefinition,
  references: References,
  path: string,
): readonly OnDemandInput[] {
  const inputs = new Map<string, OnDemandInput>();
  for (const { name, type } of definition.request) inputs.set(`request ${name}`, { kind: 'request', name, type });
  for (const leaf of definition.features.flatMap(({ expression }) => leavesOf(expression))) {
    if (leaf.op !== 'feature' || leaf.view === undefined) continue;
    const { view, feature } = leaf;
    const reference = definition.from.find((candidate) => aliasOf(candidate) === view);
    // An alias that `from` lacks stays out of the inputs, so that compiling the expression reports its path.
    if (reference === undefined) continue;
    const found = references
      .view({ ...reference, features: [...(reference.features ?? []), feature] }, `${path}.from`)
      .features.find(({ name }) => name === feature);
    if (found !== undefined)
      inputs.set(`feature ${view}.${feature}`, { kind: 'feature', view, feature, type: found.type });
  }
  return [...inputs.values()];
}

export function compileService(
  definition: FeatureServiceDefinition,
  references: Pick<References, 'view' | 'onDemandView'>,
): CompiledService {
  const path = `services.${definition.name}`;
  const members: ServiceMember[] = [];
  const chosen: { readonly view: CompiledOnDemandView; readonly reference: ViewReference }[] = [];
  definition.features.forEach((reference, index) => {
    const place = `${path}.features[${index}]`;
    const view = references.onDemandView(reference, place);
    if (view === null) members.push(compileMember(reference, references.view(reference, place)));
    else chosen.push({ view, reference });
  });
  const onDemand = chosen.map(({ view, reference }) => ({
    view,
    features: featureIndexes(view, reference.features),
    reads: compileReads(view, members, { references, path }),
  }));
  const hidden = onDemand.flatMap(({ reads }) => reads.flatMap((read) => (read === null ? [] : [read.member])));
  return {
    name: definition.name,
    version: definition.version,
    definition,
    members,
    onDemand,
    joinColumns: joinColumns([...members, ...hidden]),
    requestInputs: unique(onDemand.flatMap(({ view }) => view.request)),
  };
}

function compileMember(reference: ViewReference, view: CompiledView): ServiceMember {
  const tightened = reference.maxAge === undefined ? null : parseDuration(reference.maxAge);
  const own = view.maxAgeMillis;
  return {
    alias: aliasOf(reference),
    view,
    joinColumns: view.key.map(({ name }) => reference.joinOn?.[name] ?? name),
    features: featureIndexes(view, reference.features),
    maxAgeMillis: tightened === null || own === null ? (tightened ?? own) : Math.min(tightened, own),
  };
}

function featureIndexes(
  view: { readonly features: readonly { readonly name: string }[] },
  chosen: readonly string[] | undefined,
): readonly number[] {
  const indexes = view.features.map((_, index) => index);
  return chosen === undefined ? indexes : indexes.filter((index) => chosen.includes(view.features[index]!.name));
}

interface ReadPlace {
  readonly references: Pick<References, 'view'>;
  readonly path: string;
}

/** From a member that the service has anyway where possible, else from one added for these inputs alone. */
function compileReads(
  view: CompiledOnDemandView,
  members: readonly ServiceMember[],
  { references, path }: ReadPlace,
): CompiledService['onDemand'][number]['reads'] {
  const sources = new Map(
    view.from.map((reference) => [
      aliasOf(reference),
      joinedAsIn(members, reference, references.view(reference, path)),
    ]),
  );
  const wanted = view.inputs.map((input) => {
    const reference = input.kind === 'request' ? undefined : sources.get(input.view);
    if (input.kind === 'request' || reference === undefined) return null;
    const member = compileMember(
      { ...reference, features: [input.feature] },
      references.view({ ...reference, features: [input.feature] }, path),
    );
    return { member, feature: member.features[0]! };
  });
  const shared = wanted.map((read) => read && (members.find((member) => canRead(member, read)) ?? null));
  const added = addedMembers(
    wanted.filter((read, index) => read !== null && shared[index] === null).filter((read) => read !== null),
    view.name,
  );
  return wanted.map((read, index) => {
    if (read === null) return null;
    const member = shared[index] ?? added.find((candidate) => canRead(candidate, read))!;
    return { member, feature: member.features.indexOf(read.feature) };
  });
}

/**
 * An on-demand view that does not say on which columns it joins a view joins it as the service does: as the member of
 * its name, or as the only member of that view.
 */
function joinedAsIn(members: readonly ServiceMember[], reference: ViewReference, view: CompiledView): ViewReference {
  if (reference.joinOn !== undefined) return reference;
  const ofView = members.filter((member) => member.view === view);
  const member =
    ofView.find(({ alias }) => alias === aliasOf(reference)) ?? (ofView.length === 1 ? ofView[0] : undefined);
  if (member === undefined) return reference;
  return {
    ...reference,
    joinOn: Object.fromEntries(view.key.map(({ name }, part) => [name, member.joinColumns[part]!])),
  };
}

interface WantedRead {
  readonly member: ServiceMember;
  /** Index into the view's features. */
  readonly feature: number;
}

function canRead(member: ServiceMember, { member: wanted, feature }: WantedRead): boolean {
  return isSameRead(member, wanted) && member.features.includes(feature);
}

function isSameRead(a: ServiceMember, b: ServiceMember): boolean {
  return a.view === b.view && a.maxAgeMillis === b.maxAgeMillis && a.joinColumns.join() === b.joinColumns.join();
}

/** One member per view and join, with all the features wanted; the "." in its alias keeps it apart from declared ones. */
function addedMembers(wanted: readonly WantedRead[], onDemandView: string): readonly ServiceMember[] {
  const groups: WantedRead[][] = [];
  for (const read of wanted) {
    const group = groups.find(([first]) => isSameRead(first!.member, read.member));
    if (group === undefined) groups.push([read]);
    else group.push(read);
  }
  return groups.map((group) => ({
    ...group[0]!.member,
    alias: `${onDemandView}.${group[0]!.member.alias}`,
    features: [...new Set(group.map(({ feature }) => feature))].sort((a, b) => a - b),
  }));
}

function joinColumns(members: readonly ServiceMember[]): readonly Field[] {
  return unique(
    members.flatMap(({ view, joinColumns: columns }) =>
      columns.map((name, index) => ({ name, type: view.key[index]!.type })),
    ),
  );
}

function unique(fields: readonly Field[]): readonly Field[] {
  const byName = new Map<string, Field>();
  for (const field of fields) if (!byName.has(field.name)) byName.set(field.name, field);
  return [...byName.values()];
}
