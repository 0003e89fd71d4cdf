import { type Catalog, checkFields, checkName, checkUnique, createCatalog } from './catalog.ts';
import type {
  Definitions,
  EntityDefinition,
  FeatureServiceDefinition,
  OnDemandViewDefinition,
  SourceDefinition,
} from './model.ts';
import type { Problems } from './problems.ts';
import { validateFunction } from './validate-function.ts';
import { validateOnDemandView, validateService } from './validate-references.ts';
import { validateView } from './validate-view.ts';
import { identityKinds, typeText } from './value-types.ts';

/**
 * Checks what the form alone cannot: names, references, types, windows. Adds every problem that it finds. What
 * `isSettled` was checked when it was registered, and may read what newer definitions no longer have.
 */
export function validateDefinitions(
  definitions: Definitions,
  problems: Problems,
  isSettled: (one: OnDemandViewDefinition | FeatureServiceDefinition) => boolean = () => false,
): void {
  const catalog: Catalog = createCatalog(definitions, problems);
  checkAllNames(definitions, problems);
  for (const one of definitions.functions) validateFunction(one, problems);
  for (const entity of definitions.entities) validateEntity(entity, problems);
  for (const source of definitions.sources) validateSource(source, problems);
  for (const view of definitions.views) validateView(view, catalog, problems);
  for (const view of definitions.onDemandViews) if (!isSettled(view)) validateOnDemandView(view, catalog, problems);
  for (const service of definitions.services) if (!isSettled(service)) validateService(service, catalog, problems);
}

function checkAllNames(definitions: Definitions, problems: Problems): void {
  const { entities, sources, views, onDemandViews, services, functions } = definitions;
  for (const [kind, members] of Object.entries({ entities, sources, views, onDemandViews, services, functions })) {
    for (const { name } of members) checkName(name, `${kind}.${name}`, problems);
  }
  const names = (members: readonly { readonly name: string }[]) => members.map(({ name }) => name);
  checkUnique(names(entities), 'entities', problems);
  checkUnique(names(sources), 'sources', problems);
  // One namespace: services and lineage refer to both kinds of view by name alone.
  checkUnique([...names(views), ...names(onDemandViews)], 'views', problems);
  checkUnique(
    services.map(({ name, version }) => `${name} version ${version}`),
    'services',
    problems,
  );
  checkUnique(
    functions.map(({ name, version }) => `${name} version ${version}`),
    'functions',
    problems,
  );
}

function validateEntity(entity: EntityDefinition, problems: Problems): void {
  const path = `entities.${entity.name}`;
  checkFields(entity.key, `${path}.key`, problems);
  if (entity.key.length === 0) {
    problems.add(`${path}.key`, 'is empty', {
      expected: 'at least one join key',
      remedy: 'For features without a key leave the entity out of the view.',
    });
  }
  for (const { name, type } of entity.key) {
    if (identityKinds.includes(type.kind)) continue;
    problems.add(`${path}.key.${name}`, 'cannot be a join key', {
      expected: identityKinds.join(', '),
      got: typeText(type),
    });
  }
  if (entity.plural !== undefined) checkName(entity.plural, `${path}.plural`, problems);
}

function validateSource(source: SourceDefinition, problems: Problems): void {
  const path = `sources.${source.name}`;
  checkFields(source.fields, `${path}.fields`, problems);
  const isEvents = source.kind === 'events';
  const times = isEvents
    ? { eventTime: source.eventTime, arrival: source.arrival }
    : { eventTime: source.eventTime, createdTime: source.createdTime };
  for (const [role, column] of Object.entries(times)) checkRole(source, { role, column, type: 'timestamp' }, problems);
  if (!isEvents) {
    checkRole(source, { role: 'deleted', column: source.deleted, type: 'bool' }, problems);
    if (source.createdTime !== undefined && source.eventTime === undefined) {
      problems.add(`${path}.createdTime`, 'needs an event time', { remedy: 'Declare eventTime, or leave it out.' });
    }
    return;
  }
  const id = source.fields.find(({ name }) => name === source.eventId);
  if (source.eventId !== undefined && id === undefined) {
    problems.addUnknown(
      `${path}.eventId`,
      'column',
      source.eventId,
      source.fields.map(({ name }) => name),
    );
  } else if (id !== undefined && !identityKinds.includes(id.type.kind)) {
    problems.add(`${path}.eventId`, 'cannot name an event', {
      expected: identityKinds.join(', '),
      got: typeText(id.type),
    });
  }
}

/** A time or tombstone column need not be among the fields; where it is, its type must fit its role. */
function checkRole(
  source: SourceDefinition,
  { role, column, type }: { readonly role: string; readonly column: string | undefined; readonly type: string },
  problems: Problems,
): void {
  const field = source.fields.find(({ name }) => name === column);
  if (field === undefined || field.type.kind === type) return;
  problems.add(`sources.${source.name}.${role}`, 'has the wrong type', {
    expected: `${type}, because ${field.name} is the source's ${role}`,
    got: typeText(field.type),
  });
}
