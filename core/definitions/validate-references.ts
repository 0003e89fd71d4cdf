import { inferTypes } from '../expressions/infer.ts';
import { onDemandScope } from '../expressions/scope.ts';
import { tryParseDuration } from '../time/duration.ts';
import type { Field } from '../values/types.ts';
import { type Catalog, checkFields, checkIdentifier, checkName, checkUnique } from './catalog.ts';
import type { OnDemandInput } from './compiled.ts';
import { featureTypes } from './feature-types.ts';
import type { FeatureServiceDefinition, OnDemandViewDefinition, ViewReference } from './model.ts';
import { createProblems, type Problems } from './problems.ts';
import { checkDefault } from './validate-view.ts';
import { sameType, typeText } from './value-types.ts';

export function validateOnDemandView(view: OnDemandViewDefinition, catalog: Catalog, problems: Problems): void {
  const path = `onDemandViews.${view.name}`;
  checkFields(view.request, `${path}.request`, problems);
  for (const { name } of view.features) checkName(name, `${path}.features.${name}`, problems);
  checkUnique(
    view.features.map(({ name }) => name),
    `${path}.features`,
    problems,
  );
  checkUnique(view.from.map(aliasOf), `${path}.from`, problems);
  view.from.forEach((reference, index) => {
    validateViewReference(reference, { path: `${path}.from[${index}]`, catalog, problems });
  });
  const inputs = availableInputs(view, catalog);
  // A pinned version's features are known to the registry alone, and those of a broken view to nobody.
  if (inputs === null) return;
  for (const feature of view.features) {
    const place = { path: `${path}.features.${feature.name}`, problems };
    const typed = inferTypes(feature.expression, onDemandScope(inputs, catalog.functions), {
      path: `${place.path}.expression`,
      problems,
    });
    if (typed !== null) checkDefault(feature.default, typed.type, place);
  }
}

export function aliasOf(reference: ViewReference): string {
  return reference.alias ?? reference.view;
}

function availableInputs(view: OnDemandViewDefinition, catalog: Catalog): readonly OnDemandInput[] | null {
  const inputs: OnDemandInput[] = view.request.map(({ name, type }) => ({ kind: 'request', name, type }));
  for (const reference of view.from) {
    const ignored = { path: '', problems: createProblems() };
    const read = catalog.find('views', reference.view, ignored);
    const source = read === null ? null : catalog.find('sources', read.source, ignored);
    const isBroken = catalog.isBroken('views', reference.view) || (read && catalog.isBroken('sources', read.source));
    if (read === null || source === null || isBroken || reference.version !== undefined) return null;
    const types = featureTypes(read, source, { ...ignored, functions: catalog.functions });
    for (const { name } of read.features) {
      const type = types.get(name);
      if (type === undefined) return null;
      if (reference.features !== undefined && !reference.features.includes(name)) continue;
      inputs.push({ kind: 'feature', view: aliasOf(reference), feature: name, type });
    }
  }
  return inputs;
}

interface ReferencePlace {
  readonly path: string;
  readonly catalog: Catalog;
  readonly problems: Problems;
}

function validateViewReference(reference: ViewReference, place: ReferencePlace): void {
  const { path, catalog, problems } = place;
  const view = catalog.find('views', reference.view, { path: `${path}.view`, problems });
  if (reference.alias !== undefined) checkName(reference.alias, `${path}.alias`, problems);
  for (const column of Object.values(reference.joinOn ?? {})) checkIdentifier(column, `${path}.joinOn`, problems);
  if (view === null || catalog.isBroken('views', view.name)) return;
  const keys = Object.keys(view.key);
  for (const joinKey of Object.keys(reference.joinOn ?? {})) {
    if (!keys.includes(joinKey)) problems.addUnknown(`${path}.joinOn.${joinKey}`, 'join key', joinKey, keys);
  }
  if (reference.maxAge !== undefined && view.features.some((feature) => 'window' in feature)) {
    problems.add(`${path}.maxAge`, 'does not apply to aggregates', { remedy: 'Aggregates never expire: remove it.' });
  }
  if (reference.maxAge !== undefined && tryParseDuration(reference.maxAge) === 0) {
    problems.add(`${path}.maxAge`, 'is zero', { expected: 'a duration above zero', remedy: 'Leave it out.' });
  }
  checkChosen(reference, view.features, place);
}

function checkChosen(
  reference: ViewReference,
  features: readonly { readonly name: string }[],
  { path, problems }: ReferencePlace,
): void {
  if (reference.features === undefined) return;
  checkUnique(reference.features, `${path}.features`, problems);
  if (reference.features.length === 0)
    problems.add(`${path}.features`, 'are empty', { remedy: 'Leave them out for all.' });
  if (reference.version !== undefined) return;
  const names = features.map(({ name }) => name);
  for (const name of reference.features) {
    if (!names.includes(name)) problems.addUnknown(`${path}.features`, `feature of ${reference.view}`, name, names);
  }
}

export function validateService(service: FeatureServiceDefinition, catalog: Catalog, problems: Problems): void {
  const path = `services.${service.name}`;
  const columns: { readonly field: Field; readonly role: string }[] = [];
  checkUnique(service.features.map(aliasOf), `${path}.features`, problems);
  if (service.features.length === 0) problems.add(`${path}.features`, 'are empty', { expected: 'at least one view' });
  service.features.forEach((reference, index) => {
    const place = { path: `${path}.features[${index}]`, catalog, problems };
    if (catalog.has('onDemandViews', reference.view)) {
      validateOnDemandReference(reference, place);
      const view = catalog.find('onDemandViews', reference.view, place)!;
      columns.push(...view.request.map((field) => ({ field, role: `request input of ${view.name}` })));
      columns.push(...view.from.flatMap((from) => joinFields(from, catalog)));
    } else if (!catalog.isBroken('onDemandViews', reference.view)) {
      validateViewReference(reference, place);
      columns.push(...joinFields(reference, catalog));
    }
  });
  checkColumns(columns, path, problems);
}

function validateOnDemandReference(reference: ViewReference, place: ReferencePlace): void {
  const view = place.catalog.find('onDemandViews', reference.view, place)!;
  for (const setting of ['alias', 'joinOn', 'maxAge'] as const) {
    if (reference[setting] === undefined) continue;
    place.problems.add(`${place.path}.${setting}`, 'does not apply to an on-demand view', { remedy: 'Remove it.' });
  }
  if (!place.catalog.isBroken('onDemandViews', view.name)) checkChosen(reference, view.features, place);
}

function joinFields(
  reference: ViewReference,
  catalog: Catalog,
): readonly { readonly field: Field; readonly role: string }[] {
  const ignored = { path: '', problems: createProblems() };
  const view = catalog.find('views', reference.view, ignored);
  const entity = view?.entity === undefined ? null : catalog.find('entities', view.entity, ignored);
  return (entity?.key ?? []).map(({ name, type }) => ({
    field: { name: reference.joinOn?.[name] ?? name, type },
    role: `join key of ${aliasOf(reference)}`,
  }));
}

/** One spine or request column has one type, whoever reads it. */
function checkColumns(
  columns: readonly { readonly field: Field; readonly role: string }[],
  path: string,
  problems: Problems,
): void {
  const first = new Map<string, (typeof columns)[number]>();
  for (const column of columns) {
    const earlier = first.get(column.field.name) ?? column;
    first.set(column.field.name, earlier);
    if (sameType(earlier.field.type, column.field.type)) continue;
    problems.add(`${path}.features`, `the column "${column.field.name}" is read with two types`, {
      expected: `${typeText(earlier.field.type)}, as ${earlier.role}`,
      got: `${typeText(column.field.type)}, as ${column.role}`,
      remedy: 'Rename the request input, or join on another column.',
    });
  }
}
