import type { CompiledOnDemandView, CompiledService, CompiledSource, CompiledView } from '../definitions/compiled.ts';
import type { Definitions, EntityDefinition, UserFunctionDefinition, ViewReference } from '../definitions/model.ts';
import type { CompiledRegistry } from '../definitions/registry-view.ts';
import { AsofError } from '../errors/asof-error.ts';
import { type UserFunctionScope, userFunctionScope } from '../expressions/user-functions.ts';
import type { RegistrySnapshot } from '../ports/registry-store.ts';
import type { CallFunction, UserFunctions } from '../ports/user-functions.ts';
import { compileService, type References } from './compile-service.ts';
import { compileSource, compileView, keepingUncreated } from './compile-view.ts';
import { hashOf, viewMeaning } from './meaning.ts';
import { createReferences } from './references.ts';
import { versionsOf } from './register.ts';
import { type History, historyOf, retiredNames, type VersionOf } from './snapshot.ts';

/**
 * One revision of the registry, ready to serve: every version of every view compiled against the source and entity
 * it was registered with. BAD_DEFINITION when a stored definition does not fit its parts.
 *
 * @param engine null where no user's function is registered
 */
export function compileRegistry(snapshot: RegistrySnapshot, engine: UserFunctions | null = null): CompiledRegistry {
  const functions = compileFunctions(historyOf(snapshot, 'function'), engine);
  const entities = historyOf(snapshot, 'entity');
  const sources = compileSources(historyOf(snapshot, 'source'));
  const views = compileViews(historyOf(snapshot, 'view'), { entities, sources, functions });
  const split = splitRetired(views, retiredNames(snapshot, 'view'));
  const keepers = new Set(
    [...split.views.values()].flatMap((versions) =>
      versions.filter(({ source }) => source.keepsUncreated === true).map(({ source }) => source.name),
    ),
  );
  const onDemandHistory = historyOf(snapshot, 'onDemandView');
  const references = createReferences(views, onDemandHistory, functions);
  return {
    revision: snapshot.revision,
    entities: current(entities, retiredNames(snapshot, 'entity'), ({ definition }) => definition),
    sources: current(sources, retiredNames(snapshot, 'source'), (source) =>
      keepers.has(source.name) ? keepingUncreated(source) : source,
    ),
    ...split,
    onDemandViews: compileOnDemandViews(onDemandHistory, retiredNames(snapshot, 'onDemandView'), references),
    services: compileServices(historyOf(snapshot, 'service'), retiredNames(snapshot, 'service'), references),
  };
}

/**
 * As if these definitions were all that was ever registered: everything is version 1, and references that are pinned
 * to a version mean that one.
 */
export function compileDefinitions(definitions: Definitions, engine: UserFunctions | null = null): CompiledRegistry {
  const versions = versionsOf(unpinned(definitions), '1970-01-01T00:00:00.000Z');
  return compileRegistry({ revision: 1, versions, retired: [] }, engine);
}

function unpinned(definitions: Definitions): Definitions {
  const unpin = ({ version: _, ...reference }: ViewReference): ViewReference => reference;
  return {
    ...definitions,
    onDemandViews: definitions.onDemandViews.map((view) => ({ ...view, from: view.from.map(unpin) })),
    services: definitions.services.map((service) => ({ ...service, features: service.features.map(unpin) })),
  };
}

function current<From, To>(
  history: ReadonlyMap<string, readonly From[]>,
  retired: ReadonlySet<string>,
  pick: (newest: From) => To,
): ReadonlyMap<string, To> {
  const found = new Map<string, To>();
  for (const [name, versions] of history) if (!retired.has(name)) found.set(name, pick(versions.at(-1)!));
  return found;
}

function splitRetired(
  views: ReadonlyMap<string, readonly CompiledView[]>,
  retired: ReadonlySet<string>,
): Pick<CompiledRegistry, 'views' | 'retiredViews'> {
  const entries = [...views];
  return {
    views: new Map(entries.filter(([name]) => !retired.has(name))),
    retiredViews: new Map(entries.filter(([name]) => retired.has(name))),
  };
}

/** Every version is prepared, so that a source which is no pure function is refused even if nothing calls it yet. */
function compileFunctions(history: History<'function'>, engine: UserFunctions | null): UserFunctionScope {
  const calls = new Map<UserFunctionDefinition, CallFunction>();
  for (const { name, definition } of [...history.values()].flat()) {
    if (engine === null) throw new AsofError('INTERNAL', `there is no engine for the function ${name}`);
    calls.set(definition, engine.prepare(definition));
  }
  return userFunctionScope([...calls.keys()], (definition) => calls.get(definition)!);
}

function compileSources(history: History<'source'>): ReadonlyMap<string, readonly CompiledSource[]> {
  return new Map([...history].map(([name, versions]) => [name, versions.map((one) => compileSource(one.definition))]));
}

interface ViewSurroundings {
  readonly entities: History<'entity'>;
  readonly sources: ReadonlyMap<string, readonly CompiledSource[]>;
  readonly functions: UserFunctionScope;
}

function compileViews(
  history: History<'view'>,
  surroundings: ViewSurroundings,
): ReadonlyMap<string, readonly CompiledView[]> {
  return new Map(
    [...history].map(([name, versions]) => [name, versions.map((one) => compileRegistered(one, surroundings))]),
  );
}

/**
 * A version does not say which version of its source and entity it was made with, but its hash does: the newest pair
 * that gives the hash has the same meaning. A hash that nothing gives (written by another release) takes the newest.
 */
function compileRegistered(one: VersionOf<'view'>, { entities, sources, functions }: ViewSurroundings): CompiledView {
  const { definition, version, hash } = one;
  const sourceVersions = (sources.get(definition.source) ?? []).toReversed();
  const entityVersions: readonly (EntityDefinition | null)[] =
    definition.entity === undefined
      ? [null]
      : (entities.get(definition.entity) ?? []).map((registered) => registered.definition).toReversed();
  const pairs = sourceVersions.flatMap((source) => entityVersions.map((entity) => ({ source, entity })));
  const [newest] = pairs;
  if (newest === undefined) {
    throw new AsofError('CORRUPT', 'its source or entity is not registered', {
      path: `views.${definition.name}`,
      expected: [definition.source, definition.entity].filter((name) => name !== undefined).join(' and '),
      remedy: 'Apply the definitions again.',
    });
  }
  const registeredWith =
    pairs.length === 1
      ? newest
      : pairs.find(({ source, entity }) => hashOf(viewMeaning(definition, entity, source.definition)) === hash);
  return compileView({ definition, version, hash, functions, ...(registeredWith ?? newest) });
}

function compileOnDemandViews(
  history: History<'onDemandView'>,
  retired: ReadonlySet<string>,
  references: References,
): ReadonlyMap<string, CompiledOnDemandView> {
  return current(history, retired, ({ name, version }) => {
    const reference: ViewReference = { view: name, version };
    return references.onDemandView(reference, `onDemandViews.${name}`)!;
  });
}

function compileServices(
  history: History<'service'>,
  retired: ReadonlySet<string>,
  references: References,
): ReadonlyMap<string, readonly CompiledService[]> {
  const services = new Map<string, readonly CompiledService[]>();
  for (const [name, versions] of history) {
    if (!retired.has(name))
      services.set(
        name,
        versions.map((one) => compileService(one.definition, references)),
      );
  }
  return services;
}
